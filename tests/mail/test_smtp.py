"""Speaking to a real mail server on this machine."""

from contextlib import AbstractContextManager

import pytest

from assure_app.mail import smtp
from assure_app.mail.smtp import MailServer
from assure_app.mail.undelivered import Undelivered
from tests.mail.smtp_stub import Heard, mail_server
from tests.support.ports import free_port

FROM, ANITA = "billing@chen.example", "anita@patelfamily.example"
LETTER = b"Subject: Hello\r\n\r\nHello.\r\n.starts with a dot\r\n"


def deliver(port: int, *, user: str = "", host: str = "127.0.0.1") -> None:
    server = MailServer(host=host, port=port, user=user, password="hidden")
    server.deliver(LETTER, sender=FROM, to=ANITA)


def refusal_of(server: AbstractContextManager[Heard], *, user: str = "") -> Undelivered:
    with server as heard, pytest.raises(Undelivered) as refusal:
        deliver(heard.port, user=user)
    return refusal.value


def test_a_message_arrives_as_it_was_written() -> None:
    with mail_server() as heard:
        deliver(heard.port)

    assert [command.lower() for command in heard.commands] == [
        "ehlo chen.example",
        f"mail from:<{FROM}>",
        f"rcpt to:<{ANITA}>",
        "data",
        "quit",
    ]
    assert heard.letters == [LETTER.replace(b"\r\n.starts", b"\r\n..starts")]


def test_it_signs_in_where_a_name_is_given() -> None:
    answers = {"AUTH": "235 welcome"}
    with mail_server(answers, offers=("AUTH PLAIN",)) as heard:
        deliver(heard.port, user="chen")

    assert len(heard.letters) == 1
    assert heard.commands[1].startswith("AUTH PLAIN ")


@pytest.mark.parametrize(
    ("word", "answer", "reason", "is_final"),
    [
        ("RCPT", "550 No such user", "the mail server answered 550 No such user", True),
        ("RCPT", "450 Try later", "the mail server answered 450 Try later", False),
        ("MAIL", "553 Not from you", "the mail server answered 553 Not from you", True),
        ("DATA.", "554 Spam\x07", "the mail server answered 554 Spam", True),
        ("DATA.", "451 Full", "the mail server answered 451 Full", False),
        ("DATA", "554 No", "the mail server answered 554 No", True),
        ("", "554 Closed", "the mail server could not be used (SMTPConnectError)", False),
        (
            "RCPT",
            "",
            "the mail server could not be used (it hung up)",
            False,
        ),
    ],
)
def test_a_refusal_tells_why_and_whether_to_try_again(
    word: str, answer: str, reason: str, *, is_final: bool
) -> None:
    refusal = refusal_of(mail_server({word: answer}))

    assert (refusal.reason, refusal.is_final) == (reason, is_final)


def test_a_wrong_password_is_mended_and_tried_again() -> None:
    server = mail_server({"AUTH": "535 hidden is wrong"}, offers=("AUTH PLAIN",))

    refusal = refusal_of(server, user="chen")

    assert refusal.reason == "the mail server refused to sign us in (535)"
    assert not refusal.is_final


def test_no_password_goes_to_another_machine_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LOOPBACK_HOSTS", frozenset())
    server = mail_server(offers=("AUTH PLAIN",))

    refusal = refusal_of(server, user="chen")

    assert refusal.reason == "the mail server offers no encryption, so we did not sign in"


def test_an_offer_of_encryption_that_fails_sends_nothing() -> None:
    server = mail_server({"STARTTLS": "454 not now"}, offers=("STARTTLS",))
    with server as heard, pytest.raises(Undelivered) as refusal:
        deliver(heard.port)

    assert not refusal.value.is_final
    assert heard.letters == []


def test_a_bad_good_bye_after_the_message_was_taken_is_no_failure() -> None:
    with mail_server({"QUIT": "421 gone"}) as heard:
        deliver(heard.port)

    assert len(heard.letters) == 1


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(Undelivered) as refusal:
        deliver(free_port())

    assert refusal.value.reason == "the mail server could not be used (Connection refused)"
    assert not refusal.value.is_final


def test_a_silent_server_is_waited_for_no_longer_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.1)

    with mail_server({"": "220-and more to come"}) as heard, pytest.raises(Undelivered) as refusal:
        deliver(heard.port)

    assert refusal.value.reason == "the mail server could not be used (it hung up)"


def test_a_server_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LONGEST_SECONDS", 0.1)

    refusal = refusal_of(mail_server({"MAIL": "250-and more to come"}))

    assert refusal.reason == "the mail server could not be used (it hung up)"
    assert not refusal.is_final


def test_the_password_is_in_no_repr() -> None:
    assert "hidden" not in repr(MailServer(host="h", port=1, user="u", password="hidden"))
