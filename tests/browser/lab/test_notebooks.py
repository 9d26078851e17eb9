"""Each notebook from top to bottom in a real JupyterLab: nothing fails, nothing leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebooks.lab import Lab
from notebooks.shelf import list_shipped
from tests.browser.lab.bench import open_notebook, settle, shoot
from tests.browser.widget_page import mouse


async def test_automations_stand_beside_the_mapping(lab: Lab, tmp_path: Path) -> None:
    async with open_notebook(lab, "03_mapping.ipynb", tmp_path / "profile") as page:
        await settle(page)
        tab = "[...document.querySelectorAll('.jp-OutputArea .lm-TabBar-tab')].at(-1)"
        spot = await page.tells(
            f"(() => {{ const at = {tab}.getBoundingClientRect();"
            "return [at.x + at.width / 2, at.y + at.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await mouse(page, kind, *spot)
        await page.sees("A new row in TimeTonic gets stage")
        await page.clicks("button", "Build a new rule")
        await settle(page)
        await shoot(page, "03_automations")


@pytest.mark.parametrize("name", [each.name for each in list_shipped()])
async def test_notebook_shows_its_panels_light_and_dark(
    lab: Lab, name: str, tmp_path: Path
) -> None:
    async with open_notebook(lab, name, tmp_path / "profile") as page:
        await page.waits_for(
            "document.querySelector('.htg')?.innerText.length > 40", timeout_s=30
        )
        await shoot(page, name.removesuffix(".ipynb"))

        assert not await page.tells(
            "[...document.querySelectorAll('.jp-CodeCell .jp-InputArea-editor')]"
            ".some((one) => one.offsetHeight > 40)"
        )
