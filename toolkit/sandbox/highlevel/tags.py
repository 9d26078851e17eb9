"""Tags of contacts, one by one and in bulk, and the location's dictionary of tags."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.validate import Shape, flag, many, text
from toolkit.sandbox.highlevel.writing import clean_tags

_ID_LENGTH: Final = 20
_TAGS: Final = Shape({"tags": many(text)}, ("tags",))
_BULK: Final = Shape(
    {"contacts": many(text), "tags": many(text), "locationId": text, "removeAllTags": flag},
    ("contacts", "tags", "locationId"),
)
_NAME: Final = Shape({"name": text}, ("name",))


def add_tags(call: Call) -> Payload:
    """Answers the whole list, not only what was added."""
    contact = call.state.parent(call.ids["contactId"])
    tags = clean_tags([*contact.tags, *call.body["tags"]])
    if tags != contact.tags:
        contact.tags = tags
        call.state.touch(contact)
    return {"tags": contact.tags}


def remove_tags(call: Call) -> Payload:
    """A DELETE with a JSON body; answers what is left."""
    contact = call.state.parent(call.ids["contactId"])
    gone = set(clean_tags(call.body["tags"]))
    if gone & set(contact.tags):
        contact.tags = [tag for tag in contact.tags if tag not in gone]
        call.state.touch(contact)
    return {"tags": contact.tags}


def bulk_tags(call: Call) -> Payload:
    """One row of outcome for each contact; a contact that fails does not fail the call."""
    adds = call.ids["type"] == "add"
    if not adds and call.ids["type"] != "remove":
        # Official clients of version 3.0.0 send the literal text {type}: it must be seen to fail.
        raise problems.unprocessable(["type must be one of the following values: add, remove"])
    if adds and call.body.get("removeAllTags"):
        raise problems.unprocessable(["removeAllTags can only be used with remove"])
    rows = [_bulk_row(call, contact_id, adds=adds) for contact_id in call.body["contacts"]]
    failed = sum(row["type"] == "error" for row in rows)
    return {**call.ok, "errorCount": failed, "responses": rows}


def _bulk_row(call: Call, contact_id: str, *, adds: bool) -> Payload:
    contact = call.state.contacts.get(contact_id)
    if contact is None:
        return {"contactId": contact_id, "message": _reason(call, contact_id), "type": "error"}
    before, named = list(contact.tags), clean_tags(call.body["tags"])
    if adds:
        contact.tags = clean_tags([*before, *named])
    elif call.body.get("removeAllTags"):
        contact.tags = []
    else:
        contact.tags = [tag for tag in before if tag not in named]
    if contact.tags != before:
        call.state.touch(contact)
    return {
        "contactId": contact_id,
        "message": "Tags updated",
        "type": "success",
        "oldTags": before,
        "tagsAdded": [tag for tag in contact.tags if tag not in before],
        "tagsRemoved": [tag for tag in before if tag not in contact.tags],
    }


def _reason(call: Call, contact_id: str) -> str:
    if contact_id in call.state.deleted_contacts:
        return "contact is deleted"
    is_plausible = len(contact_id) == _ID_LENGTH and contact_id.isalnum()
    return (
        "contact does not belong to location"
        if is_plausible
        else "contact id is not a valid firebase id"
    )


def list_location_tags(call: Call) -> Payload:
    """The dictionary."""
    return {"tags": [_tag(call, name) for name in call.state.tags]}


def create_location_tag(call: Call) -> Payload:
    """Adds a tag to the dictionary; a second time it answers the one there is."""
    names = clean_tags([call.body["name"]])
    if not names:
        raise problems.unprocessable(["name should not be empty"])
    call.state.learn_tag(names[0])
    return {"tag": _tag(call, names[0])}


def get_location_tag(call: Call) -> Payload:
    """One tag by id."""
    return {"tag": _tag(call, _name(call))}


def update_location_tag(call: Call) -> Payload:
    """Renames a tag in the dictionary; contacts keep the old text until they are next saved."""
    old, names = _name(call), clean_tags([call.body["name"]])
    if not names:
        raise problems.unprocessable(["name should not be empty"])
    tag_id = call.state.tags.pop(old)
    call.state.tags[names[0]] = tag_id
    return {"tag": _tag(call, names[0])}


def delete_location_tag(call: Call) -> Payload:
    """Takes a tag out of the dictionary."""
    del call.state.tags[_name(call)]
    return call.ok


def _name(call: Call) -> str:
    name = next(
        (one for one, tag_id in call.state.tags.items() if tag_id == call.ids["tagId"]), None
    )
    if name is None:
        raise problems.bad_request("Tag not found")
    return name


def _tag(call: Call, name: str) -> Payload:
    return {"id": call.state.tags[name], "name": name, "locationId": call.state.location_id}


_OF_CONTACT: Final = "/contacts/{contactId}/tags"
_ALL: Final = "/locations/{locationId}/tags"
_ONE: Final = "/locations/{locationId}/tags/{tagId}"
_WRITE = "contacts.write"
_TAGS_READ, _TAGS_WRITE = "locations/tags.readonly", "locations/tags.write"
ROUTES: Final = (
    Route(
        "add-tags",
        "POST",
        _OF_CONTACT,
        add_tags,
        scope=_WRITE,
        status=201,
        body=_TAGS,
        is_write=True,
    ),
    Route(
        "remove-tags",
        "DELETE",
        _OF_CONTACT,
        remove_tags,
        scope=_WRITE,
        body=_TAGS,
        is_write=True,
    ),
    Route(
        "create-association",
        "POST",
        "/contacts/bulk/tags/update/{type}",
        bulk_tags,
        scope=_WRITE,
        status=201,
        body=_BULK,
        location="body",
        is_write=True,
    ),
    Route(
        "get-location-tags", "GET", _ALL, list_location_tags, scope=_TAGS_READ, location="path"
    ),
    Route(
        "create-tag",
        "POST",
        _ALL,
        create_location_tag,
        scope=_TAGS_WRITE,
        status=201,
        body=_NAME,
        location="path",
        is_write=True,
    ),
    Route("get-tag-by-id", "GET", _ONE, get_location_tag, scope=_TAGS_READ, location="path"),
    Route(
        "update-tag",
        "PUT",
        _ONE,
        update_location_tag,
        scope=_TAGS_WRITE,
        body=_NAME,
        location="path",
        is_write=True,
    ),
    Route(
        "delete-tag",
        "DELETE",
        _ONE,
        delete_location_tag,
        scope=_TAGS_WRITE,
        location="path",
        is_write=True,
    ),
)
