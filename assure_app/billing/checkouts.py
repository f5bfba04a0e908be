"""What was asked of Stripe for an invoice, by a page or of a saved method: written first, moved
forward only (R050, R051)."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from assure_app.domain.errors import Busy, IllegalTransition
from assure_app.domain.online import CHECKOUT_TRANSITIONS, LIVE, CheckoutState, Terms
from assure_app.models.payment import Source
from assure_app.models.tables import checkout

METADATA_KEY = "assure_checkout"
"""Under this Stripe keeps the token of an asking, and gives it back with its every charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCheckout:
    """What is about to be asked for: all that Stripe will be told, so that it can be told again."""

    firm_id: int
    client_id: int
    invoice_id: int
    contact_id: int | None
    payer: str
    email: str
    token: str
    idempotency_key: str
    form_token: str
    form_hash: str
    account_id: str
    amount_cents: int
    currency: str
    description: str
    success_url: str
    cancel_url: str
    created_at: datetime
    due_at: datetime
    customer_id: str | None = None
    saves_method: bool = False
    source: str = Source.ONLINE.value
    method_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """An asking as stored: a payment page, of which `session_id` is Stripe's name once known; or
    the charge of the saved method `method_id`, known at Stripe as `payment_intent_id`."""

    id: int
    firm_id: int
    client_id: int
    invoice_id: int
    contact_id: int | None
    payer: str
    email: str
    token: str
    idempotency_key: str
    form_token: str
    form_hash: str
    account_id: str
    amount_cents: int
    currency: str
    description: str
    success_url: str
    cancel_url: str
    created_at: datetime
    state: CheckoutState
    session_id: str | None
    url: str
    problem: str
    expires_at: datetime | None
    due_at: datetime | None
    customer_id: str | None
    saves_method: bool
    source: Source
    method_id: int | None
    payment_intent_id: str | None
    asked_at: datetime | None

    @property
    def is_page(self) -> bool:
        """Whether the client pays on a page of Stripe's, else a saved method is charged."""
        return self.source is Source.ONLINE

    @property
    def is_live(self) -> bool:
        """Whether money may still come in by it."""
        return self.state in LIVE

    @property
    def terms(self) -> Terms:
        """What a charge made here must agree with (R062)."""
        return Terms(
            account_id=self.account_id, amount_cents=self.amount_cents, currency=self.currency
        )


# Built once: building a statement takes longer than running it.
_SELECT = select(*(checkout.c[field.name] for field in fields(Checkout)))
_LIVE_OF_INVOICE = _SELECT.where(
    checkout.c.invoice_id == bindparam("invoice_id"),
    # As the index says it, or SQLite would not see that the index serves.
    (checkout.c.state == "new") | (checkout.c.state == "open"),
)
_BY_TOKEN = _SELECT.where(checkout.c.token == bindparam("token"))
_BY_ID = _SELECT.where(checkout.c.id == bindparam("checkout_id"))
_BY_FORM = _SELECT.where(
    checkout.c.firm_id == bindparam("firm_id"), checkout.c.form_token == bindparam("form_token")
)
_BY_FORM_OR_LIVE = _BY_FORM.union_all(_LIVE_OF_INVOICE)
_INSERT = insert(checkout)
_IN_STATE = update(checkout).where(
    checkout.c.id == bindparam("known_id"), checkout.c.state == bindparam("known_state")
)
_NOTE_INTENT = (
    update(checkout)
    .where(checkout.c.id == bindparam("known_id"), checkout.c.payment_intent_id.is_(None))
    .values(payment_intent_id=bindparam("intent_id"))
)


def live_of(connection: Connection, invoice_id: int) -> Checkout | None:
    """The page of this invoice on which money may still come in, if there is one."""
    return _one(connection.execute(_LIVE_OF_INVOICE, {"invoice_id": invoice_id}).mappings().first())


def by_token(connection: Connection, token: str) -> Checkout | None:
    """The page with this token, which Stripe or a browser brought back."""
    if not (0 < len(token) <= 64 and token.isascii() and token.isprintable()):
        return None  # PostgreSQL refuses a NUL in text, and metadata may hold anything.
    return _one(connection.execute(_BY_TOKEN, {"token": token}).mappings().first())


def by_id(connection: Connection, checkout_id: int) -> Checkout:
    """The page with this id, which is known to exist."""
    found = _one(connection.execute(_BY_ID, {"checkout_id": checkout_id}).mappings().first())
    if found is None:
        raise LookupError(f"checkout {checkout_id}")
    return found


