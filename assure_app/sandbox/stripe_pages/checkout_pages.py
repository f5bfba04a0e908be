"""What the Checkout page shows. Whatever came from outside is escaped."""

from html import escape

from assure_app.domain.money import full_text
from assure_app.sandbox import shell
from assure_app.sandbox.stripe.hosted import Checkout, Line
from assure_app.sandbox.stripe_pages import pieces, trial_methods
from assure_app.sandbox.stripe_pages.checkout_fields import METHOD_NAMES
from assure_app.sandbox.stripe_pages.checkout_form import CheckoutForm

_AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again."
)


def title(checkout: Checkout) -> str:
    """What the page is for, in a line."""
    if checkout.mode == "setup":
        return f"Save a payment method with {checkout.account_name}"
    return f"Pay {checkout.account_name}"


def checkout_page(checkout: Checkout, sent_by: str, *, year: int) -> str:
    """The page with its form, which is HTML."""
    text = (
        f'{_summary(checkout)}<section class="details" aria-label="Payment details">'
        f"{sent_by}{_trials(checkout, year=year)}</section>"
    )
    return shell.page(_full_title(checkout), text, kind="checkout", has_script=True)


def authentication_page(checkout: Checkout, complete: str, fail: str) -> str:
    """The bank's own step; `complete` and `fail` are forms."""
    what = "Save this card" if checkout.mode == "setup" else full_text(checkout.amount_cents)
    text = (
        f'<section class="step"><p class="firm">{pieces.firm(checkout.account_name)}</p>'
        "<h1>3-D Secure: confirm it is you</h1>"
        f'<p class="amount small">{what}</p>'
        f'<p class="lead">Here your bank would ask for a code for {escape(checkout.account_name)}.'
        " In test mode you decide how that ends.</p>"
        f'<div class="pair">{complete}{fail}</div></section>'
    )
    return shell.page("Confirm it is you", text, kind="single", has_script=True)


def over_page(checkout: Checkout) -> str:
    """The session was completed, or its time is over."""
    if checkout.status == "complete":
        heading = "All done" if checkout.mode == "setup" else "This has been paid"
        told = "Nothing more is needed here, and nothing can be paid twice on this page."
        target = checkout.success_url
    else:
        heading = "This page has expired"
        told = "Nothing was charged. Go back and start again to pay."
        target = checkout.cancel_url or checkout.success_url
    text = (
        f'<section class="step"><p class="firm">{pieces.firm(checkout.account_name)}</p>'
        f'<h1>{heading}</h1>{_amount(checkout)}<p class="lead">{told}</p>'
        f"{_return(checkout, target)}</section>"
    )
    return shell.page(heading, text, kind="single")


def authentication_failed(form: CheckoutForm) -> CheckoutForm:
    """The form after the bank's own step failed."""
    return CheckoutForm(form.typed, {"number": _AUTHENTICATION_FAILED})


def _summary(checkout: Checkout) -> str:
    back = ""
    if shell.is_web_address(checkout.cancel_url):
        back = f'<a class="back" href="{escape(checkout.cancel_url)}">Back</a>'
    lines = "".join(_line(each) for each in checkout.lines)
    size = ' class="big"' if checkout.mode == "setup" else ""
    listed = f'<ul class="lines">{lines}</ul>' if lines else ""
    return (
        f'<section class="summary" aria-labelledby="what">{back}'
        f'<p class="firm">{pieces.firm(checkout.account_name)}</p>'
        f'<h1 id="what"{size}>{escape(title(checkout))}</h1>{_amount(checkout)}{listed}</section>'
    )


def _amount(checkout: Checkout) -> str:
    if checkout.mode == "setup":
        return ""
    return f'<p class="amount">{full_text(checkout.amount_cents)}</p>'


def _line(line: Line) -> str:
    times = f' <span class="quiet">× {line.quantity}</span>' if line.quantity != 1 else ""
    return (
        f"<li><span>{escape(line.name)}{times}</span>"
        f'<span class="num">{full_text(line.amount_cents)}</span></li>'
    )


def _trials(checkout: Checkout, *, year: int) -> str:
    """What can be typed in test mode; a link fills it in, with a script without leaving."""
    groups = "".join(
        _group(METHOD_NAMES[kind], kind, year=year)
        for kind in METHOD_NAMES
        if kind in checkout.method_types
    )
    return (
        '<details class="trials"><summary>Test cards and bank accounts</summary>'
        f"<p>Choose one to fill it in. Never type a real card here.</p>{groups}</details>"
    )


def _group(name: str, kind: str, *, year: int) -> str:
    offered = [method for method in trial_methods.ALL if method.kind == kind]
    rows = "".join(
        f'<li><a href="?try={method.key}" {pieces.filling(method.typed(year=year))}>'
        f"<span>{method.number}</span><small>{escape(method.effect)}</small></a></li>"
        for method in offered
    )
    return f"<h3>{name}</h3><ul>{rows}</ul>"


def _full_title(checkout: Checkout) -> str:
    amount = "" if checkout.mode == "setup" else f" · {full_text(checkout.amount_cents)}"
    return title(checkout) + amount


def _return(checkout: Checkout, target: str) -> str:
    if not shell.is_web_address(target):
        return ""
    name = escape(checkout.account_name)
    return f'<p><a class="btn pri" href="{escape(target)}">Return to {name}</a></p>'
