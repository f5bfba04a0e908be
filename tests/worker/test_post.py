"""The outbox is looked after for as long as the process runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from assure_app import live
from assure_app.db.unit_of_work import unit_of_work
from assure_app.mail import outbox, sender, transport
from assure_app.mail.undelivered import Undelivered
from assure_app.settings import get_settings
from assure_app.worker import post
from tests.mail.letters import messages
from tests.support.desk import Desk, open_desk
from tests.support.waiting import WAIT_SECONDS, until


class Carrier:
    """A transport that tells when it was asked."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refusal: Undelivered | None = None

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
        assert sender == "billing@localhost"
        assert letter
        self.taken.append(to)
        if self.refusal:
            raise self.refusal


@pytest.fixture
def desk(sqlite_database: str) -> Desk:
    return open_desk()


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Carrier:
    taking = Carrier()
    monkeypatch.setattr(transport, "of", lambda _settings: taking)
    return taking


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    task = asyncio.create_task(post.deliver_mail())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def enqueue(desk: Desk, to_email: str) -> None:
    with unit_of_work() as connection:
        outbox.enqueue(
            connection,
            firm_id=desk.jane.firm_id,
            to_email=to_email,
            from_name="Chen Advisory",
            subject="Hello",
            text="Hello.",
            html="",
            now=desk.now,
        )


async def until_none_waits() -> None:
    await until(lambda: not some_wait())


def some_wait() -> bool:
    return any(message["due_at"] for message in messages())


async def test_what_waited_and_what_comes_leaves_at_once(
    desk: Desk, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "LOOK_SECONDS", 3600)
    enqueue(desk, "a@b.example")

    async with running():
        await until_none_waits()
        await asyncio.to_thread(enqueue, desk, "c@b.example")
        await until_none_waits()

    assert carrier.taken == ["a@b.example", "c@b.example"]
    enqueue(desk, "d@b.example")  # nobody listens any more, and nobody minds
    assert len(carrier.taken) == 2


async def test_one_that_another_process_wrote_is_found(
    desk: Desk, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(outbox, "_listeners", ())
    monkeypatch.setattr(outbox, "listen", lambda _call: lambda: None)

    async with running():
        await asyncio.to_thread(enqueue, desk, "a@b.example")
        await until_none_waits()

    assert carrier.taken == ["a@b.example"]


async def test_who_looks_at_the_firm_hears_of_one_given_up(
    desk: Desk, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: asyncio.Queue[int] = asyncio.Queue()

    async def changed(firm_id: int) -> None:
        told.put_nowait(firm_id)

    monkeypatch.setattr(live, "changed", changed)
    carrier.refusal = Undelivered("no such user", is_final=True)
    enqueue(desk, "a@b.example")

    async with running():
        async with asyncio.timeout(WAIT_SECONDS):
            heard = await told.get()

    assert heard == desk.jane.firm_id
    assert not some_wait()


async def test_a_database_that_fails_once_does_not_end_the_post(
    desk: Desk, carrier: Carrier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(post, "LOOK_SECONDS", 0.01)
    deliver_next, failures = sender.deliver_next, [OSError("the disk is gone")]

    def fail_once(*args: object, **kwargs: object) -> object:
        if failures:
            raise failures.pop()
        return deliver_next(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(sender, "deliver_next", fail_once)
    enqueue(desk, "a@b.example")

    async with running():
        await until_none_waits()

    assert carrier.taken == ["a@b.example"]
    assert "The outbox could not be looked after" in caplog.text


async def test_where_nothing_can_be_sent_messages_wait(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = get_settings().model_copy(update={"stripe_secret_key": "set"})
    monkeypatch.setattr(post, "get_settings", lambda: settings)
    enqueue(desk, "a@b.example")

    await post.deliver_mail()

    assert messages()[0]["due_at"] == desk.now
    assert messages()[0]["attempts"] == 0
