"""A firm user adds a method with the client's leave, and nothing is charged by it (R122, R127)."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from assure_app.billing import client_methods
from assure_app.billing.client_methods import CONSENT, CameBack
from assure_app.billing.method_pages import NothingToAddTo
from assure_app.billing.reading.client_methods import of_client
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import FormAlreadyUsed, InvalidInput, NotFound, PermissionDenied
from assure_app.domain.permissions import Principal
from assure_app.models.tables import backfill_offer, contact, method_page
from tests.factories import make_client
from tests.support.online import PayDesk
from tests.support.saving import save, work

TOKEN = "one-form-token-00001"


def start(
    pay_desk: PayDesk,
    principal: Principal | None = None,
    *,
    client_id: object = None,
    has_consent: object = True,
    token: object = TOKEN,
) -> str:
    return client_methods.start_adding(
        principal or pay_desk.desk.jane,
        pay_desk.desk.client_id if client_id is None else client_id,
        has_consent=has_consent,
        form_token=token,
        now=pay_desk.now,
    )


def page() -> dict[str, Any]:
    with reading() as connection:
        return dict(connection.execute(select(method_page)).mappings().one())


def add(pay_desk: PayDesk, kind: str = "card") -> None:
    """Jane adds a method for the client; the callbacks come before she does."""
    pay_desk.stripe.save_on_page(start(pay_desk).rpartition("/")[2], kind)
    pay_desk.deliver()


@pytest.mark.parametrize("is_heard_first", [True, False])
def test_who_added_it_and_who_agreed_is_kept_and_nothing_is_charged(
    pay_desk: PayDesk, *, is_heard_first: bool
) -> None:
    work(pay_desk)
    pay_desk.invoice()
    pay_desk.stripe.save_on_page(start(pay_desk).rpartition("/")[2])
    if is_heard_first:
        pay_desk.deliver()

    came_back = client_methods.returned(pay_desk.desk.jane, page()["token"], now=pay_desk.now)
    pay_desk.deliver()

    assert came_back == CameBack(client_id=pay_desk.desk.client_id, sentence="It was saved.")
    (method,) = pay_desk.methods()
    assert (method["added_by_id"], method["added_by_user_id"]) == (None, pay_desk.desk.jane.user_id)
    assert (method["is_default"], method["last4"]) == (True, "4242")
    asked = page()
    assert (asked["user_id"], asked["contact_id"]) == (pay_desk.desk.jane.user_id, None)
    assert (asked["consent"], asked["created_at"]) == (CONSENT, pay_desk.now)
    assert pay_desk.desk.audit() == [
        "Jane Chen said that Patel Family agreed, and asked to save a payment method"
    ]
    assert (pay_desk.desk.rows(), pay_desk.stripe.charges) == ([], {})
    assert verify() == []


def test_the_question_waits_for_the_client(pay_desk: PayDesk) -> None:
    add(pay_desk)

    with reading() as connection:
        offer = connection.execute(select(backfill_offer)).one()
    assert (offer.client_id, offer.answer) == (pay_desk.desk.client_id, "waiting")


@pytest.mark.parametrize("has_consent", [False, None, "yes", 1, {}])
def test_without_the_clients_leave_no_page_is_asked_for(
    pay_desk: PayDesk, has_consent: object
) -> None:
    with pytest.raises(InvalidInput) as refused:
        start(pay_desk, has_consent=has_consent)

    assert refused.value.problems == {
        "consent": "Ask the client first, then tick that they agreed."
    }
    assert pay_desk.stripe.calls == []


def test_one_form_is_one_page_of_one_client(pay_desk: PayDesk) -> None:
    with unit_of_work() as connection:
        other = make_client(connection, pay_desk.desk.jane.firm_id, name="Quill & Co")
        connection.execute(
            contact.insert().values(client_id=other, name="Vera", email="vera@quill.example")
        )

    assert start(pay_desk) == start(pay_desk)
    with pytest.raises(FormAlreadyUsed):
        start(pay_desk, client_id=other)

    assert len(pay_desk.stripe.sessions) == 1
    assert len(pay_desk.desk.audit()) == 1


def test_stripe_knows_the_client_by_somebody_who_may_pay(pay_desk: PayDesk) -> None:
    with unit_of_work() as connection:
        connection.execute(update(contact).values(role="viewer"))
        connection.execute(
            contact.insert().values(
                client_id=pay_desk.desk.client_id,
                name="Ravi",
                email="ravi@patelfamily.example",
                role="signer",
            )
        )

    start(pay_desk)

    (customer,) = pay_desk.stripe.customers.values()
    assert customer.email == "ravi@patelfamily.example"


def test_a_client_without_people_has_nothing_to_be_known_by(pay_desk: PayDesk) -> None:
    with unit_of_work() as connection:
        connection.execute(update(contact).values(is_active=False))

    with pytest.raises(NothingToAddTo, match="Add a contact of this client first"):
        start(pay_desk)


def test_who_may_only_look_changes_nothing(pay_desk: PayDesk) -> None:
    save(pay_desk)
    viewer = pay_desk.desk.someone(view_billing=True, all_clients=True)
    own = pay_desk.desk.client_id

    with pytest.raises(PermissionDenied):
        start(pay_desk, viewer)
    with pytest.raises(PermissionDenied):
        client_methods.make_default(viewer, own, 1, now=pay_desk.now)
    with pytest.raises(PermissionDenied):
        client_methods.remove(viewer, own, 1, told="", now=pay_desk.now)
    with pytest.raises(PermissionDenied):
        client_methods.find(viewer, own, 1)

    shown = of_client(viewer, own, now=pay_desk.now)
    assert [row.name for row in shown.rows] == ["Visa •••• 4242"]
    assert (shown.may_change, shown.can_add) == (False, False)
    assert len([line for line in pay_desk.desk.audit() if "was denied" in line]) == 3


def test_clients_out_of_reach_are_not_found(pay_desk: PayDesk) -> None:
    save(pay_desk)
    own = pay_desk.desk.client_id
    for principal in (pay_desk.desk.stranger(), pay_desk.desk.someone(edit_billing=True)):
        with pytest.raises(NotFound):
            start(pay_desk, principal)
        with pytest.raises(NotFound):
            client_methods.make_default(principal, own, 1, now=pay_desk.now)
        with pytest.raises(NotFound):
            client_methods.remove(principal, own, 1, told="", now=pay_desk.now)
        with pytest.raises(NotFound):
            of_client(principal, own, now=pay_desk.now)
    wrong: tuple[object, ...] = (0, -1, 10**30, True, "1", 1.0, None, [1])
    for client_id in wrong:
        with pytest.raises(NotFound):
            client_methods.make_default(pay_desk.desk.jane, client_id, 1, now=pay_desk.now)
    for row_id in wrong:
        with pytest.raises(NotFound):
            client_methods.find(pay_desk.desk.jane, own, row_id)

    assert [row["removed_at"] for row in pay_desk.methods()] == [None]


def test_a_page_of_the_clients_own_says_nothing_to_the_firm(pay_desk: PayDesk) -> None:
    save(pay_desk)

    jane, stranger = pay_desk.desk.jane, pay_desk.desk.stranger()
    assert client_methods.returned(jane, page()["token"], now=pay_desk.now) == CameBack()
    for token in ("", "unknown", "\0", 7, None):
        assert client_methods.returned(jane, token, now=pay_desk.now) == CameBack()
        assert client_methods.returned(stranger, token, now=pay_desk.now) == CameBack()


def test_the_firm_chooses_the_default_and_removes(pay_desk: PayDesk) -> None:
    save(pay_desk)
    save(pay_desk, "us_bank_account")
    jane, own = pay_desk.desk.jane, pay_desk.desk.client_id

    said = client_methods.make_default(jane, own, 2, now=pay_desk.now)
    gone = [client_methods.remove(jane, own, 1, told="", now=pay_desk.now) for _ in range(2)]

    assert said == "STRIPE TEST BANK •••• 6789 is the default now."
    assert gone == ["Visa •••• 4242 was removed."] * 2
    assert [row["is_default"] for row in pay_desk.methods()] == [False, True]
    assert pay_desk.desk.audit() == [
        "Jane Chen, for Patel Family, made STRIPE TEST BANK •••• 6789 the default",
        "Jane Chen, for Patel Family, asked to remove Visa •••• 4242",
    ]


def test_the_firm_sees_who_added_what_and_the_client_only_the_firm(pay_desk: PayDesk) -> None:
    work(pay_desk, "Payroll")
    work(pay_desk, "Bookkeeping")
    add(pay_desk)
    save(pay_desk, "us_bank_account")

    shown = of_client(pay_desk.desk.jane, pay_desk.desk.client_id, now=pay_desk.now)

    assert [row.detail for row in shown.rows] == [
        "expires 04/30 · added May 22 by Jane Chen",
        "added May 22 by Anita Patel",
    ]
    assert shown.autopay == "On auto-pay: Bookkeeping, Payroll"
    assert (shown.may_change, shown.can_add) == (True, True)


@pytest.mark.parametrize(
    "values",
    [
        {"user_id": None},
        {"consent": ""},
        {"contact_id": 1},
        {"user_id": 99},
    ],
)
def test_the_database_keeps_who_agreed(pay_desk: PayDesk, values: dict[str, Any]) -> None:
    start(pay_desk)
    known = {name: value for name, value in page().items() if name != "id"}
    another = {"token": "t2", "idempotency_key": "k2", "form_token": "f2", "session_id": "s2"}

    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(method_page.insert().values(known | another | values))
    with pytest.raises(IntegrityError, match="R051"), unit_of_work() as connection:
        connection.execute(update(method_page).values(consent="Another sentence."))
