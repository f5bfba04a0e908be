"""The fields of the Checkout page's form. Whatever came from outside is escaped."""

from html import escape

from assure_app.domain.money import full_text
from assure_app.sandbox.stripe.hosted import Checkout
from assure_app.sandbox.stripe_pages import fields
from assure_app.sandbox.stripe_pages.checkout_form import CheckoutForm, method_of

METHOD_NAMES = {"card": "Card", "us_bank_account": "US bank account"}


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
        + _methods(checkout, offered, chosen)
        + shown
        + _saving(checkout, form)
        + fields.button(_button(checkout), kind="pri wide")
        + f'<p class="fine">{_fine_print(checkout)}</p>'
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


def _methods(checkout: Checkout, offered: list[str], chosen: str) -> str:
    named = {each.id: f"{each.label} (saved)" for each in checkout.saved}
    named |= {kind: METHOD_NAMES[kind] for kind in offered}
    if len(named) == 1:
        return fields.hidden("method", chosen) + f"<h2>{METHOD_NAMES[chosen]}</h2>"
    radios = "".join(
        f'<label{_saved_mark(value)}><input type="radio" name="method" value="{value}"'
        f"{' checked' if value == chosen else ''}><span>{escape(name)}</span></label>"
        for value, name in named.items()
    )
    return f'<fieldset class="tabs"><legend>Payment method</legend>{radios}</fieldset>'


def _saved_mark(value: str) -> str:
    return "" if value in METHOD_NAMES else ' class="saved"'


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


def _button(checkout: Checkout) -> str:
    return "Save" if checkout.mode == "setup" else f"Pay {full_text(checkout.amount_cents)}"


def _fine_print(checkout: Checkout) -> str:
    firm = escape(checkout.account_name)
    return f"A stand-in for Stripe on this computer: no money moves, and {firm} sees no number."
