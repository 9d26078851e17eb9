"""A line dragged, a conflict settled, a bar clicked, a contact looked at: in a real JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path

from notebooks.lab import Lab
from tests.browser.chromium import Page
from tests.browser.lab.bench import open_notebook, settle, shoot
from tests.browser.widget_page import click, drag
from tests.notebook_runs import emails_in
from toolkit.app.config import load_config
from toolkit.app.home import Home
from toolkit.sandbox.serve import Sandbox

Place = tuple[Path, Sandbox]


async def text_of(page: Page, selector: str) -> str:
    return str(await page.tells(f"document.querySelector({json.dumps(selector)})?.innerText"))


async def test_contact_is_looked_at_and_nothing_of_it_is_saved_with_the_notebook(
    lab: Lab, tmp_path: Path
) -> None:
    async with open_notebook(lab, "01_explore.ipynb", tmp_path / "profile") as page:
        await settle(page)
        await click(page, '.ag-root-wrapper [row-index="1"] [col-id="name"]')
        name = await text_of(page, '[row-index="1"] [col-id="name"]')
        await page.waits_for(
            f"[...document.querySelectorAll('.htg h2')].some((one) => "
            f"one.innerText.includes({json.dumps(name.strip())}))"
        )
        await shoot(page, "01_explore_contact")
        await page.tells("window.jupyterapp.commands.execute('docmanager:save')")
        await page.waits_for("!window.jupyterapp.shell.currentWidget.context.model.dirty")
        saved = lab.home / "notebooks" / "01_explore.ipynb"

        assert json.loads(saved.read_text("utf-8"))["cells"][1]["outputs"]
        assert emails_in(saved) == []


async def test_line_is_dragged_seen_and_saved_with_the_settings_own_words(
    lab: Lab, place: Place, tmp_path: Path
) -> None:
    settings = place[0] / "hightonic.yaml"
    before = settings.read_text("utf-8")
    async with open_notebook(lab, "03_mapping.ipynb", tmp_path / "profile") as page:
        await settle(page)
        await click(page, ".map-tab")  # JupyterLab scrolls to a cell when it is first touched
        source, target = await find_free(page)
        ends = (
            f".map-field[data-side=highlevel][data-name='{source}']",
            f".map-field[data-side=timetonic][data-name='{target}']",
        )
        # Near its edge the list scrolls by itself while one drags.
        await page.tells(
            f"document.querySelector({json.dumps(ends[0])}).scrollIntoView({{block: 'center'}})"
        )
        await drag(page, *ends)
        await page.waits_for("!!document.querySelector('.map-chip.is-changed')")
        await shoot(page, "03_mapping_dragged")

        assert settings.read_text("utf-8") == before

        await page.clicks("button", "Save 1 change")
        await page.clicks("button:not([disabled])", "Save to hightonic.yaml")
        await page.waits_for("!document.querySelector('.map-chip.is-changed')")
        await shoot(page, "03_mapping_saved")
    after = settings.read_text("utf-8")
    try:
        mapping = load_config(Home(place[0]).config_path).get_connection(None).mapping
        fields = next(iter(mapping.kinds.values())).fields
        lines = {(each.highlevel, each.timetonic) for each in fields}

        assert ((source,), target) in lines
        assert comments(after) >= comments(before)
    finally:
        settings.write_text(before, encoding="utf-8")


def comments(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip().startswith("#")}


async def find_free(page: Page) -> tuple[str, str]:
    """A field of each side that no line reaches, called the same on both."""
    found: list[dict[str, str]] = []
    for side in ("highlevel", "timetonic"):
        free = f".map-field[data-side={side}]:not(.is-mapped)"
        found.append(
            await page.tells(
                f"Object.fromEntries([...document.querySelectorAll('{free}')].map((one) =>"
                "[one.querySelector('b').innerText, one.dataset.name]))"
            )
        )
    title = min(found[0].keys() & found[1].keys())
    return found[0][title], found[1][title]


async def test_conflict_is_settled_side_by_side(lab: Lab, place: Place, tmp_path: Path) -> None:
    rows = place[1].timetonic.state.rows
    async with open_notebook(lab, "04_sync.ipynb", tmp_path / "profile") as page:
        await page.clicks("[data-tab=conflicts]")
        await page.waits_for("document.querySelectorAll('[data-conflict]').length === 3")
        await shoot(page, "04_sync_conflicts")
        chosen = await text_of(page, "[data-conflict] [data-choice=timetonic]")
        other = await text_of(page, "[data-conflict] [data-choice=highlevel]")
        await page.tells(
            "document.querySelector('[data-conflict] [data-choice=highlevel]').click()"
        )
        await page.clicks("button", "Settle 1 field")
        await page.sees("resolve done")
        await page.waits_for("document.querySelector('.htg').dataset.working === 'no'")
        phones = [row["Phone"] for row in rows("Contacts").values()]

        assert other.strip() in phones
        assert chosen.strip() not in phones

        await page.clicks("button", "Preview")
        await page.waits_for(
            "document.querySelector('.htg').dataset.working === 'no'", timeout_s=30
        )
        await shoot(page, "04_sync_plan")
        await page.clicks("[data-tab=runs]")
        await page.waits_for("document.querySelectorAll('tbody tr').length >= 6")
        await shoot(page, "04_sync_runs")


async def test_bar_that_is_clicked_filters_the_explorer_below_it(
    lab: Lab, tmp_path: Path
) -> None:
    async with open_notebook(lab, "05_dashboard.ipynb", tmp_path / "profile") as page:
        await settle(page)
        await page.waits_for("document.querySelectorAll('[data-filter]').length > 3")
        await page.waits_for("/\\d/.test(document.querySelector('.htg-count')?.innerText)")
        every = await text_of(page, ".htg-count")
        await page.tells(
            "document.querySelector('[data-filter]')"
            ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
        )
        await page.sees("The explorer shows")
        await page.waits_for(
            f"document.querySelector('.htg-count').innerText !== {json.dumps(every)}"
        )
        await settle(page)
        few = await text_of(page, ".htg-count")
        await shoot(page, "05_dashboard_filtered", at=".htg-count")

        assert few.endswith(("contacts", "contact"))
        assert int(few.split()[0].replace(",", "")) < int(every.split()[0].replace(",", ""))
