"""What the hosted pages show and do: plain values for templates, texts of a form to act upon."""

from dataclasses import dataclass

from assure_app.sandbox.stripe import (
    checkout_payments,
    checkout_sessions,
)
from assure_app.sandbox.stripe.errors import ApiError
from assure_app.sandbox.stripe.partition import PLATFORM, Partition
from assure_app.sandbox.stripe.sandbox import Sandbox
from assure_app.sandbox.stripe.store import Json

SESSION_ID = "{CHECKOUT_SESSION_ID}"


class NotFound(LookupError):
    """Nothing here has this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    quantity: int
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A method that the customer saved for use on these pages."""

    id: str
    label: str
    kind: str  # "card" or "us_bank_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A session as its page shows it."""

    id: str
    account_name: str
    mode: str  # "payment" or "setup"
    status: str  # "open", "complete" or "expired"
    lines: tuple[Line, ...]
    amount_cents: int
    method_types: tuple[str, ...]  # "card", "us_bank_account"
    saved: tuple[Saved, ...]
    email: str
    has_fixed_email: bool
    offers_saving: bool
    always_saves: bool
    waits_for_authentication: bool
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFields:
    """The texts of the card's form; forgotten once they were looked up."""

    number: str
    month: str
    year: str  # "2030" or "30"
    security_code: str
    name: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFields:
    """The texts of the bank account's form; forgotten once they were looked up."""

    routing_number: str
    account_number: str
    name: str = ""
    holder_type: str = "individual"  # or "company"


@dataclass(frozen=True, slots=True)
class Finished:
    """Send the customer to this address."""

    url: str


@dataclass(frozen=True, slots=True)
class Declined:
    """Show the sentence and let the customer try again; `field` is "number", "cvc" and the like."""

    sentence: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class NeedsAuthentication:
    """Show the bank's own step: confirm, or fail."""


Outcome = Finished | Declined | NeedsAuthentication


def load_checkout(sandbox: Sandbox, session_id: str) -> Checkout:
    """Raises NotFound."""
    with sandbox.at(_account_of(sandbox, session_id)) as partition:
        session = partition.get("checkout.session", session_id)
        details = session["customer_details"] or {}
        return Checkout(
            id=session_id,
            account_name=account_name(partition),
            mode=session["mode"],
            status=session["status"],
            lines=tuple(
                Line(
                    name=item["description"],
                    quantity=item["quantity"],
                    amount_cents=item["amount_total"],
                )
                for item in session["_line_items"]
            ),
            amount_cents=session["amount_total"] or 0,
            method_types=tuple(session["payment_method_types"]),
            saved=_saved(partition, session),
            email=details.get("email") or "",
            has_fixed_email=bool(session["customer_email"] or session["customer"]),
            offers_saving=checkout_payments.offers_saving(session),
            always_saves=session["mode"] == "setup"
            or checkout_payments.future_usage(session) is not None,
            waits_for_authentication=checkout_payments.waiting_intent(partition, session)
            is not None,
            success_url=_success_url(session),
            cancel_url=session["cancel_url"] or "",
        )


def pay_by_card(
    sandbox: Sandbox, session_id: str, card: CardFields, *, email: str = "", saves: bool = False
) -> Outcome:
    """Try to pay, or to save, with a card. Raises NotFound."""
    try:
        year = _whole(card.year, "exp_year")
        month = _whole(card.month, "exp_month")
    except ApiError as refusal:
        return _declined(refusal)
    given = {
        "type": "card",
        "card": {
            "number": card.number,
            "exp_month": month,
            "exp_year": year + 2000 if year < 100 else year,
            "cvc": card.security_code.strip(),
        },
        "billing_details": {
            "name": card.name or None,
            "email": email or None,
            "address": {"postal_code": card.postal_code or None, "country": "US"},
        },
    }
    return _submit(sandbox, session_id, given, email=email, name=card.name, saves=saves)


def pay_by_bank(
    sandbox: Sandbox, session_id: str, bank: BankFields, *, email: str = "", saves: bool = False
) -> Outcome:
    """Try to pay, or to save, with a bank account. Raises NotFound."""
    given = {
        "type": "us_bank_account",
        "us_bank_account": {
            "routing_number": bank.routing_number,
            "account_number": bank.account_number,
            "account_holder_type": bank.holder_type,
        },
        "billing_details": {"name": bank.name or None, "email": email or None},
    }
    return _submit(sandbox, session_id, given, email=email, name=bank.name, saves=saves)


