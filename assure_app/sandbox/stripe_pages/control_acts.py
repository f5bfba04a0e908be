"""What the control page's buttons do."""

from collections.abc import Callable, Mapping

from assure_app.domain.money import parse_amount
from assure_app.sandbox.stripe import Sandbox, acts, business_days, faults
from assure_app.sandbox.stripe_pages.forms import Typed

_STEPS_SECONDS = {"hour": 3_600, "day": 86_400}

Act = Callable[[Sandbox, Typed], object]


def do(sandbox: Sandbox, name: str, typed: Typed) -> bool:
    """Do what a button says; False when there is no such button.

    Raises ApiError or ValueError with the sentence that tells why it cannot be done.
    """
    act = _ACTS.get(name)
    if act is None:
        return False
    act(sandbox, typed)
    return True


def _advance(sandbox: Sandbox, typed: Typed) -> None:
    now = int(sandbox.time())
    step = _STEPS_SECONDS.get(typed.get("by", ""), business_days.after(now, 1) - now)
    acts.advance(sandbox, seconds=step)


def _plan_fault(sandbox: Sandbox, typed: Typed) -> None:
    acts.plan_fault(
        sandbox,
        kind=typed.get("kind", ""),
        value=float(_number(typed, "value")),
        count=_number(typed, "count"),
    )


def _stop_fault(sandbox: Sandbox, typed: Typed) -> None:
    kind = typed.get("kind", "")
    value = _number(typed, "value") if kind == "error" else None
    with sandbox.at() as partition:
        faults.forget(partition.store, kind, value=value)


def _number(typed: Typed, name: str) -> int:
    text = typed.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError("Enter how many times, from 1 to 1,000.")
    return int(text)


def _cents(text: str) -> int:
    """An amount as a person types it; nothing typed is all that is left."""
    return parse_amount(text) if text.strip() else 0


def _enable(sandbox: Sandbox, typed: Typed, *, is_enabled: bool) -> None:
    acts.enable_account(sandbox, account=typed.get("account", ""), enabled=is_enabled)


_ACTS: Mapping[str, Act] = {
    "advance": _advance,
    "settle": lambda sandbox, typed: acts.settle(sandbox, charge=typed["id"]),
    "fail": lambda sandbox, typed: acts.fail(
        sandbox, charge=typed["id"], failure_code=typed.get("reason", "insufficient_funds")
    ),
    "return_late": lambda sandbox, typed: acts.return_late(
        sandbox, charge=typed["id"], reason=typed.get("reason", "insufficient_funds")
    ),
    "dispute": lambda sandbox, typed: acts.dispute(sandbox, charge=typed["id"]),
    "inquire": lambda sandbox, typed: acts.dispute(
        sandbox, charge=typed["id"], reason="general", inquiry=True
    ),
    "win_dispute": lambda sandbox, typed: acts.win_dispute(sandbox, dispute=typed["id"]),
    "lose_dispute": lambda sandbox, typed: acts.lose_dispute(sandbox, dispute=typed["id"]),
    "escalate_dispute": lambda sandbox, typed: acts.escalate_dispute(sandbox, dispute=typed["id"]),
    "reverse_dispute": lambda sandbox, typed: acts.reverse_dispute(sandbox, dispute=typed["id"]),
    "refund": lambda sandbox, typed: acts.refund(
        sandbox,
        charge=typed["id"],
        amount=_cents(typed.get("amount", "")),
        reason=typed.get("reason", ""),
    ),
    "fail_refund": lambda sandbox, typed: acts.fail_refund(sandbox, refund=typed["id"]),
    "pay_out": lambda sandbox, typed: acts.pay_out(sandbox, account=typed["account"]),
    "fail_payout": lambda sandbox, typed: acts.fail_payout(sandbox, payout=typed["id"]),
    "charge": lambda sandbox, typed: acts.charge(
        sandbox, account=typed["account"], amount=parse_amount(typed.get("amount", ""))
    ),
    "plan_fault": _plan_fault,
    "stop_fault": _stop_fault,
    "stop_faults": lambda sandbox, _typed: acts.reset_faults(sandbox),
    "enable": lambda sandbox, typed: _enable(sandbox, typed, is_enabled=True),
    "restrict": lambda sandbox, typed: _enable(sandbox, typed, is_enabled=False),
}
DONE = {
    "advance": "The clock was advanced, and what became due has happened.",
    "settle": "The bank debit succeeded.",
    "fail": "The bank debit failed.",
    "return_late": "The bank returned the debit.",
    "dispute": "The payment is disputed.",
    "inquire": "The customer’s bank asked about the payment.",
    "win_dispute": "The dispute was won.",
    "lose_dispute": "The dispute was lost.",
    "escalate_dispute": "The inquiry became a dispute.",
    "reverse_dispute": "The bank gave back what it took.",
    "refund": "The payment was refunded in Stripe.",
    "fail_refund": "The refund failed, and its money is back in the balance.",
    "pay_out": "The payout is on its way to the bank.",
    "fail_payout": "The bank sent the payout back.",
    "charge": "The payment was taken in Stripe, for no invoice.",
    "plan_fault": "It will go wrong.",
    "stop_fault": "It goes wrong no more.",
    "stop_faults": "Nothing goes wrong any more.",
    "enable": "The account may charge.",
    "restrict": "The account is restricted.",
}