def by_form(connection: Connection, *, firm_id: int, form_token: str) -> Checkout | None:
    """The page that this form already asked for (R051)."""
    known = {"firm_id": firm_id, "form_token": form_token}
    return _one(connection.execute(_BY_FORM, known).mappings().first())


def by_form_or_live(
    connection: Connection, *, firm_id: int, form_token: str, invoice_id: int
) -> tuple[Checkout | None, Checkout | None]:
    """What `by_form` and `live_of` answer, asked in one round trip to the database."""
    known = {"firm_id": firm_id, "form_token": form_token, "invoice_id": invoice_id}
    rows = connection.execute(_BY_FORM_OR_LIVE, known).mappings()
    found = [each for row in rows if (each := _one(row)) is not None]
    return (
        next((each for each in found if each.form_token == form_token), None),
        next((each for each in found if each.invoice_id == invoice_id and each.is_live), None),
    )


def live_on(connection: Connection, account_id: str) -> list[Checkout]:
    """Every page of this account on which money may still come in."""
    # As the index says it, or SQLite would not see that the index serves.
    is_live = (checkout.c.state == "new") | (checkout.c.state == "open")
    rows = connection.execute(_SELECT.where(is_live, checkout.c.account_id == account_id))
    return [found for row in rows.mappings() if (found := _one(row)) is not None]


def add(connection: Connection, new: NewCheckout) -> Checkout:
    """Write the page that is about to be asked for, and return it as stored.

    The caller holds the invoice and has seen that no page of it is live.
    """
    values = {field.name: getattr(new, field.name) for field in fields(new)}
    values |= {"state": CheckoutState.NEW.value, "problem": "", "url": ""}
    written = connection.execute(_INSERT, values)
    (checkout_id,) = written.inserted_primary_key or (0,)
    empty = dict.fromkeys(("session_id", "expires_at", "payment_intent_id", "asked_at"))
    kinds = {"state": CheckoutState.NEW, "source": Source(new.source)}
    return Checkout(**values | empty | kinds | {"id": int(checkout_id)})


def move(connection: Connection, known: Checkout, after: CheckoutState, **columns: Any) -> bool:
    """Move a page on from the state it is known in; False when somebody else moved it first."""
    if (known.state, after) not in CHECKOUT_TRANSITIONS:
        raise IllegalTransition(before=known.state, after=after)
    held = {"known_id": known.id, "known_state": known.state.value}
    moved = connection.execute(_IN_STATE, held | {"state": after.value} | columns)
    return moved.rowcount == 1


def note_asked(connection: Connection, checkout_id: int, *, at: datetime) -> bool:
    """Note that Stripe is about to be asked to charge a method; False once that is settled."""
    known = {"known_id": checkout_id, "known_state": CheckoutState.NEW.value}
    return connection.execute(_IN_STATE, known | {"asked_at": at}).rowcount == 1


def forget_unasked(connection: Connection, checkout_id: int, *, at: datetime) -> bool:
    """Give up the charge of a method that Stripe was never asked for; False when it was."""
    forgotten = connection.execute(
        update(checkout)
        .where(
            checkout.c.id == checkout_id,
            checkout.c.state == CheckoutState.NEW.value,
            checkout.c.asked_at.is_(None),
        )
        .values(state=CheckoutState.EXPIRED.value, closed_at=at, due_at=None)
    )
    return forgotten.rowcount == 1


def note_problem(connection: Connection, checkout_id: int, problem: str) -> None:
    """Note why nobody knows yet what Stripe made of an asking."""
    known = {"known_id": checkout_id, "known_state": CheckoutState.NEW.value}
    connection.execute(_IN_STATE, known | {"problem": problem})


def note_intent(connection: Connection, checkout_id: int, intent_id: str) -> None:
    """Note how Stripe calls what came of an asking, once it is known."""
    connection.execute(_NOTE_INTENT, {"known_id": checkout_id, "intent_id": intent_id})


def refuse(connection: Connection, known: Checkout, *, problem: str, at: datetime) -> None:
    """Note that Stripe did not charge a method and never will. Raises Busy for a rival's sake."""
    refused = CheckoutState.REFUSED
    if not move(connection, known, refused, problem=problem, closed_at=at, due_at=None):
        raise Busy


def look_again(connection: Connection, checkout_id: int, due_at: datetime | None) -> None:
    """Have the sweep look after the page at this moment, or never again."""
    connection.execute(update(checkout).where(checkout.c.id == checkout_id).values(due_at=due_at))


def _one(row: RowMapping | None) -> Checkout | None:
    if row is None:
        return None
    kinds = {"state": CheckoutState(row["state"]), "source": Source(row["source"])}
    return Checkout(**{**row, **kinds})
