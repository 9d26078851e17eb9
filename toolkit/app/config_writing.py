"""New connections into `hightonic.yaml`, comments kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.app.config import HIGHLEVEL_URL, TIMETONIC_URL, Config, load_config, read_config
from toolkit.app.config_source import dump, parse, read_text, write_text
from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

_HEAD = """\
# hightonic: what is kept in step, and how. No key or password belongs in this file:
# `hightonic connect` asks for them and stores them encrypted.
version: 1

# One block per pair of a HighLevel location and a TimeTonic book. Besides the accounts it
# may hold the following; the values shown for `sync` are the defaults.
#
#     sync:
#       deletes: {from_highlevel: unlink, from_timetonic: unlink}  # or archive, delete
#       first_sync_winner: highlevel   # where both sides differ and no field policy decides
#       brakes: {delete_cap: 50}       # a plan that deletes more waits for approval
#       notes: {max_age_h: 24}
#       appointments: {past_days: 30, future_days: 90}
#     metrics: {enabled: true, won: [customer]}   # a row a day in the book's table Metrics
#     mapping: default                 # or the differences from it:
#     mapping:
#       contact:
#         table: Contacts
#         match_by: [email, phone]
#         without: [plan]
#         fields:
#           email: {on_conflict: highlevel}   # ask, highlevel, timetonic, newest, ...
#           job_title: {type: text, highlevel: custom.job_title, timetonic: Job title}
#           card: {type: template, template: "{{ name }} ({{ company }})", timetonic: Card}
#       appointment: {enabled: false}
#     calendar: {country: FR, closed: [2026-12-24]}   # for dates such as `+2 business days`
#     recipes: {welcome_tasks: true, stale_archive: {after_days: 180}}
#     segments: {vip: {all: [{field: lifecycle_stage, is: customer}, {tag: vip}]}}
#     rules:
#       - name: thank new VIPs
#         when: {trigger: contact_tagged, tags: [vip]}
#         if: {segment: vip}
#         then:
#           - create_task: {title: "Thank {{ name }}", due: "+2 business days"}
"""


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What `hightonic connect` learns before it writes the file.

    Attributes:
        base_url: HighLevel's address, where it is not the vendor's own.
        url: TimeTonic's address, where it is not the vendor's own.
    """

    name: str
    location_id: str
    user: str
    book_owner: str
    book_code: str
    base_url: str | None = None
    url: str | None = None


def new_config_text(connection: NewConnection | None = None) -> str:
    """A commented file with one connection, or with none yet.

    Raises:
        ConfigError: The connection's values cannot stand in the file.
    """
    text = f"{_HEAD}connections: {{}}\n"
    if connection is None:
        return text
    text = _with_connection(text, connection, file="")
    read_config(text, Path("hightonic.yaml"))
    return text


def add_connection(path: Path, connection: NewConnection) -> Config:
    """Write a connection into the file, making the file where there is none.

    A connection of that name keeps its `sync` and `mapping`; its accounts are replaced.
    Everything else, comments included, stays. Calling it twice changes nothing more.

    Raises:
        ConfigError: The file cannot be used as it is; nothing was written.
        StateError: The file cannot be written; it is as it was.
    """
    old = read_text(path) if path.exists() else new_config_text()
    new = _with_connection(old, connection, file=str(path))
    read_config(new, path)
    write_text(path, new)
    return load_config(path)


def _with_connection(text: str, connection: NewConnection, *, file: str) -> str:
    from ruamel.yaml.comments import CommentedMap

    document = parse(text, file=file)
    connections = document.get("connections")
    if not connections:
        document["connections"] = connections = CommentedMap()
    if not isinstance(connections, CommentedMap):
        raise ConfigError("`connections` must be a group of settings", file=file)
    section = connections.get(connection.name)
    if not isinstance(section, CommentedMap):
        connections[connection.name] = section = CommentedMap()
    _put(section, "highlevel", _highlevel(connection))
    _put(section, "timetonic", _timetonic(connection))
    return dump(document)


def _put(section: CommentedMap, key: str, values: dict[str, str]) -> None:
    from ruamel.yaml.comments import CommentedMap

    if not isinstance(section.get(key), CommentedMap):
        section[key] = CommentedMap()
    section[key].update(values)


def _highlevel(connection: NewConnection) -> dict[str, str]:
    values = {"location_id": connection.location_id}
    if connection.base_url is not None and connection.base_url != HIGHLEVEL_URL:
        values["base_url"] = connection.base_url
    return values


def _timetonic(connection: NewConnection) -> dict[str, str]:
    values = {
        "user": connection.user,
        "book_owner": connection.book_owner,
        "book_code": connection.book_code,
    }
    if connection.url is not None and connection.url != TIMETONIC_URL:
        values["url"] = connection.url
    return values
