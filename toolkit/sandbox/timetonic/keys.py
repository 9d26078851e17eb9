"""Sessions: the three-step flow, ready-made keys, dropping and expiring them (section 6)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from toolkit.sandbox.timetonic.call import Call, Handler
from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.php import Arguments, truth
from toolkit.sandbox.timetonic.state import Session, TimeTonicState

_FLAGS = ("readonly", "hideTables", "hideMessages", "hideEvents", "internal")


class KeyFunctions:
    """createAppkey, createOauthkey, createSesskey, getOrCreateSessKey, dropAllSessions."""

    def __init__(self, state: TimeTonicState) -> None:
        self._state = state

    @property
    def open_handlers(self) -> Mapping[str, Handler]:
        """The functions that need no session."""
        return {
            "createAppkey": self.create_appkey,
            "createOauthkey": self.create_oauthkey,
            "createSesskey": self.create_sesskey,
        }

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The functions that need one."""
        return {"getOrCreateSessKey": self.ready_key, "dropAllSessions": self.drop_others}

    def check(self, arguments: Arguments) -> Session | None:
        """The living session that `sesskey` names; it must belong to `o_u`.

        Raises:
            RefusalError: The key is unknown, dead, or another user's.
        """
        if self._state.variant.auth == "lenient":
            return None
        session = self._state.sessions.get(arguments.text("sesskey").strip())
        if session is None or session.user != arguments.text("o_u").strip():
            raise RefusalError("dead_session")
        return session

    def create_appkey(self, call: Call) -> dict[str, object]:
        """Step 1: any application gets a key for its name."""
        key = self._state.new_key()
        self._state.appkeys[key] = call.arguments.text("appname") or "api"
        return {"appkey": key, "id": self._text_id()}

    def create_oauthkey(self, call: Call) -> dict[str, object]:
        """Step 2: user code or e-mail, and password, for a lasting key."""
        appkey = call.arguments.text("appkey")
        if appkey not in self._state.appkeys:
            raise RefusalError("invalid_appkey")
        login = call.arguments.text("login").strip()
        user = next(
            (each for each in self._state.users.values() if login in {each.code, each.email}),
            None,
        )
        if user is None or call.arguments.text("pwd") != user.password:
            raise RefusalError("invalid_login")
        if self._state.variant.two_factor:
            raise RefusalError("two_factor")
        key = self._state.new_key()
        self._state.oauthkeys[key] = user.code
        return {"oauthkey": key, "id": self._text_id(), "o_u": user.code}

    def create_sesskey(self, call: Call) -> dict[str, object]:
        """Step 3: a session for the owner of an oauth key."""
        user = self._state.oauthkeys.get(call.arguments.text("oauthkey"))
        if user is None or user != call.arguments.text("o_u").strip():
            raise RefusalError("invalid_oauthkey")
        restrictions = self._restrictions(call.arguments.text("restrictions"))
        session = self._state.open_session(user, restrictions)
        return {
            "sesskey": session.sesskey,
            # Ids of keys are texts, unlike all others (real answers of 2024).
            "id": self._text_id(),
            "restrictions": restrictions,
            "appName": "api",
        }

    def ready_key(self, call: Call) -> dict[str, object]:
        """The key of the profile page; revived when it was dropped."""
        user = self._state.users.get(call.user)
        if user is None:
            raise RefusalError("dead_session")
        self._state.sessions.setdefault(user.key, Session(user.key, user.code))
        return {"sesskey": user.key}

    def drop_others(self, call: Call) -> dict[str, object]:
        """Kill all sessions of the caller but the one that asks."""
        self._state.expire_sessions(call.user)
        if call.session is not None:
            self._state.sessions[call.session.sesskey] = call.session
        return {}

    def _text_id(self) -> str:
        return str(self._state.next_id())

    def _restrictions(self, sent: str) -> dict[str, object]:
        wanted: object = {}
        if sent.strip() and self._state.variant.restrictions == "json":
            try:
                wanted = json.loads(sent)
            except ValueError as unreadable:
                raise RefusalError("missing_argument", "restrictions") from unreadable
        asked = wanted if isinstance(wanted, dict) else {}
        return {
            "carnet_code": asked.get("carnet_code"),
            "carnet_owner": asked.get("carnet_owner"),
            **{name: truth(asked.get(name, False)) for name in _FLAGS},
        }
