"""The receipt of a charge, with what was refunded of it."""

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from assure_app.domain.money import full_text
from assure_app.sandbox import shell
from assure_app.sandbox.stripe import Sandbox
from assure_app.sandbox.stripe.receipts import Receipt, RefundLine, load_receipt
from assure_app.sandbox.stripe_pages import moments, pieces


def show(sandbox: Sandbox, request: Request) -> Response:
    """The receipt as it stands now."""
    receipt = load_receipt(sandbox, str(request.path_params["token"]))
    page = shell.page(f"Receipt from {receipt.account_name}", _text(receipt), kind="single")
    return shell.html(page)


def _text(receipt: Receipt) -> str:
    rows = [
        _row("Date paid", moments.day(receipt.paid_at)),
        _row("Payment method", receipt.method),
        _row("Receipt sent to", receipt.email) if receipt.email else "",
        _amount(receipt.description or "Payment", receipt.amount_cents),
        *(_refund(each) for each in receipt.refunds),
        _amount(
            "Amount kept" if receipt.refunded_cents else "Amount paid",
            receipt.amount_cents - receipt.refunded_cents,
            kind="sum",
        ),
    ]
    disputed = '<p><span class="badge warn">Disputed</span></p>' if receipt.is_disputed else ""
    return (
        f'<section class="step"><p class="firm">{pieces.firm(receipt.account_name)}</p>'
        f"<h1>Receipt from {escape(receipt.account_name)}</h1>"
        f'<p class="amount">{full_text(receipt.amount_cents)}</p>{disputed}'
        f"<dl>{''.join(rows)}</dl>"
        f'<p class="fine">Payment {escape(receipt.charge_id)}. This is a test: no money moved.</p>'
        "</section>"
    )


def _refund(refund: RefundLine) -> str:
    day = moments.day(refund.made_at)
    if refund.status == "failed":
        return _amount(f"Refund of {day}, failed", 0)
    is_under_way = refund.status == "pending"
    name = f"Refund of {day}, on its way" if is_under_way else f"Refunded on {day}"
    return _amount(name, -refund.amount_cents)


def _amount(name: str, cents: int, *, kind: str = "") -> str:
    return (
        f'<div class="{kind}"><dt>{escape(name)}</dt><dd class="num">{full_text(cents)}</dd></div>'
    )


def _row(name: str, value: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
