"""The grid's cells in a page, as a person meets them."""

from __future__ import annotations

import json

from tests.browser.chromium import Page

_CELL = '.htg [row-index="{row}"] [col-id="{column}"]'


async def click_cell(page: Page, row: int, column: str) -> None:
    """A true click, which focuses the cell as a person's does."""
    find = f"document.querySelector({json.dumps(_CELL.format(row=row, column=column))})"
    await page.waits_for(f"{find} !== null")
    spot = await page.tells(
        f"(() => {{ const at = {find}.getBoundingClientRect();"
        "return [at.x + 9, at.y + at.height / 2] })()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        await page.send(
            "Input.dispatchMouseEvent",
            type=kind,
            x=spot[0],
            y=spot[1],
            button="left",
            clickCount=1,
        )
