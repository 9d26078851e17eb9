"""How the app comes into a workspace and leaves it, and how its people say who they are."""

from bot.install.linking import Linked, Linking, LinkPage, NotLinked, SomebodyElse
from bot.install.oauth import build_install_doors
from bot.install.store import StateStore, VaultInstallations, leave_workspace

__all__ = [
    "LinkPage",
    "Linked",
    "Linking",
    "NotLinked",
    "SomebodyElse",
    "StateStore",
    "VaultInstallations",
    "build_install_doors",
    "leave_workspace",
]
