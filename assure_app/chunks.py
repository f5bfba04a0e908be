"""How the pages' JavaScript is cut into files."""

from typing import Any

from reflex_base.constants import ReactRouter
from reflex_base.plugins import Plugin

_PLACE = "groups: ["
_ICONS = '{ test: /lucide-react/, name: "icons" },'


class IconsTogetherPlugin(Plugin):
    """Puts all icons of the pages into one file.

    Each icon would be a file of some 300 bytes, and a page would ask for twenty of them before it
    shows anything: most of what it asks for at all.
    """

    def pre_compile(self, **context: Any) -> None:
        """Have the bundler's settings changed once they are written."""
        context["add_modify_task"](ReactRouter.VITE_CONFIG_FILE, _with_icons_together)


def _with_icons_together(settings: str) -> str:
    if _ICONS in settings:
        return settings
    if settings.count(_PLACE) != 1:
        raise RuntimeError("The bundler's settings have no list of groups where one was expected.")
    return settings.replace(_PLACE, f"{_PLACE}\n            {_ICONS}")
