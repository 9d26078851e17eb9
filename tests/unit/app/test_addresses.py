"""Which addresses may be called: what the settings say, and where a name really leads."""

import ipaddress
from pathlib import Path

import pytest

from toolkit.app.addresses import Address, check_address
from toolkit.app.config import read_config
from toolkit.errors import ConfigError, UseError


@pytest.mark.parametrize(
    ("url", "allow_private", "objection"),
    [
        ("https://example.com/hook?a=1", False, ""),
        ("https://example.com:8443/", False, ""),
        ("https://93.184.216.34/", False, ""),
        ("https://10.0.0.1/", True, ""),
        ("https://[fd00::1]/", True, ""),
        ("http://127.0.0.1:9000/", True, ""),
        ("http://localhost/", True, ""),
        ("http://[::1]/", True, ""),
        ("http://example.com/", True, "not encrypted"),
        ("http://10.0.0.1/", True, "not encrypted"),
        ("http://127.0.0.1/", False, "private network"),
        ("https://localhost/", False, "private network"),
        ("https://192.168.1.1/", False, "private network"),
        ("https://[::ffff:10.0.0.1]/", False, "private network"),
        ("https://169.254.169.254/latest", True, "nobody can be called"),
        ("https://0.0.0.0/", True, "nobody can be called"),
        ("https://224.0.0.1/", True, "nobody can be called"),
        ("ftp://example.com/", False, "is no address"),
        ("https://", False, "is no address"),
        ("example.com", False, "is no address"),
        ("https://user:pass@example.com/", False, "is no address"),
        ("https://example.com:99999/", False, "is no address"),
        ("https://[::1/", False, "is no address"),
    ],
)
def test_an_address_of_the_settings(url, allow_private, objection):
    address = Address("crm", url, allow_private)

    if not objection:
        check_address(address)
        return
    with pytest.raises(UseError, match=objection) as caught:
        check_address(address)
    assert "`crm`" in caught.value.happened
    assert "pass" not in caught.value.sentence


@pytest.mark.parametrize(
    ("ip", "allow_private", "objection"),
    [
        ("93.184.216.34", False, ""),
        ("10.1.2.3", True, ""),
        ("10.1.2.3", False, "private network"),
        ("127.0.0.1", False, "private network"),
        ("169.254.169.254", True, "nobody"),
        ("fe80::1", True, "nobody"),
        ("::", True, "nobody"),
    ],
)
def test_a_name_is_judged_by_where_it_leads(ip, allow_private, objection):
    address = Address("crm", "https://hook.example.com/", allow_private)

    said = address.objection_to(ipaddress.ip_address(ip))

    assert said == "" if not objection else objection in said
    assert (address.host, address.port) == ("hook.example.com", 443)


HEAD = """version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
    addresses:
"""


def read(lines):
    return read_config(HEAD + lines, Path("hightonic.yaml")).get_connection()


def test_the_settings_name_addresses_by_text_or_in_full():
    config = read(
        "      crm: https://example.com/a\n"
        "      own: {url: 'http://127.0.0.1/', allow_private: true}\n"
    )

    assert config.addresses == {
        "crm": Address("crm", "https://example.com/a"),
        "own": Address("own", "http://127.0.0.1/", allow_private=True),
    }


@pytest.mark.parametrize(
    ("line", "happened", "remedy"),
    [
        (
            "      crm: http://example.com\n",
            "`crm` is not called: it is not encrypted",
            "https",
        ),
        ("      crm: https://10.0.0.1\n", "private network", "allow_private: true"),
        ("      crm: nonsense\n", "`crm` is no address", "https://HOST/PATH"),
        ("      a b: https://example.com\n", "`a b` cannot name an address", "letters"),
        ("      crm: {url: 'https://a.com', privat: 1}\n", "`privat` is not", "allow_private"),
    ],
)
def test_a_wrong_address_is_refused_with_its_line(line, happened, remedy):
    with pytest.raises(ConfigError) as caught:
        read(line)

    assert happened in caught.value.happened
    assert remedy in caught.value.remedy
    assert caught.value.line == 7
