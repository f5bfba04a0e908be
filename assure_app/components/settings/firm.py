"""The form for the firm's own settings."""

from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from assure_app.components import fields
from assure_app.components.settings.frame import card, page_form, save_button
from assure_app.states.settings.firm import FORM, FirmPage

_PAUSE_MILLISECONDS = 150
_ZONES_ID = "time-zones"
_REGIONS = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/"),
    *("Europe/", "Indian/", "Pacific/", "UTC"),
)


def firm_form() -> rx.Component:
    """Name and time zone, numbering and due dates, and what Stripe keeps."""
    return rx.fragment(
        page_form(
            FORM,
            _identity(),
            _numbering(),
            _fees(),
            _refunds(),
            _autopay(),
            fields.problem_text("firm-form", FirmPage.problems["form"]),
            save_button(),
            key=FirmPage.form_key,
            on_submit=FirmPage.submit,
        ),
        _zones(),
    )


def _identity() -> rx.Component:
    return card(
        "Firm",
        _text("name", "Name"),
        _text(
            "timezone", "Time zone", list=_ZONES_ID, help_text="Type a city or a region to search."
        ),
        rx.cond(
            FirmPage.preview.zone_warning != "",
            rx.el.p(FirmPage.preview.zone_warning, class_name="warning", role="status"),
        ),
        help_text="The time zone decides when a day ends, and so when an invoice is overdue.",
    )


def _numbering() -> rx.Component:
    preview = FirmPage.preview
    return card(
        "Invoices",
        rx.el.div(
            _text("prefix", "Prefix"),
            _text("next_number", "Next number", class_name="num", input_mode="numeric"),
            class_name="pair",
        ),
        rx.el.p(
            "Next invoice: ",
            rx.el.b(_known(preview.next_invoice)),
            class_name="outcome",
            role="status",
        ),
        _text("due_days", "Due after", light="days", class_name="num short", input_mode="numeric"),
        rx.el.p(
            "An invoice made today is due ",
            rx.el.b(_known(preview.due_example)),
            ".",
            class_name="outcome",
        ),
        help_text="What a new invoice begins with. Invoices that exist keep their number and date.",
    )


def _fees() -> rx.Component:
    preview = FirmPage.preview
    return card(
        "Fees",
        rx.el.div(
            _text("card_percent", "Card", light="%", class_name="num", input_mode="decimal"),
            _text("card_fixed", "Card, fixed", light="¢", class_name="num", input_mode="numeric"),
            class_name="pair",
        ),
        rx.el.p(
            "$100.00 by card costs ",
            rx.el.b(_known(preview.card_example)),
            ".",
            class_name="outcome",
            role="status",
        ),
        rx.el.div(
            _text("ach_percent", "ACH", light="%", class_name="num", input_mode="decimal"),
            _text("ach_fixed", "ACH, fixed", light="¢", class_name="num", input_mode="numeric"),
            class_name="pair",
        ),
        rx.el.p(
            "$100.00 by ACH costs ",
            rx.el.b(_known(preview.ach_example)),
            ".",
            class_name="outcome",
            role="status",
        ),
        help_text="What Stripe keeps of a payment, until it tells the exact figure itself. A refund"
        " brings none of it back.",
    )


def _refunds() -> rx.Component:
    return card(
        "Refunds",
        _text(
            "second_person",
            "Second person from",
            light="$",
            class_name="num short",
            input_mode="decimal",
            help_text="A refund of this amount and more is asked for by one person and approved by"
            " another. Leave it empty for none.",
        ),
        help_text="Nobody approves what they asked for themself, owners included.",
    )


def _autopay() -> rx.Component:
    return card(
        "Auto-pay",
        _text(
            "retry_days",
            "Try again after",
            light="days",
            class_name="short",
            help_text="Such as 3, 5, 7: each counted from the failure before it. Leave it empty for"
            " no second try.",
        ),
        help_text="Only what may work on another day is tried again, such as a card without enough"
        " money on it. After the last try auto-pay stops and tells you.",
    )


def _known(text: rx.Var[str]) -> Any:
    return rx.cond(text != "", text, "—")


def _text(
    name: str, label: str, *, light: str = "", help_text: str | None = None, **more: Any
) -> rx.Component:
    field_id = f"firm-{name}"
    problem = FirmPage.problems[name]
    control = fields.text_input(
        name,
        field_id=field_id,
        problem=problem,
        default_value=getattr(FirmPage.start, name),
        on_change=FirmPage.typed(fields.typed_in(FORM)).debounce(_PAUSE_MILLISECONDS),
        **more,
    )
    return fields.field(
        label, control, field_id=field_id, problem=problem, light=light, help_text=help_text
    )


def _zones() -> rx.Component:
    """Every zone by its place; which of them exist is decided where they are saved."""
    names = sorted(name for name in available_timezones() if name.startswith(_REGIONS))
    return rx.el.datalist(*(rx.el.option(value=name) for name in names), id=_ZONES_ID)
