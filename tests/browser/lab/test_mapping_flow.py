"""The third notebook in a real JupyterLab: a line is dragged, planned, saved; a rule is built."""

from __future__ import annotations

from pathlib import Path

from notebooks.lab import Lab
from tests.browser.lab.bench import open_notebook, shoot
from tests.browser.widget_page import click, drag
from toolkit.sandbox.serve import Sandbox

_HIGH, _TIME = "[data-side=highlevel]", "[data-side=timetonic]"


async def test_line_is_dragged_and_saved_and_rules_know_the_field(
    lab: Lab, place: tuple[Path, Sandbox], tmp_path: Path
) -> None:
    home, sandbox = place
    settings = home / "hightonic.yaml"
    before, writes = settings.read_text("utf-8"), sandbox.recorder.count(is_write=True)
    async with open_notebook(lab, "03_mapping.ipynb", tmp_path / "profile") as page:
        await page.sees("read just now")
        await page.types("input[aria-label='Search HighLevel fields']", "website")
        await page.types("input[aria-label='Search TimeTonic fields']", "website")
        await drag(page, f"{_HIGH}[data-name=website]", f"{_TIME}[data-name=Website]")
        await page.sees("Website ↔ Website")
        await page.sees("all can be read and written")
        await shoot(page, "mapping-dragged")
        assert settings.read_text("utf-8") == before

        await page.clicks(".htg-button", "Plan")
        await page.sees("What the next sync would do")
        await page.clicks(".map-pane .htg-button", "Save to hightonic.yaml")
        await page.sees("Saved: 1 change in hightonic.yaml")
        assert "website" in settings.read_text("utf-8")
        assert sandbox.recorder.count(is_write=True) == writes

        await click(page, ".jupyter-widget-tab .lm-TabBar-tab:nth-child(2)")
        await page.sees("Recipes: ready-made")
        await page.clicks(".htg-button", "New rule")
        await page.sees("A contact came to be")
        fields = (
            "[...document.querySelectorAll('select[aria-label=\"Add a condition\"]')].length"
        )
        assert await page.tells(fields) == 1
        await shoot(page, "mapping-rules")
        await page.clicks(".htg-button", "Take the last save back")
        await page.sees("as it was before the last save")
    assert settings.read_text("utf-8") == before
