"""Any panel in a plain page: a kernel over HTTP instead of Jupyter's sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from notebooks.widgets.talk import OPEN, Answer, Talk
from tests.browser.chromium import Page

_PAGE = """<!doctype html><meta charset="utf-8"><title>panel</title>
<style>body{margin:16px;font-family:sans-serif}body[data-jp-theme-light=false]{background:#12151a}</style>
<body data-jp-theme-light="THEME"><div id="cell"></div>
<script type="module">
import widget from "/panel.js";
const hearers = new Set();
const hear = ({content, block}) => {
  const buffers = block === null ? [] : [new DataView(new TextEncoder().encode(block).buffer)];
  for (const each of hearers) each(content, buffers);
};
const model = {
  get: (name) => ({height_px: HEIGHT})[name],
  on: (_, each) => hearers.add(each),
  off: (_, each) => hearers.delete(each),
  send: async (content) => hear(await (await fetch("/ask", {method: "POST", body: JSON.stringify(content)})).json()),
};
const told = new EventSource("/told");
told.onmessage = (event) => hear(JSON.parse(event.data));
told.onopen = () => {
  if (window.shown) return;
  window.shown = true;
  widget.render({model, el: document.getElementById("cell")});
};
</script>"""


class _Told:
    """What the talk says first, for every page that listens."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queues: set[asyncio.Queue[Answer]] = set()

    def say(self, answer: Answer) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(lambda: [q.put_nowait(answer) for q in self._queues])

    async def stream(self, request: web.Request) -> web.StreamResponse:
        queue: asyncio.Queue[Answer] = asyncio.Queue()
        self._queues.add(queue)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": here\n\n")
        try:
            while True:
                said = json.dumps(_plain(await queue.get()))
                await response.write(f"data: {said}\n\n".encode())
        except ConnectionError:
            return response
        finally:
            self._queues.discard(queue)


def _plain(answer: Answer) -> dict[str, object]:
    block = None if answer.block is None else answer.block.decode()
    return {"content": answer.content, "block": block}


@asynccontextmanager
async def serve_talk(talk: Talk, bundle: Path, *, height_px: int = 480) -> AsyncIterator[str]:
    """The page's address; `?dark` shows it dark.

    Args:
        talk: Answers the page.
        bundle: The built page half.
        height_px: As the widget's.
    """
    told = _Told()
    talk.connect(told.say)

    async def page(request: web.Request) -> web.Response:
        theme = "false" if "dark" in request.query else "true"
        text = _PAGE.replace("THEME", theme).replace("HEIGHT", str(height_px))
        return web.Response(text=text, content_type="text/html")

    async def script(_: web.Request) -> web.Response:
        return web.Response(text=bundle.read_text("utf-8"), content_type="text/javascript")

    async def ask(request: web.Request) -> web.Response:
        message = await request.json()
        answer = await asyncio.to_thread(talk.answer, message)
        if message.get("kind") == OPEN:
            asyncio.get_running_loop().run_in_executor(None, talk.warm)
        return web.json_response(_plain(answer))

    app = web.Application()
    app.add_routes(
        [
            web.get("/", page),
            web.get("/panel.js", script),
            web.post("/ask", ask),
            web.get("/told", told.stream),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def click(page: Page, selector: str) -> None:
    """A true click in the middle of the first element that fits, which focuses as a person's."""
    x, y = await spot(page, selector)
    for kind in ("mousePressed", "mouseReleased"):
        await mouse(page, kind, x, y)


async def drag(page: Page, begin: str, end: str) -> None:
    """Press on one element, move in steps, let go on another."""
    (x, y), (to_x, to_y) = await spot(page, begin), await spot(page, end)
    await mouse(page, "mousePressed", x, y)
    for step in range(1, 9):
        await mouse(page, "mouseMoved", x + (to_x - x) * step / 8, y + (to_y - y) * step / 8)
    await mouse(page, "mouseReleased", to_x, to_y)


async def spot(page: Page, selector: str) -> tuple[float, float]:
    """The middle of the first element that fits, once it is there."""
    find = f"document.querySelector({json.dumps(selector)})"
    await page.waits_for(f"{find} !== null")
    found = await page.tells(
        f"(() => {{ const one = {find}; one.scrollIntoView({{block: 'nearest'}});"
        "const at = one.getBoundingClientRect();"
        "return [at.x + at.width / 2, at.y + at.height / 2] })()"
    )
    return found[0], found[1]


async def mouse(page: Page, kind: str, x: float, y: float) -> None:
    """One true mouse event; the left button."""
    held = 0 if kind == "mouseReleased" else 1
    await page.send(
        "Input.dispatchMouseEvent",
        type=kind,
        x=x,
        y=y,
        button="left",
        buttons=held,
        clickCount=1,
    )
