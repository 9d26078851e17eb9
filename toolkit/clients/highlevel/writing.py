"""What a write may carry: declared keys only, in the spelling of the version in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from toolkit.clients.highlevel.wire.base import check_phone
from toolkit.clients.highlevel.wire.contacts import Channel, CustomFieldValue
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.clients.highlevel.custom_fields import FieldCatalog
    from toolkit.clients.highlevel.wire.contacts import ContactWrite

_NOT_ON_UPDATE = ("company_name", "gender")


def contact_body(
    write: ContactWrite,
    *,
    act: Literal["create", "update", "upsert"],
    replace_tags: bool = False,
    is_v3: bool = False,
    catalog: FieldCatalog | None = None,
) -> dict[str, Any]:
    """The JSON body for `act`, without `locationId`.

    Raises:
        UseError: A key that `act` does not take, tags without leave to replace them, a phone
            that is not E.164, a custom field that is unknown or has an unfit value.
    """
    given = write.model_fields_set
    if act == "update":
        _refuse_on_update(given)
    if act != "create" and "tags" in given and not replace_tags:
        raise UseError(
            "Writing tags here would replace the whole set",
            unchanged="Nothing was sent",
            remedy="Add or remove tags with highlevel.tags, or say replace_tags=True",
        )
    check_phone(write.phone)
    body = write.declared()
    if write.dnd_settings is not None:
        body["dndSettings"] = _channels(body["dndSettings"], is_v3=is_v3)
    if write.custom_fields is not None:
        body["customFields"] = custom_field_items(_encoded(write, catalog), is_v3=is_v3)
    return body


def custom_field_items(
    values: Iterable[CustomFieldValue], *, is_v3: bool
) -> list[dict[str, Any]]:
    """Values as the wire takes them; v3 renamed the value's key (vendor OpenAPI, 2026-11)."""
    key = "fieldValue" if is_v3 else "field_value"
    return [{"id": item.id, key: item.value} for item in values]


def _refuse_on_update(given: set[str]) -> None:
    refused = [name for name in _NOT_ON_UPDATE if name in given]
    if refused:
        raise UseError(
            f"HighLevel does not take {' and '.join(refused)} when a contact is updated",
            unchanged="Nothing was sent",
            remedy="Leave it out, or use upsert (company_name only)",
        )


def _encoded(write: ContactWrite, catalog: FieldCatalog | None) -> tuple[CustomFieldValue, ...]:
    values = write.custom_fields
    if isinstance(values, Mapping):
        return catalog.encode(values) if catalog is not None and values else ()
    return tuple(values or ())


def _channels(settings: dict[str, Any], *, is_v3: bool) -> dict[str, Any]:
    if is_v3:
        return settings
    return {Channel(key).older_spelling: value for key, value in settings.items()}
