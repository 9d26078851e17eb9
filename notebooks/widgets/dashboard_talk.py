"""The dashboard's Python half: a picture from the store, and clicks that filter the explorer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.talk import Answer, Answerer, Message, Talk
from toolkit.app.picture import draw_dashboard, plain, sheet
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from notebooks.session import Session

DARK: Final = ".htg[data-ag-theme-mode=dark]"


class DashboardTalk(Talk):
    """Answers the dashboard's page.

    Args:
        session: Of the connection.
        days: How far back it looks.
    """

    slow = frozenset({"look"})

    def __init__(self, session: Session, *, days: int = 90) -> None:
        self._session = session
        self._days = days
        self._leave = session.bus.listen("changed", lambda **_: self.warm())
        super().__init__()

    def answers(self) -> Mapping[str, Answerer]:
        """What the dashboard's page asks."""
        return {"open": self._open, "look": lambda _: self._look(), "pick": self._pick}

    def warm(self) -> None:
        """Draw it; the page is there already."""
        try:
            self.push(**self._look().content)
        except HightonicError as error:
            self.push("refused", sentence=error.sentence)

    def close(self) -> None:
        """Hear of no further change."""
        self._leave()

    def _open(self, _: Message) -> Answer:
        content = {"connection": self._session.name, "sheet": sheet(dark=DARK)}
        return Answer({"kind": "opened", **content})

    def _look(self) -> Answer:
        session = self._session
        found = session.wait(session.desk.ask(lambda it: it.overview(self._days)))
        return Answer({"kind": "picture", "tree": plain(draw_dashboard(found))})

    def _pick(self, message: Message) -> Answer:
        """Show in the explorer whom a mark counts."""
        picks: dict[str, Any] = dict(message["picks"])
        filters = {
            str(field): {"test": "any_of", "values": [value]} for field, value in picks.items()
        }
        self._session.bus.tell("filter", query={"filters": filters})
        return Answer({"kind": "picked", "picks": picks})
