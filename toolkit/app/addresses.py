"""The addresses that rules may send to, and which of them are safe to call."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.app.config_schema import AddressSection
    from toolkit.app.config_source import Place

IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS: Final = {"http": 80, "https": 443}
_PRIVATE: Final = "it leads into this machine's or a private network"


@dataclass(frozen=True, slots=True)
class Address:
    """A receiver of messages.

    Attributes:
        name: As rules call it; the address itself appears in no event and no log.
        url: https, or http on this machine alone.
        allow_private: It may stand in a private network, or on this machine.
    """

    name: str
    url: str
    allow_private: bool = False

    @property
    def parts(self) -> SplitResult:
        """The address taken apart."""
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        """Whom to ask for; never empty."""
        return self.parts.hostname or ""

    @property
    def port(self) -> int:
        """Where to ask."""
        return self.parts.port or _PORTS[self.parts.scheme]

    def objection_to(self, ip: IP) -> str:
        """Why nothing is sent to this machine, in one clause; empty where it may be."""
        ip = getattr(ip, "ipv4_mapped", None) or ip
        # Clouds hand out keys at link-local addresses: no receiver of ours stands there.
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            return "nobody can be called there"
        if not ip.is_global and not self.allow_private:
            return _PRIVATE
        if self.parts.scheme == "http" and not ip.is_loopback:
            return "it is not encrypted (https)"
        return ""


def read_addresses(sections: Mapping[str, AddressSection], place: Place) -> dict[str, Address]:
    """The addresses of the settings, by name.

    Raises:
        ConfigError: One is no address, not encrypted, or private without saying so.
    """
    addresses = {}
    for name, section in sections.items():
        addresses[name] = Address(name, section.url, section.allow_private)
        try:
            check_address(addresses[name])
        except UseError as error:
            raise place.at(name).error(error.happened, error.remedy) from error
    return addresses


def check_address(address: Address) -> None:
    """Return where messages may be sent to it, as far as the text alone can tell.

    Raises:
        UseError: They may not.
    """
    try:
        is_whole = bool(address.host) and address.parts.scheme in _PORTS and address.port > 0
    except ValueError:
        is_whole = False
    if not is_whole or address.parts.username is not None:
        raise UseError(
            f"`{address.name}` is no address",
            remedy="Write https://HOST/PATH; keys belong in the signature, not in the address",
        )
    ip = _literal(address.host)
    if ip is None:
        objection = "it is not encrypted" if address.parts.scheme == "http" else ""
    else:
        objection = address.objection_to(ip)
    if objection:
        raise UseError(
            f"`{address.name}` is not called: {objection}", remedy=_remedy(objection)
        )


def _literal(host: str) -> IP | None:
    if host == "localhost":
        return ipaddress.IPv4Address("127.0.0.1")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _remedy(objection: str) -> str:
    if objection == _PRIVATE:
        return "Write {url: ..., allow_private: true} if that is meant"
    return "Write an https address"
