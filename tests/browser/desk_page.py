"""Several panels in one plain page, as a notebook's boxes put them together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from notebooks.widgets.talk import OPEN, Talk
from tests.browser.widget_page import _plain, _Told

_PAGE = """<!doctype html><meta charset="utf-8"><title>desk</title>
<style>body{margin:16px;font-family:sans-serif}body[data-jp-theme-light=false]{background:#12151a}
#desk{display:flex;flex-flow:row wrap;gap:12px}#desk>div{min-width:0}</style>
<body data-jp-theme-light="THEME"><div id="desk"></div>
<script type="module">
const panels = PANELS;
const model = (panel, hearers) => ({
  get: (name) => ({height_px: panel.height_px})[name],
  on: (_, each) => hearers.add(each),
  off: (_, each) => hearers.delete(each),
  send: async (content) => {
    const answer = await fetch(`/${panel.name}/ask`, {method: "POST", body: JSON.stringify(content)});
    hear(hearers, await answer.json());
  },
});
const hear = (hearers, {content, block}) => {
  const buffers = block === null ? [] : [new DataView(new TextEncoder().encode(block).buffer)];
  for (const each of hearers) each(content, buffers);
};
for (const panel of panels) {
  const place = document.createElement("div");
  place.id = panel.name;
  place.style.flex = panel.flex;
  document.getElementById("desk").append(place);
  const hearers = new Set();
  const widget = (await import(`/${panel.name}/panel.js`)).default;
  await new Promise((resolve) => {
    const told = new EventSource(`/${panel.name}/told`);
    told.onmessage = (event) => hear(hearers, JSON.parse(event.data));
    told.onopen = resolve;
  });
  widget.render({model: model(panel, hearers), el: place});
}
</script>"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One panel of the page.

    Attributes:
        name: Id of the element it stands in.
        flex: CSS, as the boxes of a notebook set it.
    """

    name: str
    talk: Talk
    bundle: Path
    height_px: int = 480
    flex: str = "1 1 100%"


@asynccontextmanager
async def serve_desk(panels: Sequence[Shown]) -> AsyncIterator[str]:
    """The page's address; `?dark` shows it dark."""
    app = web.Application()
    for each in panels:
        _add(app, each)

    async def page(request: web.Request) -> web.Response:
        theme = "false" if "dark" in request.query else "true"
        listed = [
            {"name": each.name, "height_px": each.height_px, "flex": each.flex}
            for each in panels
        ]
        text = _PAGE.replace("THEME", theme).replace("PANELS", json.dumps(listed))
        return web.Response(text=text, content_type="text/html")

    app.add_routes([web.get("/", page)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def _add(app: web.Application, shown: Shown) -> None:
    told = _Told()
    shown.talk.connect(told.say)

    async def script(_: web.Request) -> web.Response:
        text = shown.bundle.read_text("utf-8")
        return web.Response(text=text, content_type="text/javascript")

    async def ask(request: web.Request) -> web.Response:
        message = await request.json()
        answer = await asyncio.to_thread(shown.talk.answer, message)
        if message.get("kind") == OPEN:
            asyncio.get_running_loop().run_in_executor(None, shown.talk.warm)
        return web.json_response(_plain(answer))

    app.add_routes(
        [
            web.get(f"/{shown.name}/panel.js", script),
            web.post(f"/{shown.name}/ask", ask),
            web.get(f"/{shown.name}/told", told.stream),
        ]
    )
