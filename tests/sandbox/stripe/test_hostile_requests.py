"""Requests that no library sends: refused in Stripe's own shape, and nothing is written."""

import threading
from collections.abc import AsyncIterator

import httpx
import pytest

from assure_app.sandbox.stripe import hosted
from assure_app.sandbox.stripe.errors import ApiError
from assure_app.sandbox.stripe.form import decode, listed
from tests.support.stripe_sandbox import CHEN, KEYS, LocalStripe

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def raw(local: LocalStripe) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {KEYS.secret_key}", "Stripe-Account": CHEN}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(local.app), base_url="http://127.0.0.1:8001", headers=headers
    ) as opened:
        yield opened


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"name": "A"}', "application/json", 400),
        (b"name=%FF", FORM, 400),
        (b"\xff\xfe", FORM, 400),
        (b"name=A&name[first]=B", FORM, 400),
        (b"name[first]=B&name=A", FORM, 400),
        (b"name[=A", FORM, 400),
        (b"a[b][c][d][e][f][g][h][i]=1", FORM, 400),
        (b"metadata=text", FORM, 400),
        (b"metadata[a][b]=text", FORM, 400),
        (b"metadata[" + b"k" * 41 + b"]=text", FORM, 400),
        (b"name=" + b"A" * 513, FORM, 400),
        (b"expand[]=colour", FORM, 400),
        (b"expand[]=", FORM, 400),
        (b"&".join(b"metadata[%d]=1" % number for number in range(51)), FORM, 400),
        (b"&".join(b"a%d=1" % number for number in range(1001)), FORM, 400),
        (b"name=" + b"A" * 300_000, FORM, 413),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_a_broken_body_is_refused(
    local: LocalStripe, raw: httpx.AsyncClient, body: bytes, kind: str, status: int
) -> None:
    answer = await raw.post("/v1/customers", content=body, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.headers["request-id"].startswith("req_")
    assert local.event_types() == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=-1", "limit=ten", "starting_after=cus_none", "created[in]=1"],
)
async def test_a_broken_page_is_refused(raw: httpx.AsyncClient, query: str) -> None:
    answer = await raw.get(f"/v1/customers?{query}")

    assert answer.status_code == 400


async def test_a_long_key_is_refused(raw: httpx.AsyncClient) -> None:
    answer = await raw.post("/v1/customers", headers={"Idempotency-Key": "k" * 256})

    assert answer.status_code == 400


def test_brackets_are_read_as_lists_and_names() -> None:
    read = decode("a[b][0][c]=1&a[b][1][c]=2&a[b][10][c]=3&tags[]=x&tags[]=y&plain=%26")

    assert [item["c"] for item in listed(read["a"]["b"])] == ["1", "2", "3"]
    assert listed(read["tags"]) == ["x", "y"]
    assert read["plain"] == "&"
    with pytest.raises(ApiError):
        decode("]=1")


def test_two_who_pay_at_once_charge_once(local: LocalStripe) -> None:
    session = local.checkout()
    outcomes: list[hosted.Outcome] = []
    both = threading.Barrier(2)

    def pay() -> None:
        both.wait()
        outcomes.append(local.pay(session.id))

    threads = [threading.Thread(target=pay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(each) for each in outcomes] == [hosted.Finished] * 2
    assert len(local.charges(session.id)) == 1
