"""Whose workspace a delivery is about: the one that has the app, whoever acted in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def team_of(body: Mapping[str, Any]) -> str:
    """The workspace's id; empty where a delivery names none.

    In a channel that companies share the person may come from another workspace, and so
    may the view they send: what names the installation counts first (as in bolt 1.30).
    """
    view, team = body.get("view") or {}, body.get("team") or {}
    granted: Mapping[str, Any] = next(iter(body.get("authorizations") or ()), {})
    named = (
        view.get("app_installed_team_id"),
        team.get("id") if isinstance(team, Mapping) else team,
        granted.get("team_id"),
        body.get("team_id"),
    )
    return next((str(each) for each in named if each), "")
