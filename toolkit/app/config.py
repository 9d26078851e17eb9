"""`hightonic.yaml`: which accounts belong together, what is mapped, who wins.

Everything the file says is checked when it is loaded; what depends on the accounts
(tables, columns, custom fields) is checked by `check_against`. No secret stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import available_timezones

from pydantic import ValidationError

from toolkit.app.addresses import Address, read_addresses
from toolkit.app.config_mapping import build_mapping, delete_modes
from toolkit.app.config_own import build_own_tables
from toolkit.app.config_refusals import refusal
from toolkit.app.config_rules import AutomationSettings, build_automation
from toolkit.app.config_schema import (
    BrakesSection,
    ConnectionSection,
    Document,
    SyncSection,
    TimeTonicSection,
)
from toolkit.app.config_source import Place, parse, plain, read_text
from toolkit.app.scripting import NO_SCRIPTS, Scripts, load_scripts, with_scripts
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.errors import UseError
from toolkit.mapping.check import Problem, check_against
from toolkit.mapping.fingerprint import fingerprint
from toolkit.mapping.spec import Mapping as FieldMappings
from toolkit.mapping.spec import to_policy
from toolkit.mapping.suggest import did_you_mean, nearest
from toolkit.model.ids import ConnectionName, Digest, Side
from toolkit.model.policy import Brakes, DeleteMode, SyncPolicy
from toolkit.model.values import digest

__all__ = [
    "Config",
    "ConnectionConfig",
    "HighLevelSettings",
    "MetricsSettings",
    "Problem",
    "ScheduleSettings",
    "SyncSettings",
    "TimeTonicSettings",
    "WebhookSettings",
    "check_against",
    "load_config",
    "read_config",
]

HIGHLEVEL_URL = "https://services.leadconnectorhq.com"
TIMETONIC_URL = "https://timetonic.com/live/api.php"


@dataclass(frozen=True, slots=True)
class HighLevelSettings:
    """One location, and where its service answers."""

    location_id: str
    base_url: str = HIGHLEVEL_URL
    api_version: str = "2021-07-28"


@dataclass(frozen=True, slots=True)
class TimeTonicSettings:
    """One book, and where its service answers.

    Attributes:
        profile: Overrides of the stored capability profile; checked, in JSON form.
    """

    user: str
    book_owner: str
    book_code: str
    url: str = TIMETONIC_URL
    profile: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """Habits of one connection.

    Attributes:
        deletes: What a deletion seen on the key side does across.
        notes_max_age_h: Notes of a contact are read again after this many hours.
        appointments_past_days: Appointments that began longer ago are left out.
        appointments_future_days: Appointments further ahead are left out.
        default_region: ISO country of phone numbers without a code; None asks the location.
        time_zone: IANA zone of times without one; None asks the location.
    """

    deletes: Mapping[Side, DeleteMode]
    brakes: Brakes
    first_sync_winner: Side = Side.HIGHLEVEL
    notes_max_age_h: float = 24
    appointments_past_days: int = 30
    appointments_future_days: int = 90
    default_region: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When the service compares both sides by itself.

    Attributes:
        every_minutes: 1 to 1440.
        full_every_h: Everything is listed and verified at least this often.
        monthly_calls: What TimeTonic's plan allows; comparisons come more slowly rather than
            use it up. None means no limit.
    """

    every_minutes: int = 15
    full_every_h: float = 24
    monthly_calls: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """How events are taken.

    Attributes:
        app_id: HighLevel's Marketplace app; None takes events of any for this location.
        legacy_signatures: Also take the RSA signature HighLevel has announced to end.
        quiet_s: A record is looked at once no event came for so long ...
        cap_s: ... or once the first one came so long ago.
        row_id: Paths into what TimeTonic's "Call an API" sends, as the user laid it out.
    """

    app_id: str | None = None
    legacy_signatures: bool = False
    quiet_s: float = 10
    cap_s: float = 60
    row_id: str = "$.id"
    table: str = "$.table"
    event: str = "$.event"
    event_id: str = "$.event_id"


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """What becomes of the day's figures.

    Attributes:
        is_shown: Whether TimeTonic's Metrics table gets a row a day, where it has that table.
        won: Lifecycle stages that count as won, as they are spelled.
    """

    is_shown: bool = True
    won: tuple[str, ...] = ("customer",)


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One location paired with one book, and all that is decided about them.

    Attributes:
        digest: Of mapping, filters, policies and rules; a plan made under another is void.
            Brakes are not part of it, so that loosening one does not void the plan.
    """

    name: ConnectionName
    highlevel: HighLevelSettings
    timetonic: TimeTonicSettings
    sync: SyncSettings
    mapping: FieldMappings
    digest: Digest
    schedule: ScheduleSettings = ScheduleSettings()
    webhooks: WebhookSettings = WebhookSettings()
    metrics: MetricsSettings = MetricsSettings()
    scripts: Scripts = NO_SCRIPTS
    addresses: Mapping[str, Address] = field(default_factory=dict)
    automation: AutomationSettings = field(default_factory=AutomationSettings)

    @property
    def scope(self) -> str:
        """Names location and book in correlation keys."""
        book = self.timetonic
        return f"{self.highlevel.location_id}/{book.book_owner}/{book.book_code}"

    @property
    def policy(self) -> SyncPolicy:
        """What the planner needs of all this."""
        return to_policy(
            self.mapping,
            scope=self.scope,
            brakes=self.sync.brakes,
            first_sync_winner=self.sync.first_sync_winner,
        )


@dataclass(frozen=True, slots=True)
class Config:
    """A loaded file."""

    path: Path
    connections: Mapping[str, ConnectionConfig]

    def get_connection(self, name: str | None = None) -> ConnectionConfig:
        """The connection of that name; without a name, the only one there is.

        Raises:
            UseError: No such connection, or several to choose from.
        """
        if name is None and len(self.connections) == 1:
            return next(iter(self.connections.values()))
        if name is not None and name in self.connections:
            return self.connections[name]
        if not self.connections:
            raise UseError(
                f"{self.path} has no connection yet", remedy="Run `hightonic connect`"
            )
        if name is None:
            names = ", ".join(self.connections)
            raise UseError("There are several connections", remedy=f"Name one: {names}")
        raise UseError(
            f"There is no connection `{name}`", remedy=did_you_mean(name, self.connections)
        )


def load_config(path: Path) -> Config:
    """Read and check the whole file; calling it again reads the disk again.

    Raises:
        ConfigError: What is wrong, with file, line and the nearest right name.
    """
    return read_config(read_text(path), path)


def read_config(text: str, path: Path) -> Config:
    """The same from text that is not on disk yet; `path` is what errors name.

    Raises:
        ConfigError: What is wrong, with file, line and the nearest right name.
    """
    place = Place(str(path), parse(text, file=str(path)))
    try:
        document = Document.model_validate(plain(place.document))
    except ValidationError as error:
        raise refusal(error, place) from error
    return Config(
        path=path,
        connections={
            name: _connection(name, section, folder=path.parent, place=place)
            for name, section in document.connections.items()
        },
    )


def _connection(
    name: str, section: ConnectionSection, *, folder: Path, place: Place
) -> ConnectionConfig:
    spot = place.at("connections", name)
    scripts = load_scripts(section.scripts, folder=folder, place=spot.at("scripts"))
    sync = _sync(section.sync, spot.at("sync"))
    mapping = build_mapping(
        with_scripts(section.mapping, scripts, place=spot.at("mapping")),
        deletes=section.sync.deletes,
        folder=folder,
        place=spot.at("mapping"),
    )
    own = build_own_tables(section.mapping.archive, section.metrics, place=spot)
    automation = build_automation(
        section, mapping=mapping, scripts=scripts, zone=sync.time_zone, place=spot
    )
    location = section.highlevel
    return ConnectionConfig(
        name=ConnectionName(name),
        highlevel=HighLevelSettings(
            location_id=location.location_id,
            base_url=location.base_url or HIGHLEVEL_URL,
            api_version=location.api_version,
        ),
        timetonic=_timetonic(section.timetonic, spot.at("timetonic", "profile")),
        sync=sync,
        mapping=replace(mapping, own=own),
        digest=_digest(mapping, sync),
        schedule=ScheduleSettings(**section.schedule.model_dump()),
        webhooks=WebhookSettings(**section.webhooks.model_dump()),
        metrics=MetricsSettings(section.metrics.enabled, tuple(section.metrics.won)),
        scripts=scripts,
        addresses=read_addresses(section.addresses, spot.at("addresses")),
        automation=automation,
    )


def _timetonic(section: TimeTonicSection, place: Place) -> TimeTonicSettings:
    try:
        CapabilityProfile.from_json(section.profile)
    except UseError as error:
        raise place.error(error.happened, error.remedy) from error
    return TimeTonicSettings(
        user=section.user,
        book_owner=section.book_owner,
        book_code=section.book_code,
        url=section.url or TIMETONIC_URL,
        profile=section.profile or None,
    )


def _sync(section: SyncSection, place: Place) -> SyncSettings:
    if section.time_zone is not None and section.time_zone not in available_timezones():
        raise place.at("time_zone").error(
            "`time_zone` names a zone nobody knows",
            did_you_mean(section.time_zone, available_timezones())
            if nearest(section.time_zone, available_timezones())
            else "For example Europe/Paris",
        )
    return SyncSettings(
        deletes=delete_modes(section.deletes),
        brakes=_brakes(section.brakes),
        first_sync_winner=Side(section.first_sync_winner),
        notes_max_age_h=section.notes.max_age_h,
        appointments_past_days=section.appointments.past_days,
        appointments_future_days=section.appointments.future_days,
        default_region=section.default_region,
        time_zone=section.time_zone,
    )


def _brakes(section: BrakesSection) -> Brakes:
    return Brakes(**section.model_dump(exclude_none=True))


def _digest(mapping: FieldMappings, sync: SyncSettings) -> Digest:
    filters = [sync.appointments_past_days, sync.appointments_future_days]
    return digest([fingerprint(mapping), filters, sync.first_sync_winner.value])
