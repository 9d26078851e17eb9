"""A notebook in a real JupyterLab, as a person sits before it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from notebooks.lab import Lab, lay_out
from tests.browser.chromium import Page, open_page

_ROOT = Path(__file__).resolve().parents[3]
PICTURES = Path(os.environ.get("HIGHTONIC_PICTURES") or _ROOT / "shots" / "lab")
WIDTHS = (1280, 1680)
_KERNEL_S = 60.0
_PANEL = "window.jupyterapp?.shell.currentWidget"
# "Idle" alone comes too early, and hidden cells show no number.
_ALL_RAN = f"""{_PANEL}.content.widgets.filter((one) => one.model.type === 'code')
.every((one) => one.model.executionCount && one.model.executionState === 'idle')"""
_STILL_READING = (
    "[...document.querySelectorAll('.htg-busy')].some((one) => one.offsetParent)"
    "|| [...document.querySelectorAll('.htg .ag-cell')].some((one) => one.innerText === '…')"
    # A grid counts its contacts with the first rows it is given.
    "|| [...document.querySelectorAll('.htg-count')].some((one) => one.innerText === '')"
    "|| [...document.querySelectorAll('.htg .ag-root-wrapper')]"
    ".some((one) => !one.querySelector('.ag-cell'))"
    "|| ![...document.querySelectorAll('.htg')].every((one) => one.innerText.trim())"
)
_ERRORS = (
    "[...document.querySelectorAll('.jp-OutputArea-output[data-mime-type*=error],"
    ".jp-OutputArea-output[data-mime-type*=stderr]')].map((one) => one.textContent.slice(0, 600))"
)


@asynccontextmanager
async def open_notebook(lab: Lab, name: str, profile: Path) -> AsyncIterator[Page]:
    """A notebook run from top to bottom, in a window and a kernel of its own.

    Nothing may have failed, and nothing may have been asked for outside of this machine.

    Args:
        lab: The server.
        name: Such as `01_explore.ipynb`.
        profile: An empty directory for what the browser writes.
    """
    shutil.rmtree(lab.home / "lab" / "workspaces", ignore_errors=True)
    lay_out(lab.home / "lab" / "workspaces")
    token = lab.url.split("token=")[1]
    async with open_page(profile) as page:
        await page.size(WIDTHS[0], 900)
        # JupyterLab knows a current notebook only while its window has the focus.
        await page.send("Emulation.setFocusEmulationEnabled", enabled=True)
        await page.goes_to(f"http://127.0.0.1:{lab.port}/lab/tree/{name}?token={token}")
        try:
            await run_all(page)
            yield page
            assert await page.tells(_ERRORS) == []
            assert page.outside == []
            assert page.complaints == [], page.complaints
        finally:
            PICTURES.mkdir(parents=True, exist_ok=True)
            (PICTURES / f"last-{name}.png").write_bytes(await page.picture())
            await page.tells("window.jupyterapp?.serviceManager.sessions.shutdownAll()")


async def run_all(page: Page) -> None:
    """Run > Run All Cells, once the kernel is there; waits until each cell has its number."""
    await page.waits_for(
        f"{_PANEL}?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout_s=_KERNEL_S,
    )
    await page.tells("window.jupyterapp.commands.execute('notebook:run-all-cells') && 1")
    await page.waits_for(_ALL_RAN, timeout_s=_KERNEL_S)
    await page.tells("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0")
    assert await page.tells(_ERRORS) == []


async def restart(page: Page) -> None:
    """A kernel that begins anew, whatever it was doing."""
    await page.tells(f"{_PANEL}.sessionContext.session.kernel.restart()")
    await page.tells(f"{_PANEL}.content.widgets.forEach((one) => one.model.clearExecution?.())")


async def set_theme(page: Page, name: str) -> None:
    """`JupyterLab Light` or `JupyterLab Dark`."""
    is_light = json.dumps("Dark" not in name).replace('"', "")
    change = json.dumps({"theme": name})
    await page.tells(f"window.jupyterapp.commands.execute('apputils:change-theme', {change})")
    await page.waits_for(f"document.body.dataset.jpThemeLight === '{is_light}'")


async def shoot(page: Page, name: str, *, at: str = "") -> None:
    """Pictures light and dark, narrow and wide, into ./shots/lab.

    Args:
        page: What to look at.
        name: Of the files.
        at: What shall be in the middle of it; the top of the notebook by default.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme in ("Light", "Dark"):
        await set_theme(page, f"JupyterLab {theme}")
        for width in WIDTHS:
            await page.size(width, 1000)
            await page.waits_for(f"innerWidth === {width}")
            await settle(page)
            if at:
                await page.tells(f"{_one(at)}.scrollIntoView({{block: 'center'}})")
            picture = await page.picture()
            (PICTURES / f"{name}-{theme.lower()}-{width}.png").write_bytes(picture)
    await set_theme(page, "JupyterLab Light")
    await page.size(WIDTHS[0], 900)


def _one(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"


async def settle(page: Page) -> None:
    """Until nothing is being read any more, so that a picture shows what a person sees."""
    await page.waits_for(f"!({_STILL_READING})", timeout_s=20)
    await page.tells("new Promise((next) => setTimeout(next, 400))")


async def press(page: Page, key: str, *, code: int, modifiers: int = 0) -> None:
    """One true key; modifiers as DevTools counts them: 1 alt, 2 control, 8 shift."""
    for kind in ("rawKeyDown", "keyUp"):
        await page.send(
            "Input.dispatchKeyEvent",
            type=kind,
            key=key,
            windowsVirtualKeyCode=code,
            modifiers=modifiers,
        )


async def enters(page: Page, text: str) -> None:
    """Type where the focus is, and Enter."""
    await page.send("Input.insertText", text=text)
    await press(page, "Enter", code=13)


async def paste(page: Page, text: str) -> None:
    """What the clipboard holds, into what has the focus."""
    await page.tells(
        "(() => { const data = new DataTransfer();"
        f"data.setData('text/plain', {json.dumps(text)});"
        "document.activeElement.dispatchEvent("
        "new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) })()"
    )
