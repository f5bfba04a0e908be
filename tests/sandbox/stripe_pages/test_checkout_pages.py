"""The Checkout page: paying, being declined and trying again, the bank's step, and the end."""

from typing import Any

import pytest
import stripe

from tests.support.hosted_pages import BANK, CARD, HOME, HostedPages
from tests.support.stripe_sandbox import LocalStripe

SAVING: dict[str, Any] = {
    "customer_creation": "always",
    "saved_payment_method_options": {"payment_method_save": "enabled"},
}


def again(local: LocalStripe, session: stripe.checkout.Session) -> stripe.checkout.Session:
    return local.client.v1.checkout.sessions.retrieve(session.id, None, local.account)


def success_url(session: stripe.checkout.Session) -> str:
    return f"http://127.0.0.1:8000/pay/x?checkout={session.id}"


def test_the_page_says_who_is_paid_what(pages: HostedPages) -> None:
    session = pages.local.checkout(150_000)

    answer = pages.get(str(session.url))

    assert answer.status_code == 200
    assert '<h1 id="what">Pay Chen Advisory</h1>' in answer.text
    assert '<p class="amount">$1,500.00</p>' in answer.text
    assert '<button class="btn pri wide">Pay $1,500.00</button>' in answer.text
    assert "Invoice INV-1042" in answer.text
    assert "TEST MODE" in answer.text
    assert '<a class="back" href="http://127.0.0.1:8000/pay/x">Back</a>' in answer.text
    assert "Save for later" not in answer.text


def test_a_card_pays_and_leads_back(pages: HostedPages) -> None:
    session = pages.local.checkout(12_300)

    answer = pages.pay(session)

    assert (answer.status_code, answer.headers["Location"]) == (303, success_url(session))
    (charge,) = pages.local.charges(session.id)
    assert (charge.status, charge.amount) == ("succeeded", 12_300)
    assert charge.billing_details.email == "anita@patelfamily.example"


def test_a_bank_account_pays_later(pages: HostedPages) -> None:
    session = pages.local.checkout(12_300)

    answer = pages.pay(session, **BANK, holder_type="company")

    assert (answer.status_code, answer.headers["Location"]) == (303, success_url(session))
    (charge,) = pages.local.charges(session.id)
    assert (charge.status, charge.billing_details.name) == ("pending", "Anita Patel")
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.us_bank_account is not None
    assert charge.payment_method_details.us_bank_account.account_holder_type == "company"


def test_a_decline_stands_beside_the_card_and_loses_nothing_typed(pages: HostedPages) -> None:
    session = pages.local.checkout(12_300)

    declined = pages.pay(session, number="4000 0000 0000 9995")
    paid = pages.send(declined, f"/checkout/{session.id}", **CARD)

    assert declined.status_code == 422
    sentence = '<p class="error" id="number-error">Your card has insufficient funds.</p>'
    assert sentence in declined.text
    assert 'aria-invalid="true" aria-describedby="number-error" autofocus' in declined.text
    assert 'name="number" value="4000 0000 0000 9995"' in declined.text
    assert 'name="zip" value="10001"' in declined.text
    assert paid.headers["Location"] == success_url(session)
    statuses = [charge.status for charge in pages.local.charges(session.id)]
    assert statuses == ["succeeded", "failed"]


@pytest.mark.parametrize(
    ("typed", "name", "sentence"),
    [
        ({"email": "anita"}, "email", "Enter an email address, such as anita@example.com."),
        ({"number": ""}, "number", "Enter the card number."),
        ({"number": "4242 4242 4242 4241"}, "number", "Your card number is incorrect."),
        ({"expiry": "1226x"}, "expiry", "Your card&#x27;s expiration year is invalid."),
        ({"expiry": "13 / 30"}, "expiry", "Your card&#x27;s expiration month is invalid."),
        ({"expiry": "10/26"}, "expiry", "Your card&#x27;s expiration year is invalid."),
        ({"expiry": ""}, "expiry", "Enter the month and the year, such as 12 / 30."),
        ({"cvc": "12"}, "cvc", "Your card&#x27;s security code is invalid."),
        ({"name": ""}, "name", "Enter the name on the card."),
        ({"zip": "100"}, "zip", "Enter a ZIP code of five digits."),
        (
            BANK | {"routing": "021000021"},
            "routing",
            "In test mode the routing number is 110000000.",
        ),
        (BANK | {"account": ""}, "account", "Enter the account number."),
        (
            BANK | {"account": "12345678"},
            "account",
            "You must use a test bank account number in test mode, such as 000123456789.",
        ),
        (BANK | {"holder": ""}, "holder", "Enter the name of the account’s holder."),
    ],
)
def test_each_sentence_stands_beside_its_field(
    pages: HostedPages, typed: dict[str, str], name: str, sentence: str
) -> None:
    session = pages.local.checkout()

    answer = pages.pay(session, **typed)

    assert answer.status_code == 422
    assert answer.text.count('class="error"') == 1
    assert f'<p class="error" id="{name}-error">{sentence}</p>' in answer.text
    assert again(pages.local, session).payment_intent is None


