"""What ids and short codes look like to a reader: people, channels, emoji, dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.render.dates import date_tokens
from toolkit.sandbox.slack.state import SlackState

_EMOJI: Final[Mapping[str, str]] = {
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "ballot_box_with_check": "☑️",
    "x": "❌",
    "warning": "⚠️",
    "rotating_light": "🚨",
    "no_entry": "⛔",
    "no_entry_sign": "🚫",
    "exclamation": "❗",
    "question": "❓",
    "information_source": "ℹ️",  # noqa: RUF001 — the emoji itself
    "bulb": "💡",
    "eyes": "👀",
    "wave": "👋",
    "tada": "🎉",
    "rocket": "🚀",
    "fire": "🔥",
    "zap": "⚡",
    "sparkles": "✨",
    "star": "⭐",
    "heart": "❤️",
    "thumbsup": "👍",
    "+1": "👍",
    "thumbsdown": "👎",
    "-1": "👎",
    "smile": "😄",
    "slightly_smiling_face": "🙂",
    "thinking_face": "🤔",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "clock1": "🕐",
    "alarm_clock": "⏰",
    "stopwatch": "⏱️",
    "calendar": "📅",
    "date": "📅",
    "spiral_calendar_pad": "🗓️",
    "memo": "📝",
    "pencil": "📝",
    "pencil2": "✏️",
    "clipboard": "📋",
    "bookmark": "🔖",
    "label": "🏷️",
    "pushpin": "📌",
    "paperclip": "📎",
    "link": "🔗",
    "mag": "🔍",
    "lock": "🔒",
    "unlock": "🔓",
    "key": "🔑",
    "shield": "🛡️",
    "bell": "🔔",
    "no_bell": "🔕",
    "mute": "🔇",
    "loudspeaker": "📢",
    "speech_balloon": "💬",
    "email": "✉️",
    "envelope": "✉️",
    "telephone_receiver": "📞",
    "phone": "☎️",
    "bust_in_silhouette": "👤",
    "busts_in_silhouette": "👥",
    "house": "🏠",
    "office": "🏢",
    "gear": "⚙️",
    "wrench": "🔧",
    "hammer": "🔨",
    "robot_face": "🤖",
    "package": "📦",
    "wastebasket": "🗑️",
    "file_folder": "📁",
    "chart_with_upwards_trend": "📈",
    "chart_with_downwards_trend": "📉",
    "bar_chart": "📊",
    "arrows_counterclockwise": "🔄",
    "arrows_clockwise": "🔃",
    "repeat": "🔁",
    "leftwards_arrow_with_hook": "↩️",
    "arrow_right": "➡️",
    "arrow_left": "⬅️",
    "arrow_up": "⬆️",
    "arrow_down": "⬇️",
    "left_right_arrow": "↔️",
    "heavy_plus_sign": "➕",  # noqa: RUF001
    "heavy_minus_sign": "➖",  # noqa: RUF001
    "twisted_rightwards_arrows": "🔀",
    "red_circle": "🔴",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "large_orange_circle": "🟠",
    "white_circle": "⚪",
    "black_circle": "⚫",
    "double_vertical_bar": "⏸️",
    "black_square_for_stop": "⏹️",
    "arrow_forward": "▶️",
    "sos": "🆘",
    "new": "🆕",
    "ok": "🆗",
    "crown": "👑",
    "moneybag": "💰",
    "gem": "💎",
    "handshake": "🤝",
    "pray": "🙏",
    "muscle": "💪",
    "clap": "👏",
    "point_right": "👉",
    "shrug": "🤷",
    "sleeping": "😴",
    "snowflake": "❄️",
    "sunny": "☀️",
    "zzz": "💤",
    "ticket": "🎫",
    "globe_with_meridians": "🌐",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Looks ids up in one workspace, for one reader.

    Args:
        state: Knows people and channels.
        reader: Whose clock and eyes; None reads in UTC.
    """

    state: SlackState
    reader: Person | None = None

    @property
    def language(self) -> str:
        """Of the reader: `en`, `fr`; Slack's own words are in it."""
        return "en" if self.reader is None else self.reader.locale.partition("-")[0]

    @property
    def optional(self) -> str:
        """What stands beside a field that may be left empty."""
        return "(facultatif)" if self.language == "fr" else "(optional)"

    def user(self, user_id: str) -> str:
        """`@Anna Member`, or the id of somebody unknown."""
        person = self.state.people.get(user_id)
        return f"@{person.real_name if person else user_id}"

    def channel(self, channel_id: str, fallback: str = "") -> str:
        """`#ops`; what the reader may not see stays unnamed, as in Slack."""
        channel = self.state.channels.get(channel_id)
        return f"#{channel.name if channel else fallback or channel_id}"

    def emoji(self, name: str) -> str:
        """The character of a short code, or the code itself."""
        return _EMOJI.get(name, f":{name}:")

    def date(self, stamp: int, pattern: str) -> str:
        """A moment by Slack's date tokens, on the reader's clock."""
        moment = datetime.fromtimestamp(stamp, self._zone())
        for token, text in date_tokens(moment, self._today(moment), self.language).items():
            pattern = pattern.replace(f"{{{token}}}", text)
        return pattern

    def time(self, ts: str) -> str:
        """The time of day of a message."""
        return datetime.fromtimestamp(int(ts.partition(".")[0]), self._zone()).strftime("%H:%M")

    def _zone(self) -> tzinfo:
        if self.reader is None:
            return UTC
        try:
            return ZoneInfo(self.reader.tz)
        except (ZoneInfoNotFoundError, ValueError):
            return timezone(timedelta(seconds=self.reader.tz_offset_s))

    def _today(self, moment: datetime) -> int:
        """Days from today to that moment."""
        today = self.state.clock.now().astimezone(moment.tzinfo).date()
        return (moment.date() - today).days
