"""Real sockets: what is slow, broken or busy at the other end holds nobody up for long."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import stripe

from assure_app.settings import get_settings
from assure_app.stripe_gateway import accounts, client, transport
from assure_app.stripe_gateway.outcomes import Ok, Unknown
from tests.support.waiting import wait_until

Reply = Callable[[socket.socket], None]
ACCOUNT = (
    b'{"id": "acct_1", "charges_enabled": true, "payouts_enabled": true, "details_submitted": true}'
)


class Peer:
    """A server that does with each request, in order, what it was told to."""

    def __init__(self, replies: list[Reply]) -> None:
        self.requests: list[bytes] = []
        self._callers: dict[int, threading.Thread] = {}
        self._replies = replies
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def connections(self) -> int:
        return len(self._callers)

    def close(self) -> None:
        """End, once everything was heard that was sent by callers who have hung up."""
        with suppress(OSError):  # It has ended already.
            with socket.create_connection(("127.0.0.1", self.port)) as last:
                port = last.getsockname()[1]
                wait_until(lambda: port in self._callers)
            self._callers.pop(port).join()
            self._listener.shutdown(socket.SHUT_RDWR)  # Else the waiting thread keeps it open.
        self._listener.close()
        for thread in self._callers.values():
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer, (_host, port) = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=[peer], daemon=True)
                thread.start()
                self._callers[port] = thread

    def _serve(self, peer: socket.socket) -> None:
        with peer, suppress(OSError):
            while request := peer.recv(65_536):
                self.requests.append(request)
                self._replies[min(len(self.requests), len(self._replies)) - 1](peer)


def answering(status: str, body: bytes, *headers: str) -> Reply:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""])
    return lambda peer: peer.sendall(head.encode() + body)


def silence(peer: socket.socket) -> None:
    peer.recv(1)  # Until the other end gives up.


def hang_up(peer: socket.socket) -> None:
    peer.shutdown(socket.SHUT_RDWR)


def drip(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        peer.sendall(b" ")
        time.sleep(0.01)


FINE = answering("200 OK", ACCOUNT)
BUSY = answering("429 Too Many Requests", b'{"error": {"type": "invalid_request_error"}}')


@contextmanager
def stripe_at(monkeypatch: pytest.MonkeyPatch, *replies: Reply) -> Iterator[Peer]:
    peer = Peer(list(replies))
    settings = get_settings().model_copy(
        update={"stripe_api_base": f"http://127.0.0.1:{peer.port}"}
    )
    monkeypatch.setattr(client, "get_settings", lambda: settings)
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    line = transport.Transport(uses_proxy=False)
    client.configure(line)
    try:
        yield peer
    finally:
        client.dispose()
        line.close()
        peer.close()


def test_one_connection_serves_many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    with stripe_at(monkeypatch, FINE) as peer:
        for _ in range(5):
            assert isinstance(accounts.retrieve_account("acct_1"), Ok)

    assert len(peer.requests) == 5
    assert peer.connections == 1


def test_silence_ends_soon_and_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.1)

    with stripe_at(monkeypatch, silence) as peer:
        assert accounts.retrieve_account("acct_1") == Unknown(reason="no_answer")

    assert len(peer.requests) == 1


def test_an_answer_in_drops_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_SECONDS", 0.1)

    with stripe_at(monkeypatch, drip) as peer:
        assert accounts.retrieve_account("acct_1") == Unknown(reason="no_answer")

    assert len(peer.requests) == 1


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 1_000)

    with stripe_at(monkeypatch, answering("200 OK", ACCOUNT + b" " * 5_000)):
        assert accounts.retrieve_account("acct_1") == Unknown(reason="no_answer")


def test_a_lost_connection_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with stripe_at(monkeypatch, hang_up, FINE) as peer:
        assert isinstance(accounts.retrieve_account("acct_1"), Ok)

    assert len(peer.requests) == 2


def test_a_busy_stripe_is_tried_again_and_then_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with stripe_at(monkeypatch, BUSY, BUSY, FINE) as peer:
        assert isinstance(accounts.retrieve_account("acct_1"), Ok)
    assert len(peer.requests) == 3

    with stripe_at(monkeypatch, BUSY) as peer:
        assert accounts.retrieve_account("acct_1") == Unknown(reason="rate_limited")
    assert len(peer.requests) == 3


def test_stripes_word_not_to_try_again_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    no = answering("429 Too Many Requests", b"{}", "Stripe-Should-Retry: false")

    with stripe_at(monkeypatch, no) as peer:
        assert isinstance(accounts.retrieve_account("acct_1"), Unknown)

    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        answering("200 OK", b"<html>"),
        answering("302 Found", b"", "Location: http://127.0.0.1:1/"),
        answering("200 OK", b"\x1f\x8b", "Content-Encoding: gzip"),
        lambda peer: peer.sendall(b"garbage\r\n\r\n"),
    ],
)
def test_garbage_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch, reply: Reply) -> None:
    with stripe_at(monkeypatch, reply):
        assert isinstance(accounts.retrieve_account("acct_1"), Unknown)


def test_nobody_there_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    with stripe_at(monkeypatch, FINE) as peer:
        peer.close()

        assert accounts.retrieve_account("acct_1") == Unknown(reason="no_answer")
