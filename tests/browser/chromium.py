"""A headless Chromium, driven over its own DevTools protocol: no driver package is needed."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    # Nothing is reached but this machine, and the browser asks for nothing by itself.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pings",
)
_HOME = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
_START_S = 20.0


class Page:
    """One tab. What it is asked is JavaScript; what it answers is JSON.

    Attributes:
        complaints: What its scripts failed with.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._lock = asyncio.Lock()
        self.complaints: list[str] = []
        self._asked: dict[str, str] = {}

    async def send(self, method: str, **parameters: Any) -> Any:
        """One DevTools command; returns its result."""
        async with self._lock:
            number = next(self._numbers)
            await self._socket.send_json({"id": number, "method": method, "params": parameters})
            while True:
                said = await self._socket.receive_json(timeout=_START_S)
                self._hear(said)
                if said.get("id") == number:
                    assert "error" not in said, said
                    return said["result"]

    def _hear(self, said: dict[str, Any]) -> None:
        """What the tab tells by itself."""
        method, told = said.get("method"), said.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:400])
        elif method == "Network.requestWillBeSent":
            self._note(told["requestId"], told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self._note(told["requestId"], told["url"])
        elif method == "Network.loadingFailed" and told.get("blockedReason") == "csp":
            # The page's own policy forbade it: it was never sent.
            self._asked.pop(told["requestId"], None)

    def _note(self, request_id: str, url: str) -> None:
        if not url.startswith(_HOME):
            self._asked[request_id] = url

    @property
    def outside(self) -> list[str]:
        """Addresses it asked for that are not on this machine."""
        return list(self._asked.values())

    async def goes_to(self, url: str) -> None:
        """Open an address."""
        await self.send("Page.navigate", url=url)

    async def tells(self, script: str) -> Any:
        """The value of an expression."""
        answer = await self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def waits_for(self, script: str, *, timeout_s: float = 10.0) -> Any:
        """Wait until an expression is true; returns its value."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (value := await self.tells(f"(() => {script})()")):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            shown = await self.tells("document.body?.innerText")
            raise AssertionError(f"never true: {script}\nshown:\n{shown}") from None
        return value

    async def sees(self, text: str) -> None:
        """Wait until a text is to be read on the page."""
        await self.waits_for(f"document.body?.innerText.includes({json.dumps(text)})")

    async def clicks(self, selector: str, text: str = "") -> None:
        """Click what fits a selector and holds a text, once it is there."""
        find = (
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".filter((one) => one.innerText.includes({json.dumps(text)}))"
        )
        await self.waits_for(f"{find}.length")
        await self.tells(f"{find}.at(-1).click()")

    async def types(self, selector: str, text: str) -> None:
        """Type into a field, then leave it."""
        field = f"document.querySelector({json.dumps(selector)})"
        await self.waits_for(f"{field} !== null")
        await self.tells(f"{field}.focus(); {field}.select && {field}.select()")
        await self.send("Input.insertText", text=text)
        await self.tells(f"{field}.blur()")

    async def size(self, width: int, height: int = 900) -> None:
        """Look at the page at this width, in CSS pixels."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def picture(self) -> bytes:
        """The page as a PNG."""
        answer = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])


@asynccontextmanager
async def open_page(profile: Path) -> AsyncIterator[Page]:
    """A tab in a fresh browser that ends with the block.

    Args:
        profile: An empty directory for what the browser writes.
    """
    assert PROGRAM
    browser = await asyncio.create_subprocess_exec(
        PROGRAM,
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _read_port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"http://127.0.0.1:{port}/json")
            tabs = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(
                tabs[0]["webSocketDebuggerUrl"], max_msg_size=0
            ) as socket:
                page = Page(socket)
                await page.send("Page.enable")
                await page.send("Runtime.enable")
                await page.send("Network.enable")
                yield page
    finally:
        with suppress(ProcessLookupError):
            browser.kill()
        await browser.wait()


async def _read_port(file: Path) -> int:
    async with asyncio.timeout(_START_S):
        while True:
            with suppress(FileNotFoundError, IndexError, ValueError):
                return int(file.read_text().splitlines()[0])
            await asyncio.sleep(0.02)
