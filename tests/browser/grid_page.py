"""The built grid in a plain page: a kernel over HTTP instead of Jupyter's sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from notebooks.widgets.grid_talk import Answer, GridTalk
from tests.browser.chromium import Page

_CELL = '.htg [row-index="{row}"] [col-id="{column}"]'
_PAGE = """<!doctype html><meta charset="utf-8"><title>grid</title>
<style>body{margin:16px;font-family:sans-serif}body[data-jp-theme-light=false]{background:#12151a}</style>
<body data-jp-theme-light="THEME"><div id="cell"></div>
<script type="module">
import widget from "/grid.js";
const hearers = new Set();
const hear = ({content, block}) => {
  const buffers = block === null ? [] : [new DataView(new TextEncoder().encode(block).buffer)];
  for (const each of hearers) each(content, buffers);
};
const post = async (path, body) => hear(await (await fetch(path, {method: "POST", body})).json());
const model = {
  get: (name) => ({height_px: 480})[name],
  on: (_, each) => hearers.add(each),
  off: (_, each) => hearers.delete(each),
  send: async (content) => {
    await post("/ask", JSON.stringify(content));
    if (content.kind === "open") post("/warm", "");
  },
};
widget.render({model, el: document.getElementById("cell")});
</script>"""


def _said(answer: Answer) -> web.Response:
    block = None if answer.block is None else answer.block.decode()
    return web.json_response({"content": answer.content, "block": block})


@asynccontextmanager
async def serve_grid(talk: GridTalk, bundle: Path) -> AsyncIterator[str]:
    """The page's address; `?dark` shows it dark.

    Args:
        talk: Answers the page.
        bundle: The built page half.
    """

    async def page(request: web.Request) -> web.Response:
        theme = "false" if "dark" in request.query else "true"
        return web.Response(text=_PAGE.replace("THEME", theme), content_type="text/html")

    async def script(_: web.Request) -> web.Response:
        return web.Response(text=bundle.read_text("utf-8"), content_type="text/javascript")

    async def ask(request: web.Request) -> web.Response:
        message = await request.json()
        return _said(await asyncio.to_thread(talk.answer, message))

    async def warm(_: web.Request) -> web.Response:
        return _said(await asyncio.to_thread(talk.warm))

    app = web.Application()
    app.add_routes(
        [
            web.get("/", page),
            web.get("/grid.js", script),
            web.post("/ask", ask),
            web.post("/warm", warm),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


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
