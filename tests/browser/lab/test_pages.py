"""The notebooks as pages of their own: `hightonic lab --app`, which is Voila."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebooks.lab import open_lab
from tests.browser.chromium import open_page
from tests.browser.lab.bench import PICTURES
from toolkit.cli.filled_sandbox import NAME
from toolkit.sandbox.serve import Sandbox


async def test_page_runs_by_itself_leads_on_to_the_next_and_asks_for_nothing_outside(
    place: tuple[Path, Sandbox], jupyter: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("voila", reason="pip install voila")
    with open_lab(place[0], connection=NAME, is_app=True, env=jupyter) as running:
        async with open_page(tmp_path / "profile") as page:
            await page.size(1280, 1000)
            await page.goes_to(running.url)
            shown = "document.querySelectorAll('.htg-chip').length > 5"
            await page.waits_for(shown, timeout_s=60)
            PICTURES.mkdir(parents=True, exist_ok=True)
            (PICTURES / "page-explore.png").write_bytes(await page.picture())
            code = await page.tells("document.body.innerText.includes('open_explorer')")
            await page.clicks("a", "Map fields")
            await page.waits_for(
                "document.title.includes('03_mapping')"
                "&& document.querySelector('.htg')?.innerText.includes('TimeTonic')",
                timeout_s=60,
            )

            assert code is False
            assert page.outside == []
            assert page.complaints == []
