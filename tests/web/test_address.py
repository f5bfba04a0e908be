"""Whose tries are counted together, with and without reverse proxies in front."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request

from assure_app.settings import SettingsError, get_settings
from assure_app.web.address import NOT_TOLD, address_of

OUTSIDE, OTHER = "8.8.4.4", "1.1.1.1"


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def request_from(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", text.encode()) for text in forwarded]
    client = (peer, 5000) if peer else None
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize("peer", [OUTSIDE, "127.0.0.1", "10.0.0.7", "2001:4860:4860::8888"])
def test_without_a_proxy_it_is_the_peer(peer: str) -> None:
    assert address_of(request_from(peer)) == peer


def test_a_stranger_cannot_choose_another_address() -> None:
    assert address_of(request_from(OUTSIDE, OTHER)) == OUTSIDE


@pytest.mark.parametrize(
    "peer", ["127.0.0.1", "::1", "10.0.0.7", "::ffff:172.17.0.1", "100.64.0.1"]
)
def test_a_proxy_that_nobody_told_of_is_not_counted(peer: str) -> None:
    assert address_of(request_from(peer, OUTSIDE)) == NOT_TOLD


@pytest.mark.parametrize("hops", ["0", "1"])
def test_over_https_this_machine_is_always_a_proxy(
    monkeypatch: pytest.MonkeyPatch, hops: str
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://billing.example.com")
    monkeypatch.setenv("TRUSTED_PROXY_HOPS", hops)

    assert address_of(request_from("127.0.0.1")) == NOT_TOLD
    assert address_of(request_from(OUTSIDE)) == OUTSIDE


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        ("1", [OUTSIDE], OUTSIDE),
        ("1", [f"{OTHER}, {OUTSIDE}"], OUTSIDE),
        ("1", [OTHER, OUTSIDE], OUTSIDE),
        ("1", ["::ffff:8.8.4.4"], OUTSIDE),
        ("2", [f"{OTHER}, {OUTSIDE}, 10.0.0.9"], OUTSIDE),
        ("2", [f"  {OUTSIDE} ,10.0.0.9"], OUTSIDE),
        ("2", [OUTSIDE], "10.0.0.7"),
        ("1", [], "10.0.0.7"),
        ("1", [""], "10.0.0.7"),
        ("1", [f"{OUTSIDE}, unknown"], "10.0.0.7"),
    ],
)
def test_trusted_proxies_name_it_counted_from_the_right(
    monkeypatch: pytest.MonkeyPatch, hops: str, forwarded: list[str], address: str
) -> None:
    monkeypatch.setenv("TRUSTED_PROXY_HOPS", hops)

    assert address_of(request_from("10.0.0.7", *forwarded)) == address


@pytest.mark.parametrize("peer", ["", "unix:socket"])
def test_a_peer_without_an_address_is_not_counted(peer: str) -> None:
    assert address_of(request_from(peer)) == NOT_TOLD


@pytest.mark.parametrize("value", ["-1", "1.5", "one", "²", "100"])
def test_a_number_of_proxies_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TRUSTED_PROXY_HOPS", value)

    with pytest.raises(SettingsError, match=f"TRUSTED_PROXY_HOPS .* not “{value}”"):
        get_settings()
