"""`hightonic connect highlevel --oauth`: to the consent page and back."""

from __future__ import annotations

import asyncio
import webbrowser
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from toolkit.app.oauth_connect import connecting, is_served, place_to_listen
from toolkit.cli.voice import note
from toolkit.server.callback import taking_back

if TYPE_CHECKING:
    from toolkit.app.oauth_consent import OAuthApp
    from toolkit.cli.place import Place


async def give_consent(
    place: Place, app: OAuthApp, *, create_fields: bool, is_browser_opened: bool
) -> list[str]:
    """Send a person to HighLevel, take them back, and connect; a sentence each.

    The service takes them back where one answers at the app's redirect address; else this
    process listens there until they have come.

    Raises:
        HightonicError: The consent failed, or its tokens do not open the location.
    """
    has_service = await is_served(app.redirect_uri)
    address = None if has_service else place_to_listen(app.redirect_uri)
    async with AsyncExitStack() as stack:
        begun = stack.enter_context(
            connecting(place.home, place.connection or "main", app, beside_service=has_service)
        )
        if address is not None:
            host, port = address
            await stack.enter_async_context(taking_back(begun.consent, host=host, port=port))
        note(f"Choose the location and agree on this page: {begun.page}")
        if is_browser_opened:
            await asyncio.to_thread(webbrowser.open, begun.page)
        await begun.wait()
        return await begun.finish(create_fields=create_fields)
