"""The frame around every page of the portal: the firm, the person, and the mark of a sandbox."""

import reflex as rx

from assure_app.billing.reading.portal_rows import Place
from assure_app.components.fonts import Fonts
from assure_app.components.plain import PlainForm, PlainLink
from assure_app.components.shell import theme_choice
from assure_app.states.portal.frame import Frame


def portal_frame(*content: rx.Component) -> rx.Component:
    """The page in its frame."""
    return rx.fragment(
        PlainLink.create("Skip to content", href="#content", class_name="btn skip"),
        rx.el.div(
            _head(),
            rx.el.main(_places(), *content, id="content", tab_index=-1),
            _foot(),
            class_name="portal",
        ),
        Fonts.create(),
    )


def _head() -> rx.Component:
    frame = Frame.frame
    return rx.el.header(
        rx.el.a(frame.firm, href=frame.home_href, class_name="portal-firm"),
        rx.el.div(
            rx.el.span(frame.person, class_name="portal-person"),
            rx.cond(frame.person != "", _sign_out()),
            class_name="row push",
        ),
        class_name="portal-head",
    )


def _places() -> rx.Component:
    """The clients of somebody who is a contact of several: each strictly apart."""
    return rx.cond(
        Frame.frame.places.length() > 0,
        rx.el.nav(
            rx.el.ul(rx.foreach(Frame.frame.places, _place)),
            aria_label="Your companies",
            class_name="places",
        ),
    )


def _place(place: rx.Var[Place]) -> rx.Component:
    return rx.el.li(
        # A page of its own: the address says whose invoices are shown.
        PlainLink.create(
            rx.el.b(place.client),
            rx.el.span(place.firm),
            rx.cond(place.owes != "", rx.el.span(place.owes + " due", class_name="num")),
            href=place.href,
            aria_current=rx.cond(place.is_current, "true", "false"),
        ),
        key=place.href,
    )


def _foot() -> rx.Component:
    return rx.el.footer(
        theme_choice(),
        rx.cond(
            Frame.is_sandbox,
            rx.el.p("TEST MODE — no real money moves.", class_name="push"),
        ),
        class_name="portal-foot",
    )


def _sign_out() -> rx.Component:
    form: rx.Component = PlainForm.create(
        rx.el.button("Sign out", type="submit", class_name="btn lite sm"),
        method="post",
        action="/auth/portal/sign-out",
    )
    return form
