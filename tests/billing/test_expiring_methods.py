"""A card that auto-pay charges is announced a month ahead, once, to who may pay."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from assure_app.billing import expiring_methods, saved_methods
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import contact, engagement, mail_message
from tests.support.online import PayDesk
from tests.support.saving import save, work

JUST_BEFORE = datetime(2030, 3, 30, 23, 59, tzinfo=UTC)
A_MONTH_AHEAD = datetime(2030, 3, 31, 0, 1, tzinfo=UTC)
LATER = datetime(2030, 4, 20, 12, 0, tzinfo=UTC)
OVER = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


def announce(now: datetime) -> int:
    """Everything that is due; how much that was."""
    looked_at = 0
    while expiring_methods.announce_next(now=now):
        looked_at += 1
        assert looked_at < 10
    return looked_at


def letters() -> list[Any]:
    with reading() as connection:
        wanted = select(mail_message).where(mail_message.c.subject.contains("expires"))
        return list(connection.execute(wanted.order_by(mail_message.c.id)).all())


def test_thirty_days_before_its_last_day_and_once(pay_desk: PayDesk) -> None:
    work(pay_desk)
    save(pay_desk)

    assert announce(JUST_BEFORE) == 0
    assert announce(A_MONTH_AHEAD) == 1
    assert [announce(now) for now in (A_MONTH_AHEAD, LATER, OVER)] == [0, 0, 0]

    (letter,) = letters()
    assert (letter.to_email, letter.subject) == (
        "anita@patelfamily.example",
        "Your card Visa •••• 4242 expires 04/30",
    )
    assert "On auto-pay: Bookkeeping 2026" in letter.text
    assert f"/portal?client={pay_desk.desk.client_id}" in letter.text
    assert letter.reply_to == pay_desk.desk.email_of_jane()
    assert pay_desk.desk.audit() == [
        "Patel Family was told that Visa •••• 4242, on auto-pay, expires 04/30"
    ]


def test_everybody_who_may_pay_is_told_and_nobody_else(pay_desk: PayDesk) -> None:
    work(pay_desk)
    save(pay_desk)
    people = (("ravi", "signer", True), ("lee", "viewer", True), ("sam", "owner", False))
    with unit_of_work() as connection:
        for name, role, is_active in people:
            values = {
                "client_id": pay_desk.desk.client_id,
                "name": name,
                "email": f"{name}@patelfamily.example",
                "role": role,
                "is_active": is_active,
            }
            connection.execute(insert(contact).values(values))

    announce(A_MONTH_AHEAD)

    assert [each.to_email.partition("@")[0] for each in letters()] == ["anita", "ravi"]


def test_a_card_that_stops_nothing_is_looked_at_each_day_until_it_is_over(
    pay_desk: PayDesk,
) -> None:
    work(pay_desk, is_autopay_on=False)
    save(pay_desk)

    days = [announce(A_MONTH_AHEAD + timedelta(days=day)) for day in range(40)]

    assert days == [1] * 32 + [0] * 8
    assert letters() == []
    assert pay_desk.methods()[0]["announce_on"] is None


def test_a_second_card_is_not_announced_until_it_is_the_default(pay_desk: PayDesk) -> None:
    work(pay_desk)
    pay_desk.stripe.change_method(save(pay_desk), expiry="04/34")
    pay_desk.stripe.change_method(save(pay_desk), last4="1881")
    pay_desk.deliver()
    second = pay_desk.methods()[-1]["id"]

    announce(A_MONTH_AHEAD)
    before = letters()
    saved_methods.make_default(pay_desk.anita, second, now=pay_desk.now)
    announce(LATER)

    assert before == []
    assert [each.subject for each in letters()] == ["Your card Visa •••• 1881 expires 04/30"]


def test_auto_pay_switched_on_within_the_month_is_announced_then(pay_desk: PayDesk) -> None:
    work(pay_desk, is_autopay_on=False)
    save(pay_desk)
    announce(A_MONTH_AHEAD)
    with unit_of_work() as connection:
        connection.execute(update(engagement).values(is_autopay_on=True))

    announce(LATER)

    assert len(letters()) == 1


def test_a_renewed_card_is_not_announced_but_a_month_before_its_new_end(pay_desk: PayDesk) -> None:
    work(pay_desk)
    method_id = save(pay_desk)

    pay_desk.stripe.change_method(method_id, "payment_method.automatically_updated", expiry="04/34")
    pay_desk.deliver()

    assert announce(LATER) == 0
    assert announce(datetime(2034, 4, 1, 12, 0, tzinfo=UTC)) == 1
    assert [each.subject for each in letters()] == ["Your card Visa •••• 4242 expires 04/34"]


def test_what_is_heard_again_of_an_announced_card_announces_nothing(pay_desk: PayDesk) -> None:
    work(pay_desk)
    method_id = save(pay_desk)
    announce(A_MONTH_AHEAD)

    pay_desk.stripe.change_method(method_id)
    pay_desk.deliver()

    assert announce(LATER) == 0
    assert len(letters()) == 1


def test_a_bank_account_and_what_was_removed_never_expire(pay_desk: PayDesk) -> None:
    save(pay_desk)
    save(pay_desk, "us_bank_account")
    saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)

    assert announce(LATER) == 0
    assert [row["announce_on"] for row in pay_desk.methods()] == [None, None]
