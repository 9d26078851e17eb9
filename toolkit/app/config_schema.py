"""The shape of `hightonic.yaml`, checked key by key."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from toolkit.mapping.spec import FieldType, RollupName

DirectionWord = Literal["both", "to_timetonic", "to_highlevel"]
PolicyWord = Literal[
    "ask", "highlevel", "timetonic", "newest", "longest", "union", "max", "min"
]
DeleteWord = Literal["unlink", "archive", "delete"]
SideWord = Literal["highlevel", "timetonic"]
WeekdayWord = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _as_list(given: object) -> object:
    return [given] if isinstance(given, str) else given


def _as_options(given: object) -> object:
    if isinstance(given, list):
        return {option: None for option in given if isinstance(option, str)} or given
    return given


def _as_address(given: object) -> object:
    return {"url": given} if isinstance(given, str) else given


def _as_group(given: object) -> object:
    return {} if given is None else given


def _as_items(given: object) -> object:
    return [] if given is None else given


def _as_mapping(given: object) -> object:
    return {} if given in ("default", None) else given


Text: TypeAlias = Annotated[str, Field(min_length=1)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Count: TypeAlias = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """Part of the file: unknown keys and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _take_empty(cls, given: object) -> object:
        # A heading whose lines are all commented out reads as null.
        return {} if given is None else given


class HighLevelSection(Section):
    """`highlevel:` of a connection."""

    location_id: Text
    base_url: Text | None = None
    api_version: Literal["2021-07-28", "v3"] = "2021-07-28"


class TimeTonicSection(Section):
    """`timetonic:` of a connection."""

    user: Text
    book_owner: Text
    book_code: Text
    url: Text | None = None
    profile: dict[str, object] = Field(default_factory=dict)


class DeletesSection(Section):
    """What a deletion seen on one side does on the other."""

    from_highlevel: DeleteWord = "unlink"
    from_timetonic: DeleteWord = "unlink"


class BrakesSection(Section):
    """Limits on one plan; see `toolkit.model.policy.Brakes`."""

    delete_floor: Count | None = None
    delete_share: Share | None = None
    delete_cap: Count | None = None
    update_floor: Count | None = None
    update_share: Share | None = None
    create_floor: Count | None = None
    create_share: Share | None = None
    blank_floor: Count | None = None
    blank_share: Share | None = None
    shrink_share: Share | None = None


class NotesSection(Section):
    """How often notes are read."""

    max_age_h: Annotated[float, Field(gt=0)] = 24


class AppointmentsSection(Section):
    """Which appointments are read, in days around today."""

    past_days: Count = 30
    future_days: Count = 90


class ScheduleSection(Section):
    """When `hightonic serve` compares both sides by itself."""

    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    full_every_h: Annotated[float, Field(gt=0)] = 24
    monthly_calls: Annotated[int, Field(ge=1)] | None = None


class WebhooksSection(Section):
    """Events both vendors send, and how long a record rests before it is looked at."""

    app_id: Text | None = None
    legacy_signatures: bool = False
    quiet_s: Annotated[float, Field(ge=0, le=3600)] = 10
    cap_s: Annotated[float, Field(ge=0, le=3600)] = 60
    row_id: Text = "$.id"
    table: Text = "$.table"
    event: Text = "$.event"
    event_id: Text = "$.event_id"


class SyncSection(Section):
    """`sync:` of a connection."""

    deletes: DeletesSection = DeletesSection()
    brakes: BrakesSection = BrakesSection()
    first_sync_winner: SideWord = "highlevel"
    notes: NotesSection = NotesSection()
    appointments: AppointmentsSection = AppointmentsSection()
    default_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    time_zone: Text | None = None


class OwnTableSection(Section):
    """A table of the book that holds rows of our own; null for a column that is not shown."""

    table: Text | None = None
    key_column: Text | None = None
    columns: dict[str, Text | None] = Field(default_factory=dict)


class MetricsSection(OwnTableSection):
    """The day's figures as a row of the book; they are taken and kept in any case."""

    enabled: bool = True
    won: list[Text] = Field(default_factory=lambda: ["customer"])


class SpellingSection(Section):
    """How each side spells one option."""

    highlevel: Text | None = None
    timetonic: Text | None = None


class FieldSection(Section):
    """One field under `fields:`; keys left out keep the default mapping's value."""

    type: FieldType | None = None
    highlevel: Annotated[list[Text], BeforeValidator(_as_list)] | None = None
    timetonic: Text | None = None
    direction: DirectionWord | None = None
    on_conflict: PolicyWord | None = None
    rides: bool | None = None
    options: (
        Annotated[dict[str, SpellingSection | None], BeforeValidator(_as_options)] | None
    ) = None
    open: bool | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    value: object = None
    template: Text | None = None
    result: FieldType | None = None
    function: Text | None = None
    canon: Text | None = None
    render: Text | None = None
    count: RollupName | None = None


class KindSection(Section):
    """One kind under `mapping:`."""

    enabled: bool = True
    extends: Literal["default", "nothing"] = "default"
    table: Text | None = None
    direction: DirectionWord | None = None
    match_by: list[Text] | None = None
    deletes: DeletesSection | None = None
    parent_column: Text | None = None
    key_column: Text | None = None
    key_field: Text | None = None
    id_column: Text | None = None
    stamp_column: Text | None = None
    archive_tag: Text | None = None
    without: list[Text] = Field(default_factory=list)
    fields: dict[str, FieldSection] = Field(default_factory=dict)


class MappingSection(Section):
    """`mapping:` of a connection; `default` means all kinds as they come."""

    contact: KindSection = KindSection()
    task: KindSection = KindSection()
    note: KindSection = KindSection()
    appointment: KindSection = KindSection()
    archive: OwnTableSection = OwnTableSection()


class CalendarSection(Section):
    """Working days, for dates such as `+2 business days`."""

    country: Text | None = None
    subdivision: Text | None = None
    work_days: Annotated[list[WeekdayWord], Field(min_length=1)] = [
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
    ]
    closed: list[Text] = Field(default_factory=list)
    day_ends: Text = "17:00"


class AddressSection(Section):
    """Where `call_url` may send to; a text alone is the address."""

    url: Text
    allow_private: bool = False


Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]


class ConnectionSection(Section):
    """One location paired with one book."""

    highlevel: HighLevelSection
    timetonic: TimeTonicSection
    sync: SyncSection = SyncSection()
    schedule: ScheduleSection = ScheduleSection()
    webhooks: WebhooksSection = WebhooksSection()
    metrics: MetricsSection = MetricsSection()
    mapping: Annotated[MappingSection, BeforeValidator(_as_mapping)] = MappingSection()
    segments: Annotated[dict[Name, object], BeforeValidator(_as_group)] = Field(
        default_factory=dict
    )
    calendar: CalendarSection = CalendarSection()
    recipes: Annotated[dict[str, object], BeforeValidator(_as_group)] = Field(
        default_factory=dict
    )
    rules: Annotated[list[object], BeforeValidator(_as_items)] = Field(default_factory=list)
    scripts: Text | None = None
    addresses: Annotated[
        dict[Name, Annotated[AddressSection, BeforeValidator(_as_address)]],
        BeforeValidator(_as_group),
    ] = Field(default_factory=dict)


class Document(Section):
    """The whole file."""

    version: Literal[1]
    connections: dict[Name, ConnectionSection]
