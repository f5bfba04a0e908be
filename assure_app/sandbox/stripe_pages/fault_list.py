"""The faults that the control page turns on and off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from assure_app.sandbox.stripe.overview import FaultRow
from assure_app.sandbox.stripe_pages import fields
from assure_app.sandbox.stripe_pages.pieces import badge

Form = Callable[..., str]


@dataclass(frozen=True, slots=True)
class _Fault:
    label: str
    what: str
    kind: str
    value: int


_FAULTS = (
    _Fault("Duplicate", "The next webhooks come twice.", "duplicate", 1),
    _Fault("Shuffle", "The next webhooks come in any order within 10 seconds.", "shuffle", 10),
    _Fault("Delay", "The next webhooks come a minute late.", "delay", 60),
    _Fault("Drop", "The next webhooks never come.", "drop", 1),
    _Fault("Time out", "The next calls act, and answer only after 30 seconds.", "time_out", 30),
    _Fault("Lost answer", "The next calls act, and their answers never come.", "lost", 1),
    _Fault("Error after", "The next calls act, and tell a 500 for good.", "error_after", 500),
    _Fault("Slow", "The next calls take 3 seconds.", "slow", 3),
    _Fault("Error 500", "The next calls fail and do nothing.", "error", 500),
    _Fault("Error 429", "The next calls are too many.", "error", 429),
    _Fault("Error 402", "The next calls are declined.", "error", 402),
)


def faults(form: Form, planned: Sequence[FaultRow]) -> str:
    """What goes wrong, how often it will, and how to stop it; `form` makes a form of an act."""
    rows = "".join(_row(form, fault, planned) for fault in _FAULTS)
    stop = form("stop_faults", fields.button("Turn all off", kind="sm")) if planned else ""
    return (
        '<section aria-labelledby="faults"><div class="head"><h2 id="faults">Faults</h2>'
        f'{stop}</div><ul class="card faults">{rows}</ul></section>'
    )


def _row(form: Form, fault: _Fault, planned: Sequence[FaultRow]) -> str:
    left = sum(row.remaining for row in planned if _is_of(fault, row))
    state = badge(f"{left} left", "warn") if left else badge("Off")
    held = {"kind": fault.kind, "value": str(fault.value)}
    count = (
        '<label>Times <input name="count" value="1" inputmode="numeric" maxlength="4"'
        f' aria-label="Times: {fault.label}"></label>'
    )
    start = form("plan_fault", count + _button("Turn on", fault), **held)
    stop = form("stop_fault", _button("Turn off", fault), **held) if left else ""
    return (
        f"<li><p><b>{fault.label}</b><small>{fault.what}</small></p><span>{state}</span>"
        f'<div class="acts">{start}{stop}</div></li>'
    )


def _button(label: str, fault: _Fault) -> str:
    name = escape(f"{label}: {fault.label}")
    return f'<button class="btn sm" aria-label="{name}">{label}</button>'


def _is_of(fault: _Fault, row: FaultRow) -> bool:
    return row.kind == fault.kind and (fault.kind != "error" or row.value == fault.value)
