"""The Checkout page: pay by card or bank, again after a decline, with the bank's own step."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assure_app.sandbox import shell
from assure_app.sandbox.stripe import Sandbox, hosted
from assure_app.sandbox.stripe.hosted import Checkout, Declined, Finished, Outcome
from assure_app.sandbox.stripe_pages import (
    checkout_fields,
    checkout_form,
    checkout_pages,
    forms,
    trial_methods,
)
from assure_app.sandbox.stripe_pages.checkout_form import CheckoutForm
from assure_app.sandbox.stripe_pages.forms import Typed

_SEE_OTHER = 303
_UNPROCESSABLE = 422


def show(sandbox: Sandbox, request: Request) -> Response:
    """The page as it stands; `?try=` fills in one of the test methods."""
    checkout = hosted.load_checkout(sandbox, _id(request))
    if checkout.status != "open":
        return shell.html(checkout_pages.over_page(checkout))
    if checkout.waits_for_authentication:
        return _to_authentication(checkout)
    method = trial_methods.find(request.query_params.get("try", ""))
    form = CheckoutForm(method.typed(year=_year(sandbox)) if method else {})
    if request.query_params.get("authentication") == "failed":
        form = checkout_pages.authentication_failed(form)
    return _page(sandbox, checkout, form)


def pay(sandbox: Sandbox, request: Request, typed: Typed) -> Response:
    """Try to pay. A decline shows the form again with all that was typed."""
    checkout = hosted.load_checkout(sandbox, _id(request))
    form = checkout_form.checked(checkout, typed)
    if checkout.status == "open" and form.errors:
        return _page(sandbox, checkout, form)
    outcome = _try(sandbox, checkout, typed) if checkout.status == "open" else None
    if isinstance(outcome, Declined) and _is_open(sandbox, checkout):
        return _page(sandbox, checkout, checkout_form.declined(checkout, typed, outcome))
    return _after(checkout, outcome)


def ask(sandbox: Sandbox, request: Request) -> Response:
    """The bank's own step."""
    checkout = hosted.load_checkout(sandbox, _id(request))
    if not checkout.waits_for_authentication:
        return _to(_path(checkout))
    action = f"{_path(checkout)}/authenticate"
    complete, fail = (
        forms.form(
            sandbox,
            action,
            f'<button class="btn {kind} wide" name="outcome" value="{value}">{label}</button>',
        )
        for label, value, kind in (("Complete", "complete", "pri"), ("Fail", "fail", ""))
    )
    page = checkout_pages.authentication_page(checkout, complete, fail)
    return shell.html(page, leads_to=[checkout.success_url])


def authenticate(sandbox: Sandbox, request: Request, typed: Typed) -> Response:
    """The bank's own step ends."""
    checkout = hosted.load_checkout(sandbox, _id(request))
    if not checkout.waits_for_authentication:
        return _to(_path(checkout))
    passes = typed.get("outcome") == "complete"
    outcome = hosted.authenticate(sandbox, checkout.id, passes=passes)
    if isinstance(outcome, Declined) and not passes:
        return _to(f"{_path(checkout)}?authentication=failed")
    if isinstance(outcome, Declined) and _is_open(sandbox, checkout):
        return _page(sandbox, checkout, checkout_form.declined(checkout, {}, outcome))
    return _after(checkout, outcome)


def _try(sandbox: Sandbox, checkout: Checkout, typed: Typed) -> Outcome:
    email, saves = typed.get("email", ""), typed.get("save") == "yes"
    if saved := checkout_form.saved_of(checkout, typed):
        return hosted.pay_by_saved(sandbox, checkout.id, saved)
    if checkout_form.method_of(checkout, typed) == "card":
        card = checkout_form.card_fields(typed)
        return hosted.pay_by_card(sandbox, checkout.id, card, email=email, saves=saves)
    bank = checkout_form.bank_fields(typed)
    return hosted.pay_by_bank(sandbox, checkout.id, bank, email=email, saves=saves)


def _after(checkout: Checkout, outcome: Outcome | None) -> Response:
    """Where the customer goes on: to the shop, to the bank's step, or to what the page says now."""
    if isinstance(outcome, Finished) and shell.is_web_address(outcome.url):
        return _to(outcome.url)
    if isinstance(outcome, hosted.NeedsAuthentication):
        return _to_authentication(checkout)
    return _to(_path(checkout))


def _page(sandbox: Sandbox, checkout: Checkout, form: CheckoutForm) -> Response:
    year = _year(sandbox)
    inside = checkout_fields.fieldset(checkout, form)
    page = checkout_pages.checkout_page(
        checkout, forms.form(sandbox, _path(checkout), inside), year=year
    )
    status = _UNPROCESSABLE if form.errors else 200
    return shell.html(page, status=status, leads_to=[checkout.success_url])


def _is_open(sandbox: Sandbox, checkout: Checkout) -> bool:
    return hosted.load_checkout(sandbox, checkout.id).status == "open"


def _to_authentication(checkout: Checkout) -> Response:
    return _to(f"{_path(checkout)}/authenticate")


def _to(url: str) -> Response:
    return RedirectResponse(url, _SEE_OTHER)


def _id(request: Request) -> str:
    return str(request.path_params["session_id"])


def _path(checkout: Checkout) -> str:
    return f"/checkout/{checkout.id}"


def _year(sandbox: Sandbox) -> int:
    return datetime.fromtimestamp(sandbox.time(), UTC).year
