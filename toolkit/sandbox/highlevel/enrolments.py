"""What a contact is put into: followers, campaigns, workflows."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.validate import Shape, many, moment, text

_FOLLOWERS: Final = Shape({"followers": many(text)}, ("followers",))
_NOTHING: Final = Shape({})
_START: Final = Shape({"eventStartTime": moment})


def add_followers(call: Call) -> Payload:
    """Answers all followers, and those that are new."""
    contact = call.state.parent(call.ids["contactId"])
    wanted = dict.fromkeys(call.body["followers"])
    added = [user_id for user_id in wanted if user_id not in contact.followers]
    if added:
        contact.followers = [*contact.followers, *added]
        call.state.touch(contact)
    return {"followers": contact.followers, "followersAdded": added}


def remove_followers(call: Call) -> Payload:
    """A DELETE with a JSON body; answers who is left, and who went."""
    contact = call.state.parent(call.ids["contactId"])
    gone = [user_id for user_id in contact.followers if user_id in call.body["followers"]]
    if gone:
        contact.followers = [user_id for user_id in contact.followers if user_id not in gone]
        call.state.touch(contact)
    return {"followers": contact.followers, "followersRemoved": gone}


def add_to_campaign(call: Call) -> Payload:
    """A second time changes nothing."""
    call.state.parent(call.ids["contactId"]).campaigns.add(call.ids["campaignId"])
    return call.ok


def remove_from_campaign(call: Call) -> Payload:
    """A campaign the contact is not in is no error."""
    call.state.parent(call.ids["contactId"]).campaigns.discard(call.ids["campaignId"])
    return call.ok


def leave_all_campaigns(call: Call) -> Payload:
    """Out of every campaign."""
    call.state.parent(call.ids["contactId"]).campaigns.clear()
    return call.ok


def add_to_workflow(call: Call) -> Payload:
    """A second time changes nothing."""
    call.state.parent(call.ids["contactId"]).workflows.add(call.ids["workflowId"])
    return call.ok


def remove_from_workflow(call: Call) -> Payload:
    """A workflow the contact is not in is no error."""
    call.state.parent(call.ids["contactId"]).workflows.discard(call.ids["workflowId"])
    return call.ok


_FOLLOW: Final = "/contacts/{contactId}/followers"
_CAMPAIGN: Final = "/contacts/{contactId}/campaigns/{campaignId}"
_WORKFLOW: Final = "/contacts/{contactId}/workflow/{workflowId}"
_WRITE: Final = "contacts.write"
ROUTES: Final = (
    Route(
        "add-followers-contact",
        "POST",
        _FOLLOW,
        add_followers,
        scope=_WRITE,
        status=201,
        body=_FOLLOWERS,
        is_write=True,
    ),
    Route(
        "remove-followers-contact",
        "DELETE",
        _FOLLOW,
        remove_followers,
        scope=_WRITE,
        body=_FOLLOWERS,
        is_write=True,
    ),
    Route(
        "add-contact-to-campaign",
        "POST",
        _CAMPAIGN,
        add_to_campaign,
        scope=_WRITE,
        status=201,
        body=_NOTHING,
        is_write=True,
    ),
    Route(
        "remove-contact-from-campaign",
        "DELETE",
        _CAMPAIGN,
        remove_from_campaign,
        scope=_WRITE,
        is_write=True,
    ),
    *(
        Route(
            "remove-contact-from-every-campaign",
            "DELETE",
            f"/contacts/{{contactId}}/campaigns/{spelling}",
            leave_all_campaigns,
            scope=_WRITE,
            is_write=True,
        )
        for spelling in ("removeAll", "remove-all")
    ),
    Route(
        "add-contact-to-workflow",
        "POST",
        _WORKFLOW,
        add_to_workflow,
        scope=_WRITE,
        body=_START,
        is_write=True,
    ),
    Route(
        "delete-contact-from-workflow",
        "DELETE",
        _WORKFLOW,
        remove_from_workflow,
        scope=_WRITE,
        body=_START,
        is_write=True,
    ),
)
