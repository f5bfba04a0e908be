"""What the Checkout page shows. Whatever came from outside is escaped."""

from html import escape

from assure_app.domain.money import full_text
from assure_app.sandbox import shell
from assure_app.sandbox.stripe.hosted import Checkout, Line
from assure_app.sandbox.stripe_pages import fields, pieces, trial_methods
from assure_app.sandbox.stripe_pages.checkout_form import CheckoutForm, method_of

_METHOD_NAMES = {"card": "Card", "us_bank_account": "US bank account"}
_AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again."
)


def title(checkout: Checkout) -> str:
    """What the page is for, in a line."""
    if checkout.mode == "setup":
        return f"Save a payment method with {checkout.account_name}"
    return f"Pay {checkout.account_name}"


def fieldset(checkout: Checkout, form: CheckoutForm) -> str:
    """All that the customer fills in, and the button."""
    chosen = method_of(checkout, form.typed)
    panels = {"card": _card_panel(form), "us_bank_account": _bank_panel(checkout, form)}
    offered = [kind for kind in panels if kind in checkout.method_types]
    shown = "".join(
        f'<div class="panel" data-panel="{kind}">{panels[kind]}</div>' for kind in offered
    )
    return (
        _email(checkout, form)
        + _methods(offered, chosen)
        + shown
        + _saving(checkout, form)
        + fields.button(_button(checkout), kind="pri wide")
        + f'<p class="fine">{_fine_print(checkout)}</p>'
    )


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


def _email(checkout: Checkout, form: CheckoutForm) -> str:
    return fields.text(
        "Email",
        "email",
        checkout.email if checkout.has_fixed_email else form["email"] or checkout.email,
        error=form.errors.get("email", ""),
        autocomplete="email",
        inputmode="email",
        is_focused=form.first_error == "email",
        is_fixed=checkout.has_fixed_email,
    )


def _methods(offered: list[str], chosen: str) -> str:
    if len(offered) == 1:
        return fields.hidden("method", chosen) + f"<h2>{_METHOD_NAMES[chosen]}</h2>"
    radios = "".join(
        f'<label><input type="radio" name="method" value="{kind}"'
        f"{' checked' if kind == chosen else ''}><span>{_METHOD_NAMES[kind]}</span></label>"
        for kind in offered
    )
    return f'<fieldset class="tabs"><legend>Payment method</legend>{radios}</fieldset>'


def _card_panel(form: CheckoutForm) -> str:
    return (
        _typed(form, "Card number", "number", placeholder="1234 1234 1234 1234", most=23)
        + '<div class="pair">'
        + _typed(form, "Expiry", "expiry", placeholder="MM / YY", most=9)
        + _typed(form, "CVC", "cvc", placeholder="123", most=4)
        + '</div><div class="pair uneven">'
        + _typed(form, "Name", "name", placeholder="Name on the card", inputmode="text")
        + _typed(form, "ZIP", "zip", placeholder="10001", most=10)
        + "</div>"
    )


def _bank_panel(checkout: Checkout, form: CheckoutForm) -> str:
    return (
        '<div class="pair">'
        + _typed(form, "Routing number", "routing", placeholder="110000000", most=9)
        + _typed(form, "Account number", "account", placeholder="000123456789", most=17)
        + '</div><div class="pair uneven">'
        + _typed(form, "Account holder", "holder", placeholder="Full name", inputmode="text")
        + fields.choice(
            "Account type",
            "holder_type",
            {"individual": "Personal", "company": "Business"},
            form["holder_type"],
        )
        + f'</div><p class="mandate">{_mandate(checkout)}</p>'
    )


def _typed(
    form: CheckoutForm,
    label: str,
    name: str,
    *,
    placeholder: str,
    most: int = 100,
    inputmode: str = "numeric",
) -> str:
    return fields.text(
        label,
        name,
        form[name],
        error=form.errors.get(name, ""),
        placeholder=placeholder,
        inputmode=inputmode,
        most=most,
        is_focused=form.first_error == name,
    )


def _mandate(checkout: Checkout) -> str:
    firm = escape(checkout.account_name)
    act = _button(checkout).removesuffix(f" {full_text(checkout.amount_cents)}")
    if checkout.mode == "setup" or checkout.always_saves:
        what = f"you allow {firm} to take what you agreed to pay from this account, now and later"
    else:
        what = (
            f"you allow {firm} to take {full_text(checkout.amount_cents)} from this account, once"
        )
    return (
        f"By choosing “{act}” {what}. It takes up to four business days. If something is wrong,"
        f" tell {firm} or your bank; you can take this permission back at any time before the"
        " money moves."
    )


def _saving(checkout: Checkout, form: CheckoutForm) -> str:
    firm = checkout.account_name
    if checkout.mode == "setup":
        return ""
    if checkout.always_saves:
        return (
            f'<p class="mandate">{escape(firm)} keeps this payment method for later payments.</p>'
        )
    if not checkout.offers_saving:
        return ""
    hint = f"You can pay {firm} again without typing it."
    return fields.check("Save for later", "save", is_checked=form["save"] == "yes", hint=hint)


def _trials(checkout: Checkout, *, year: int) -> str:
    """What can be typed in test mode; a link fills it in, with a script without leaving."""
    groups = "".join(
        _group(_METHOD_NAMES[kind], kind, year=year)
        for kind in _METHOD_NAMES
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


def _button(checkout: Checkout) -> str:
    return "Save" if checkout.mode == "setup" else f"Pay {full_text(checkout.amount_cents)}"


def _full_title(checkout: Checkout) -> str:
    amount = "" if checkout.mode == "setup" else f" · {full_text(checkout.amount_cents)}"
    return title(checkout) + amount


def _fine_print(checkout: Checkout) -> str:
    firm = escape(checkout.account_name)
    return f"A stand-in for Stripe on this computer: no money moves, and {firm} sees no number."


def _return(checkout: Checkout, target: str) -> str:
    if not shell.is_web_address(target):
        return ""
    name = escape(checkout.account_name)
    return f'<p><a class="btn pri" href="{escape(target)}">Return to {name}</a></p>'
