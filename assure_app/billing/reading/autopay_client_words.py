"""What a saved method is charged for an invoice, and when, as its client reads it: whoever may not
pay hears of no method."""

from datetime import date

from assure_app.billing.reading.autopay_words import Stand, as_sentence
from assure_app.domain.autopay import AutopayState
from assure_app.domain.calendar import day_text
from assure_app.domain.money import full_text

_UNNAMED = "your saved payment method"
_PAY_NOW = " Please pay now."


def for_client(found: Stand, *, balance_cents: int, may_pay: bool, today: date) -> str:
    """What auto-pay does next, in one or two sentences; "" where there is nothing to say."""
    please = _PAY_NOW if may_pay else ""
    match found.state:
        case AutopayState.WAITING if found.is_left:
            why = "it was past due before a payment method was saved"
            return f"Auto-pay will not charge this invoice: {why}.{please}"
        case AutopayState.WAITING if found.method:
            return _coming(found, full_text(balance_cents), may_pay, today)
        case AutopayState.STOPPED:
            return f"Auto-pay will not charge this invoice.{please}"
        case AutopayState.CLIENT | AutopayState.EXHAUSTED if found.tries:
            tried = _named(found.tried, may_pay)
            return f"We could not charge {tried}. {as_sentence(found.failure)}{please}"
        case AutopayState.CLIENT | AutopayState.EXHAUSTED:
            return f"Auto-pay did not charge this invoice.{please}"
        case _:
            return ""


def in_short(found: Stand | None, *, may_pay: bool, today: date) -> str:
    """What auto-pay charges next, in a few words beside the invoice; "" where it charges nothing
    by itself any more."""
    if found is None or found.state is not AutopayState.WAITING or found.is_left:
        return ""
    if not found.method:
        return ""
    again = "tries again with" if found.failures else "charges"
    method, on = _named(found.method, may_pay), day_text(found.on, today=today)
    over = f", but it expires {found.over}" if found.over and may_pay else ""
    return f"Auto-pay {again} {method} on {on}{over}"


def being_charged(method: str, amount_cents: int, *, may_pay: bool) -> str:
    """What the client reads while a saved method of theirs is charged, by auto-pay or because they
    agreed to it: whatever comes of it, they need not pay a second time."""
    return (
        f"We are charging {full_text(amount_cents)} to {_named(method, may_pay)} and wait for the"
        " bank’s answer. You need not pay: this page shows what comes of it."
    )


def _coming(found: Stand, amount: str, may_pay: bool, today: date) -> str:
    method, tried = _named(found.method, may_pay), _named(found.tried, may_pay)
    on = day_text(found.on, today=today)
    if found.over and may_pay and not found.failures:
        return (
            f"Auto-pay is on: {method} will be charged {amount} on {on}, but it expires"
            f" {found.over}. Please add another payment method and make it the default."
        )
    if not found.failures:
        return f"Auto-pay is on: {method} will be charged {amount} on {on}. You need do nothing."
    again = f", for {amount}" if method == tried else f": {method} will be charged {amount}"
    instead = " You can also pay now." if may_pay else ""
    return f"We could not charge {tried}. We will try again on {on}{again}.{instead}"


def _named(method: str, may_pay: bool) -> str:
    return method if may_pay and method else _UNNAMED
