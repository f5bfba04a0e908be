"""A message is written with the act that causes it, or not at all."""

from typing import Any

import pytest
from sqlalchemy import Connection

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.mail import outbox
from tests.mail.letters import messages
from tests.support.desk import Desk


def enqueue(connection: Connection, desk: Desk, **overrides: Any) -> int:
    letter = {
        "to_email": "anita@patelfamily.example",
        "from_name": "Chen Advisory",
        "subject": "Hello",
        "text": "Hello.",
        "html": "<p>Hello.</p>",
    }
    return outbox.enqueue(connection, firm_id=desk.jane.firm_id, now=desk.now, **letter | overrides)


def test_a_message_waits_from_its_commit_on(desk: Desk) -> None:
    with unit_of_work() as connection:
        message_id = enqueue(connection, desk, reply_to="jane@chenadvisory.example")

    (message,) = messages()
    assert message["id"] == message_id
    assert message["to_email"] == "anita@patelfamily.example"
    assert message["reply_to"] == "jane@chenadvisory.example"
    assert message["due_at"] == message["created_at"] == desk.now
    assert (message["attempts"], message["sent_at"], message["failure"]) == (0, None, "")
    assert message["message_id"].startswith("<")
    assert message["message_id"].endswith("@localhost>")


def test_an_act_that_is_rolled_back_writes_no_message_and_wakes_nobody(desk: Desk) -> None:
    calls: list[str] = []
    end = outbox.listen(lambda: calls.append("woken"))

    def enqueue_and_fail() -> None:
        with unit_of_work() as connection:
            enqueue(connection, desk)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        enqueue_and_fail()
    with unit_of_work():
        pass

    end()
    assert messages() == []
    assert calls == []


def test_a_commit_wakes_who_listens_once_it_can_be_read(desk: Desk) -> None:
    seen: list[int] = []
    end = outbox.listen(lambda: seen.append(len(messages())))

    with unit_of_work() as connection:
        enqueue(connection, desk)
        assert seen == []
    end()
    with unit_of_work() as connection:
        enqueue(connection, desk)

    assert seen == [1]


def test_every_message_has_an_id_of_its_own_but_for_the_same_key(desk: Desk) -> None:
    with unit_of_work() as connection:
        enqueue(connection, desk)
        enqueue(connection, desk)
        enqueue(connection, desk, key="invoice 7, version 1")

    with reading() as connection:
        assert outbox.is_known(connection, "invoice 7, version 1")
        assert not outbox.is_known(connection, "invoice 7, version 2")
    assert len({message["message_id"] for message in messages()}) == 3


def test_nobody_writes_a_header_into_another(desk: Desk) -> None:
    with unit_of_work() as connection:
        enqueue(
            connection,
            desk,
            from_name="Chen\r\nBcc: all@b.example",
            subject=f"Hello\nX-Odd: 1\x00{'x' * 400}",
        )

    (message,) = messages()
    assert message["from_name"] == "Chen Bcc: all@b.example"
    assert message["subject"] == f"Hello X-Odd: 1 {'x' * 285}"


@pytest.mark.parametrize(
    "overrides",
    [
        {"to_email": ""},
        {"to_email": "anita"},
        {"to_email": "anita@b.example\nBcc: c@d.example"},
        {"reply_to": "Anita@b.example"},
    ],
)
def test_what_is_no_address_is_a_mistake_of_our_own(desk: Desk, overrides: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a letter needs"), unit_of_work() as connection:
        enqueue(connection, desk, **overrides)

    assert messages() == []
