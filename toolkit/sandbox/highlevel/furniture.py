"""What a location has before its first contact: settings, team, calendars, custom fields."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel.records import FieldDefinition
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.seed import World
from toolkit.sandbox.seed_words import PLANS, STAGES

# One field of every data type, so that every codec meets data.
_FIELDS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("Lifecycle stage", "SINGLE_OPTIONS", STAGES),
    ("Last contacted", "DATE", ()),
    ("Next action date", "DATE", ()),
    ("Plan", "SINGLE_OPTIONS", PLANS),
    ("Job title", "TEXT", ()),
    ("Background", "LARGE_TEXT", ()),
    ("Employees", "NUMERICAL", ()),
    ("Annual revenue", "MONETORY", ()),
    ("Direct line", "PHONE", ()),
    ("Billing email", "EMAIL", ()),
    ("Interests", "CHECKBOX", ("tea", "coffee", "cocoa")),
    ("Channels", "MULTIPLE_OPTIONS", ("e-mail", "phone", "letter")),
    ("Preferred language", "RADIO", ("English", "Français", "日本語")),
    ("Contract", "FILE_UPLOAD", ()),
    ("Milestones", "TEXTBOX_LIST", ("First call", "First order")),
)


def furnish(state: HighLevelState, world: World) -> None:
    """Settings, users, calendars, a pipeline and the definitions of custom fields."""
    _seed_location(state)
    _seed_team(state, world)
    _seed_fields(state)


def _seed_location(state: HighLevelState) -> None:
    address = {
        "name": "Sandbox Trading",
        "address": "1 Harbour Road",
        "city": "Paris",
        "state": "IDF",
        "country": state.options.country,
        "postalCode": "75001",
        "website": "https://www.example.com",
        "timezone": state.options.timezone,
    }
    state.location = {
        "id": state.location_id,
        "companyId": state.company_id,
        **address,
        "email": "office@example.com",
        "phone": "+12125559999",
        "business": address,
        "social": {},
        "settings": {
            "allowDuplicateContact": state.options.allow_duplicate_contact,
            "allowDuplicateOpportunity": False,
            "allowFacebookNameMerge": False,
            "disableContactTimezone": False,
            "contactUniqueIdentifiers": list(state.options.unique_identifiers),
        },
    }


def _seed_team(state: HighLevelState, world: World) -> None:
    roles = {"type": "account", "role": "user", "locationIds": [state.location_id]}
    for owner in world.owners:
        user_id = state.ids.short()
        state.users[user_id] = {
            "id": user_id,
            "name": owner.name,
            "firstName": owner.first_name,
            "lastName": owner.last_name,
            "email": owner.email,
            "phone": owner.phone,
            "extension": "",
            "permissions": {"contactsEnabled": True, "assignedDataOnly": False},
            "roles": roles,
            "deleted": False,
        }
    for name in ("Introductions", "Reviews", "Support"):
        calendar_id = state.ids.short()
        state.calendars[calendar_id] = {
            "id": calendar_id,
            "locationId": state.location_id,
            "name": name,
            "isActive": True,
            "calendarType": "round_robin",
            "teamMembers": [{"userId": user_id, "priority": 0.5} for user_id in state.users],
            "slotDuration": 30,
            "slotDurationUnit": "mins",
        }
    stages = [
        {"id": state.ids.uuid(), "name": stage, "position": place}
        for place, stage in enumerate(("New", "Qualified", "Offer", "Closed"))
    ]
    state.pipelines = [
        {
            "id": state.ids.short(),
            "name": "Sales",
            "stages": stages,
            "showInFunnel": True,
            "showInPieChart": True,
            "locationId": state.location_id,
        }
    ]


def _seed_fields(state: HighLevelState) -> None:
    for position, (name, data_type, options) in enumerate(_FIELDS):
        field_id = state.ids.short()
        has_boxes = data_type == "TEXTBOX_LIST"
        state.fields[field_id] = FieldDefinition(
            id=field_id,
            name=name,
            field_key=f"contact.{name.lower().replace(' ', '_')}",
            data_type=data_type,
            options=[] if has_boxes else list(options),
            text_boxes={state.ids.uuid(): label for label in options} if has_boxes else {},
            max_files=3 if data_type == "FILE_UPLOAD" else None,
            is_multiple_file=data_type == "FILE_UPLOAD",
            position=position * 50,
        )