def test_a_customer_who_is_known_cannot_change_the_email(pages: HostedPages) -> None:
    session = pages.local.checkout(customer_email="olga@northsidecpa.example")

    page = pages.get(f"/checkout/{session.id}")
    pages.pay(session, email="else@elsewhere.example")

    assert 'value="olga@northsidecpa.example"' in page.text
    assert " readonly" in page.text
    (charge,) = pages.local.charges(session.id)
    assert again(pages.local, session).customer_details is not None
    assert charge.status == "succeeded"


@pytest.mark.parametrize(("given", "saved"), [({"save": "yes"}, 1), ({}, 0)])
def test_a_method_is_saved_when_the_customer_says_so(
    pages: HostedPages, given: dict[str, str], saved: int
) -> None:
    session = pages.local.checkout(**SAVING)

    assert "Save for later" in pages.get(f"/checkout/{session.id}").text
    pages.pay(session, **given)

    customer = str(again(pages.local, session).customer)
    methods = pages.local.client.v1.customers.payment_methods.list(
        customer, None, pages.local.account
    )
    assert len(methods.data) == saved


def test_one_method_alone_needs_no_choice(pages: HostedPages) -> None:
    session = pages.local.checkout(allowed_payment_method_types=["us_bank_account"])

    page = pages.get(f"/checkout/{session.id}")

    assert 'type="radio"' not in page.text
    assert "Card number" not in page.text
    assert "to take $123.00 from this account, once" in page.text
    pages.pay(session, **(BANK | {"method": "card"}))
    assert [charge.status for charge in pages.local.charges(session.id)] == ["pending"]


def test_the_banks_step_is_completed(pages: HostedPages) -> None:
    session = pages.local.checkout()
    step = f"/checkout/{session.id}/authenticate"

    asked = pages.pay(session, number="4000 0027 6000 3184")
    again_opened = pages.get(f"/checkout/{session.id}")
    done = pages.send(pages.get(step), step, outcome="complete")

    assert (asked.status_code, asked.headers["Location"]) == (303, step)
    assert again_opened.headers["Location"] == step
    assert (done.status_code, done.headers["Location"]) == (303, success_url(session))
    assert [charge.status for charge in pages.local.charges(session.id)] == ["succeeded"]
    assert pages.get(step).headers["Location"] == f"/checkout/{session.id}"


def test_the_banks_step_fails_and_another_card_pays(pages: HostedPages) -> None:
    session = pages.local.checkout()
    step = f"/checkout/{session.id}/authenticate"
    pages.pay(session, number="4000 0027 6000 3184")

    failed = pages.send(pages.get(step), step, outcome="fail")
    page = pages.get(failed.headers["Location"])
    paid = pages.send(page, f"/checkout/{session.id}", **CARD)

    assert "We are unable to authenticate your payment method." in page.text
    assert paid.headers["Location"] == success_url(session)


def test_a_decline_after_the_banks_step_is_told(pages: HostedPages) -> None:
    session = pages.local.checkout()
    step = f"/checkout/{session.id}/authenticate"
    pages.pay(session, number="4000 0082 6000 3178")

    declined = pages.send(pages.get(step), step, outcome="complete")

    assert declined.status_code == 422
    assert "Your card has insufficient funds." in declined.text


