"""What the server asks the browser to do; the other side is assets/assure.js."""

import json

import reflex as rx
from reflex_base.event import EventSpec


def open_dialog(dialog_id: str) -> EventSpec:
    """Show a modal dialog; its own content is already on the page."""
    return _call("open", dialog_id)


def close_dialog(dialog_id: str) -> EventSpec:
    """Close it; the browser gives the focus back to what opened it."""
    return _call("close", dialog_id)


def close_panel(panel_id: str) -> EventSpec:
    """Close what lies over the page without being modal."""
    return _call("closePanel", panel_id)


def refused(dialog_id: str) -> EventSpec:
    """Let the form be sent again, with the focus on the first wrong field."""
    return _call("refused", dialog_id)


def drawer_opened(number: str) -> EventSpec:
    """Bring the focus into the drawer."""
    return _call("drawerOpened", number)


def drawer_closed() -> EventSpec:
    """Give the focus back to the row the drawer was opened from."""
    return _call("drawerClosed")


def focus_search() -> EventSpec:
    """Bring the focus into the search box."""
    return _call("focusSearch")


def focus(element_id: str) -> EventSpec:
    """Bring the focus to a field or button that is about to be on the page."""
    return _call("focus", element_id)


def editor_saved() -> EventSpec:
    """Nothing typed is unsaved any more: the page can be left without a question."""
    return _call("saved")


def settle_ticks() -> EventSpec:
    """Show the ticks as the server has them, after it did not take one."""
    return _call("settleTicks")


def address(query: str, *, page: str, is_new_page: bool) -> EventSpec:
    """Make the address name what is shown, while `page` is still the page that is open: the word in
    its `data-revisit`. A new page can be left by the back button."""
    return _call("address", page, query, is_new_page)


def _call(name: str, *arguments: str | bool) -> EventSpec:
    listed = ", ".join(json.dumps(argument) for argument in arguments)
    script: EventSpec = rx.call_script(f"assure.{name}({listed})")
    return script