def pay_by_test_method(
    sandbox: Sandbox, session_id: str, method: str, *, email: str = "", saves: bool = False
) -> Outcome:
    """Try with a saved method's id, or a test method's name such as "pm_card_visa".

    Raises NotFound.
    """
    return _submit(sandbox, session_id, {"known_method": method}, email=email, name="", saves=saves)


def pay_by_saved(sandbox: Sandbox, session_id: str, saved: Saved) -> Outcome:
    """Try to pay with a method that the page offers as saved. Raises NotFound."""
    return pay_by_test_method(sandbox, session_id, saved.id)


def authenticate(sandbox: Sandbox, session_id: str, *, passes: bool) -> Outcome:
    """The bank's own step was confirmed, or failed. Raises NotFound."""
    with sandbox.at(_account_of(sandbox, session_id)) as partition:
        session = partition.get("checkout.session", session_id)
        try:
            intent = checkout_payments.authenticate(partition, session, passes=passes)
        except ApiError as refusal:
            return _declined(refusal) if session["status"] == "open" else _over(session)
        return _outcome(session, intent)


def _submit(
    sandbox: Sandbox, session_id: str, given: Json, *, email: str, name: str, saves: bool
) -> Outcome:
    with sandbox.at(_account_of(sandbox, session_id)) as partition:
        session = partition.get("checkout.session", session_id)
        if session["status"] != "open":
            return _over(session)
        try:
            with partition.store.attempt():
                _know_customer(partition, session, email=email, name=name)
                method = checkout_payments.typed_method(partition, given)
                intent = checkout_payments.submit(partition, session, method, saves_method=saves)
        except ApiError as refusal:
            return _declined(refusal)
        return _outcome(session, intent)


def _saved(partition: Partition, session: Json) -> tuple[Saved, ...]:
    if session["mode"] != "payment" or session["customer"] is None:
        return ()
    options = session["saved_payment_method_options"] or {}
    shown = options.get("allow_redisplay_filters") or ["always"]
    return tuple(
        Saved(id=method["id"], label=method_label(method), kind=method["type"])
        for method in partition.search("payment_method", customer=session["customer"])
        if method["type"] in session["payment_method_types"] and method["allow_redisplay"] in shown
    )


def _outcome(session: Json, intent: Json) -> Outcome:
    if session["status"] == "complete":
        return Finished(_success_url(session))
    if intent["status"] == "requires_action":
        return NeedsAuthentication()
    error = intent.get("last_payment_error") or intent.get("last_setup_error") or {}
    return Declined(str(error.get("message", "Your card was declined.")))


def _over(session: Json) -> Outcome:
    if session["status"] == "complete":
        return Finished(_success_url(session))
    return Declined("This page has expired. Go back and start again.")


def _declined(refusal: ApiError) -> Declined:
    param = str(refusal.body["error"].get("param", ""))
    return Declined(str(refusal), param.removeprefix("us_bank_account[").removesuffix("]"))


def _know_customer(partition: Partition, session: Json, *, email: str, name: str) -> None:
    """What the customer typed, unless the session came with it."""
    known = session["customer_details"] or checkout_sessions.NO_DETAILS
    typed = {"email": known["email"] or email or None, "name": known["name"] or name or None}
    partition.save(session, customer_details=known | typed)


def _account_of(sandbox: Sandbox, session_id: str) -> str:
    row = sandbox.store.row(
        "SELECT account FROM object WHERE id = ? AND kind = 'checkout.session'", (session_id,)
    )
    if row is None:
        raise NotFound("No such page.")
    return str(row["account"])


def method_label(details: Json) -> str:
    """A card or a bank account, or a charge's details of one, by name and last four digits."""
    means = details[details["type"]]
    name = means.get("bank_name") or str(means.get("brand")).capitalize()
    return f"{name} •••• {means['last4']}"


def account_name(partition: Partition) -> str:
    """Who is paid."""
    account = partition.of(PLATFORM).find(partition.account) or {}
    return str(account.get("business_profile", {}).get("name") or account.get("email") or "")


def _success_url(session: Json) -> str:
    return str(session["success_url"]).replace(SESSION_ID, session["id"])


def _whole(text: str, field: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        noun = "month" if field == "exp_month" else "year"
        raise ApiError(402, f"Your card's expiration {noun} is invalid.", param=field)
    return int(digits)