def test_sent_twice_it_is_paid_once(pages: HostedPages) -> None:
    session = pages.local.checkout()
    page = pages.get(f"/checkout/{session.id}")

    answers = [pages.send(page, f"/checkout/{session.id}", **CARD) for _ in range(2)]

    assert answers[0].headers["Location"] == success_url(session)
    assert answers[1].headers["Location"] == f"/checkout/{session.id}"
    assert len(pages.local.charges(session.id)) == 1


def test_a_paid_session_says_so_and_leads_back(pages: HostedPages) -> None:
    session = pages.local.checkout()
    pages.pay(session)

    page = pages.get(f"/checkout/{session.id}")

    assert "<h1>This has been paid</h1>" in page.text
    assert f'href="{success_url(session)}">Return to Chen Advisory</a>' in page.text
    assert "<form" not in page.text


def test_an_expired_session_says_so_and_takes_nothing(pages: HostedPages) -> None:
    session = pages.local.checkout()
    open_page = pages.get(f"/checkout/{session.id}")
    pages.local.sandbox.advance(86_400)

    answer = pages.send(open_page, f"/checkout/{session.id}", **CARD)
    page = pages.get(answer.headers["Location"])

    assert "<h1>This page has expired</h1>" in page.text
    assert 'href="http://127.0.0.1:8000/pay/x">Return to Chen Advisory</a>' in page.text
    assert again(pages.local, session).payment_intent is None


def test_a_method_is_saved_without_paying(pages: HostedPages) -> None:
    customer = pages.local.client.v1.customers.create({"email": "a@b.example"}, pages.local.account)
    session = pages.local.client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "ui_mode": "hosted_page",
            "currency": "usd",
            "customer": customer.id,
            "success_url": "http://127.0.0.1:8000/portal",
        },
        pages.local.account,
    )

    page = pages.get(f"/checkout/{session.id}")
    answer = pages.pay(session)

    assert "Save a payment method with Chen Advisory" in page.text
    assert '<button class="btn pri wide">Save</button>' in page.text
    assert answer.headers["Location"] == "http://127.0.0.1:8000/portal"
    assert "<h1>All done</h1>" in pages.get(f"/checkout/{session.id}").text


def test_a_link_fills_in_a_test_method(pages: HostedPages) -> None:
    session = pages.local.checkout()

    page = pages.get(f"/checkout/{session.id}?try=000222222227")

    assert 'name="account" value="000222222227"' in page.text
    assert 'value="us_bank_account" checked' in page.text
    assert pages.get(f"/checkout/{session.id}?try=made-up").status_code == 200


def test_what_a_stranger_wrote_is_text(pages: HostedPages) -> None:
    evil = '"><script>alert(1)</script>'
    session = pages.local.checkout(customer_email=None, cancel_url="javascript:alert(1)")

    answer = pages.pay(session, name=evil, zip=evil, number=evil)

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "javascript:" not in answer.text


def test_the_form_may_end_at_the_firms_own_pages_alone(pages: HostedPages) -> None:
    session = pages.local.checkout()

    policy = pages.get(f"/checkout/{session.id}").headers["Content-Security-Policy"]

    assert policy == (
        "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none';"
        " frame-ancestors 'none'; form-action 'self' http://127.0.0.1:8000"
    )


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_another_site_can_send_nothing(pages: HostedPages, headers: dict[str, str]) -> None:
    session = pages.local.checkout()
    path = f"/checkout/{session.id}"
    token = pages.get(path).text.split('name="token" value="')[1][:64]

    answer = pages.post(path, CARD | {"token": token}, headers)

    assert answer.status_code == 403
    assert again(pages.local, session).payment_intent is None


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_its_pages_token_is_refused(pages: HostedPages, token: str) -> None:
    session = pages.local.checkout()

    answer = pages.post(f"/checkout/{session.id}", CARD | {"token": token}, {"Origin": HOME})

    assert answer.status_code == 403


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=1&" * 100, b"x" * 20_000])
def test_whatever_is_sent_is_answered(pages: HostedPages, body: bytes) -> None:
    session = pages.local.checkout()

    answer = pages.post(f"/checkout/{session.id}", body, {"Origin": HOME})

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/checkout/none", "/checkout/none/authenticate"])
def test_an_unknown_session_is_not_found(pages: HostedPages, path: str) -> None:
    answer = pages.get(path)

    assert answer.status_code == 404
    assert "Nothing is here" in answer.text
