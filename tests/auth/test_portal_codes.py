"""Signing in to the portal by a code: who gets one, what it is worth, and how often it is tried."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from assure_app.auth import lockout, portal_codes, portal_sessions
from assure_app.auth.lockout import SignInRefused
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import login_code, portal_session
from tests.auth.contacts import ANITA, change_contact, letters, mailed_code, make_contact
from tests.factories import MOMENT, make_client, make_firm, make_invoice
from tests.support.desk import Desk

REQUEST = "the-secret-of-this-browser"
OTHER = "the-secret-of-another-browser"
WRONG = "That code is not right, or it is too old. Check it, or ask for a new one."


def ask(email: str = ANITA, request: str = REQUEST, **more: str) -> None:
    portal_codes.ask(email, request, "192.0.2.1", now=MOMENT, **more)


def redeem(
    code: str, request: str = REQUEST, *, minutes: float = 0, is_trusted: bool = False
) -> str:
    now = MOMENT + timedelta(minutes=minutes)
    return portal_codes.redeem(request, code, "192.0.2.1", is_trusted=is_trusted, now=now)


def sessions() -> int:
    with reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(portal_session)) or 0)


def another_code(than: str) -> str:
    return f"{(int(than) + 1) % 10**6:06}"


def test_the_mailed_code_signs_in(desk: Desk) -> None:
    make_contact(desk.client_id)

    ask(" Anita@PatelFamily.example ")
    token = redeem(f" {mailed_code()[:3]} {mailed_code()[3:]} ")

    person = portal_sessions.person_of(token, now=MOMENT)
    assert person is not None
    assert [(each.name, each.client_id) for each in person.contacts] == [
        ("Anita Patel", desk.client_id)
    ]


def test_the_letter_says_it_and_is_not_kept(desk: Desk) -> None:
    make_contact(desk.client_id)

    ask()

    (letter,) = letters()
    assert (letter["to_email"], letter["from_name"]) == (ANITA, "Chen Advisory")
    assert letter["has_secret"] is True
    assert mailed_code() in letter["html"]
    assert mailed_code() not in letter["subject"]


def test_the_database_keeps_neither_code_nor_secret(desk: Desk) -> None:
    make_contact(desk.client_id)

    ask()

    with reading() as connection:
        row = connection.execute(select(login_code)).one()
    kept = " ".join(str(value) for value in row)
    assert mailed_code() not in kept
    assert REQUEST not in kept


@pytest.mark.parametrize("who", ["nobody", "only notified", "inactive"])
def test_who_may_not_enter_is_answered_alike_and_gets_no_letter(desk: Desk, who: str) -> None:
    if who == "only notified":
        make_contact(desk.client_id, role="notify_only")
    if who == "inactive":
        make_contact(desk.client_id, is_active=False)

    ask()

    assert letters() == []
    with pytest.raises(SignInRefused, match=WRONG):
        redeem("000000")


def test_a_form_sent_twice_mails_once(desk: Desk) -> None:
    make_contact(desk.client_id)

    ask()
    ask()

    assert len(letters()) == 1


def test_forms_sent_at_once_mail_once(desk: Desk) -> None:
    make_contact(desk.client_id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ask(), range(4)))

    assert len(letters()) == 1


def test_a_code_works_once(desk: Desk) -> None:
    make_contact(desk.client_id)
    ask()
    redeem(mailed_code())

    with pytest.raises(SignInRefused, match=WRONG):
        redeem(mailed_code())

    assert sessions() == 1


def test_a_code_sent_in_twice_at_once_opens_one_session(desk: Desk) -> None:
    make_contact(desk.client_id)
    ask()
    code = mailed_code()

    def tried(_: int) -> bool:
        try:
            redeem(code)
        except SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(tried, range(4)))

    assert (outcomes.count(True), sessions()) == (1, 1)


def test_a_code_ends_after_ten_minutes(desk: Desk) -> None:
    make_contact(desk.client_id)
    ask()

    with pytest.raises(SignInRefused, match=WRONG):
        redeem(mailed_code(), minutes=10)

    assert redeem(mailed_code(), minutes=9.9)


def test_a_code_is_worth_nothing_in_another_browser(desk: Desk) -> None:
    make_contact(desk.client_id)
    ask()
    code = mailed_code()
    ask(request=OTHER)

    with pytest.raises(SignInRefused, match=WRONG):
        redeem(code, OTHER if code != mailed_code() else "x" * 16)

    assert redeem(code)


def test_after_five_wrong_codes_the_right_one_is_wrong_too(desk: Desk) -> None:
    make_contact(desk.client_id)
    ask()
    code = mailed_code()

    sentences = []
    for _ in range(5):
        with pytest.raises(SignInRefused) as refused:
            redeem(another_code(code))
        sentences.append(refused.value.sentence)

    assert sentences == [WRONG] * 4 + ["That code was tried too often. Ask for a new one."]
    with pytest.raises(SignInRefused, match=WRONG):
        redeem(code)


def test_guesses_sent_side_by_side_are_all_counted(desk: Desk) -> None:
    make_contact(desk.client_id)
    ask()
    wrong = another_code(mailed_code())

    def guess(_: int) -> None:
        with pytest.raises(SignInRefused):
            redeem(wrong)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(guess, range(6)))

    with reading() as connection:
        assert connection.scalar(select(login_code.c.tries)) == 5


def test_ten_wrong_codes_make_an_address_wait_whatever_code_they_were_for(desk: Desk) -> None:
    make_contact(desk.client_id)
    for request in (REQUEST, OTHER):
        ask(request=request)
        for _ in range(5):
            with pytest.raises(SignInRefused):
                redeem(another_code(mailed_code()), request)

    ask(request="the-secret-of-a-third-one")

    with pytest.raises(lockout.EmailMustWait, match="try again in 15 minutes"):
        redeem(mailed_code(), "the-secret-of-a-third-one")


@pytest.mark.parametrize("email", [ANITA, "nobody@nowhere.example"])
def test_five_codes_are_enough_known_or_not(desk: Desk, email: str) -> None:
    make_contact(desk.client_id)
    for serial in range(5):
        ask(email, f"the-secret-of-browser-{serial}")

    with pytest.raises(lockout.EmailMustWait, match="Too many tries with this email"):
        ask(email, "the-secret-of-browser-6")


def test_signing_in_pays_for_the_codes_asked_for(desk: Desk) -> None:
    make_contact(desk.client_id)
    for serial in range(5):
        ask(request=f"the-secret-of-browser-{serial}")

    redeem(mailed_code(), "the-secret-of-browser-4")

    ask(request="the-secret-of-browser-6")
    assert len(letters()) == 6


def test_the_other_codes_end_with_the_one_that_was_used(desk: Desk) -> None:
    make_contact(desk.client_id)
    ask()
    first = mailed_code()
    ask(request=OTHER)
    redeem(mailed_code(), OTHER)

    with pytest.raises(SignInRefused, match=WRONG):
        redeem(first)


def test_a_contact_who_left_in_between_stays_out(desk: Desk) -> None:
    contact_id = make_contact(desk.client_id)
    ask()
    change_contact(contact_id, is_active=False)

    with pytest.raises(SignInRefused, match=WRONG):
        redeem(mailed_code())


def test_the_letter_comes_from_the_firm_of_the_invoice_on_the_way(desk: Desk) -> None:
    make_contact(desk.client_id)
    with unit_of_work() as connection:
        firm_id = make_firm(connection, name="Northside CPA")
        client_id = make_client(connection, firm_id)
    make_contact(client_id)
    with unit_of_work() as connection:
        make_invoice(connection, client_id, number="INV-1")

    ask(pay_token=desk.stored("INV-1")["pay_token"])
    ask(request=OTHER, pay_token="unknown")

    assert [each["from_name"] for each in letters()] == ["Northside CPA", "Chen Advisory"]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\x00"])
def test_what_is_no_code_costs_no_try(desk: Desk, code: str) -> None:
    make_contact(desk.client_id)
    ask()

    with pytest.raises(SignInRefused, match="Enter the 6 digits"):
        redeem(code)

    with reading() as connection:
        assert connection.scalar(select(login_code.c.tries)) == 0


@pytest.mark.parametrize("request_secret", ["", "short", "x" * 65, "with a blank in between"])
def test_a_browser_without_a_secret_is_sent_back(desk: Desk, request_secret: str) -> None:
    with pytest.raises(SignInRefused, match="Reload this page"):
        ask(request=request_secret)


@pytest.mark.parametrize(("is_trusted", "hours"), [(False, 12), (True, 30 * 24)])
def test_a_session_lasts_twelve_hours_or_thirty_days(
    desk: Desk, hours: int, *, is_trusted: bool
) -> None:
    make_contact(desk.client_id)
    ask()

    token = redeem(mailed_code(), is_trusted=is_trusted)

    end = MOMENT + timedelta(hours=hours)
    assert portal_sessions.person_of(token, now=end - timedelta(seconds=1)) is not None
    assert portal_sessions.person_of(token, now=end) is None
