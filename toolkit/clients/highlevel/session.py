"""One location's conversation with HighLevel: token, version, pace, retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.clients.highlevel.protocol import V3, build_request, decipher_answer
from toolkit.errors import CredentialsError

if TYPE_CHECKING:
    from toolkit.clients.highlevel.protocol import Call
    from toolkit.clients.highlevel.tokens import TokenProvider
    from toolkit.clients.http import HttpCore, Request
    from toolkit.clients.retrying import RetryPolicy

T = TypeVar("T")


class Session:
    """Runs calls; shared by all resources of one client.

    Args:
        core: Sends.
        tokens: Asked before every try.
        location_id: Fills paths, queries and bodies.
        version: `Version` header, such as `2021-07-28` or `v3`.
        retry: When to try again.
    """

    def __init__(
        self,
        core: HttpCore,
        *,
        tokens: TokenProvider,
        location_id: str,
        version: str,
        retry: RetryPolicy,
    ) -> None:
        self.core = core
        self.location_id = location_id
        self.version = version
        self._tokens = tokens
        self._retry = retry

    @property
    def is_v3(self) -> bool:
        """Whether the v3 spellings are written."""
        return self.version == V3

    async def run(self, call: Call[T]) -> T:
        """The value HighLevel answers to `call`.

        Raises:
            VendorError: The leaf that says what to do next, after the tries are used up.
        """

        async def attempt() -> T:
            token = await self._tokens.token()
            try:
                return await self._try_once(call, token)
            except CredentialsError:
                other = await self._tokens.renewed(token)
                if other is None:
                    raise
                return await self._try_once(call, other)

        return await self._retry.run(
            attempt, is_read=call.operation.is_read, clock=self.core.clock
        )

    async def _try_once(self, call: Call[T], token: str) -> T:
        answer = await self.core.send(self.request_for(call, token))
        return decipher_answer(answer, call)

    def request_for(self, call: Call[Any], token: str) -> Request:
        """The request as it would be sent."""
        return build_request(
            call, token=token, version=self.version, location_id=self.location_id
        )
