"""Onboarding: a short form that lets a firm's account charge, or leaves it for later."""

from dataclasses import dataclass, field
from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assure_app.sandbox import shell
from assure_app.sandbox.stripe import Sandbox, onboarding
from assure_app.sandbox.stripe.behaviours import TEST_ROUTING_NUMBER
from assure_app.sandbox.stripe.hosted import NotFound
from assure_app.sandbox.stripe.onboarding import Onboarding, TooLate
from assure_app.sandbox.stripe_pages import fields, forms, pieces
from assure_app.sandbox.stripe_pages.forms import Typed

_SEE_OTHER = 303
_UNPROCESSABLE = 422
_KINDS = {"company": "Company", "individual": "Individual"}
_ASKED = {
    "representative": "Enter the name of the person who answers for the account.",
    "routing": "Enter the routing number.",
    "account": "Enter the account number.",
    "terms": "Agree to the terms to go on.",
}
_EXAMPLE = {
    "representative": "Jane Chen",
    "routing": TEST_ROUTING_NUMBER,
    "account": "000123456789",
    "kind": "company",
}


@dataclass(frozen=True, slots=True)
class _Form:
    typed: Typed
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def first_error(self) -> str:
        return next(iter(self.errors), "")


def show(sandbox: Sandbox, request: Request) -> Response:
    """The form; a spent link leads to where the application gives out another."""
    try:
        found = onboarding.load_onboarding(sandbox, _token(request))
    except TooLate as late:
        return _to(late.refresh_url)
    is_example = request.query_params.get("try") == "example"
    return _page(sandbox, request, found, _Form(_EXAMPLE if is_example else {}))


def submit(sandbox: Sandbox, request: Request, typed: Typed) -> Response:
    """Activate the account, or leave it as it is, and return to the application."""
    try:
        found = onboarding.load_onboarding(sandbox, _token(request))
        if typed.get("act") == "later":
            return _to(found.return_url)
        errors = _errors(typed)
        if errors:
            return _page(sandbox, request, found, _Form(typed, errors))
        return _to(onboarding.complete_onboarding(sandbox, _token(request)))
    except TooLate as late:
        return _to(late.refresh_url)


def _errors(typed: Typed) -> dict[str, str]:
    missing = {name: sentence for name, sentence in _ASKED.items() if not typed.get(name)}
    if "routing" not in missing and typed["routing"] != TEST_ROUTING_NUMBER:
        missing["routing"] = f"In test mode the routing number is {TEST_ROUTING_NUMBER}."
    return missing


def _page(sandbox: Sandbox, request: Request, found: Onboarding, form: _Form) -> Response:
    inside = (
        fields.choice("Business type", "kind", _KINDS, form.typed.get("kind", ""))
        + _typed(form, "Representative", "representative", placeholder="First and last name")
        + '<div class="pair">'
        + _typed(form, "Routing number", "routing", placeholder="110000000", most=9)
        + _typed(form, "Account number", "account", placeholder="000123456789", most=17)
        + "</div>"
        + fields.check(
            "I agree to the terms of this stand-in",
            "terms",
            is_checked=form.typed.get("terms") == "yes",
            hint="There are none: nothing you type here is kept or sent.",
            error=form.errors.get("terms", ""),
        )
        + fields.button("Agree and submit", kind="pri wide", name="act", value="submit")
        + fields.button("Finish later", kind="wide", name="act", value="later")
    )
    name = escape(found.account_name)
    text = (
        f'<section class="step"><p class="firm">{pieces.firm(found.account_name)}</p>'
        "<h1>Get paid by card and bank</h1>"
        f'<p class="lead">Stripe would ask who stands behind {name} and where its money shall go.'
        ' Here a few words are enough. <a href="?try=example"'
        f" {pieces.filling(_EXAMPLE)}>Fill in an example</a></p>"
        f"{forms.form(sandbox, request.url.path, inside, kind='stack')}</section>"
    )
    page = shell.page(f"Set up {found.account_name}", text, kind="single", has_script=True)
    status = _UNPROCESSABLE if form.errors else 200
    return shell.html(page, status=status, leads_to=[found.return_url, found.refresh_url])


def _typed(form: _Form, label: str, name: str, *, placeholder: str, most: int = 100) -> str:
    return fields.text(
        label,
        name,
        form.typed.get(name, ""),
        error=form.errors.get(name, ""),
        placeholder=placeholder,
        inputmode="text" if most == 100 else "numeric",
        most=most,
        is_focused=form.first_error == name,
    )


def _to(url: str) -> Response:
    if not shell.is_web_address(url):
        raise NotFound("This link leads nowhere.")
    return RedirectResponse(url, _SEE_OTHER)


def _token(request: Request) -> str:
    return str(request.path_params["token"])
