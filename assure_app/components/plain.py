"""Elements left to the browser, where Reflex's own would do more than they should."""

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML  # type: ignore[import-untyped]


class PlainLink(BaseHTML):
    """A link within the page; Reflex's own link would ask the server for the page again."""

    tag = "a"
    href: rx.Var[str]


class PlainForm(BaseHTML):
    """A form that the browser sends by itself; Reflex's own form never leaves the page."""

    tag = "form"
    method: rx.Var[str]
    action: rx.Var[str]
