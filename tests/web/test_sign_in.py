"""The two requests that set and clear the cookie."""

from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from assure_app import clock
from assure_app.auth import lockout, sessions
from assure_app.domain.errors import Busy
from assure_app.web.routes import app
from assure_app.web.security_headers import SecurityHeaders
from tests.auth.people import PASSWORD, make_person, open_session

pytestmark = pytest.mark.usefixtures("sqlite_database")
ORIGIN = "http://127.0.0.1:8000"
RIGHT = {"email": "jane@chenadvisory.com", "password": PASSWORD}


async def post(path: str = "/auth/sign-in", **request: Any) -> httpx.Response:
    headers = {"origin": ORIGIN} | request.pop("headers", {})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(SecurityHeaders(app)), base_url=ORIGIN
    ) as client:
        return await client.post(path, headers=headers, **request)


def in_json(text: str) -> dict[str, Any]:
    """A request whose body is this text, said to be JSON."""
    return {"content": text.encode(), "headers": {"content-type": "application/json"}}


@pytest.mark.parametrize("kind", ["json", "data"])
async def test_the_right_password_sets_a_cookie_that_scripts_cannot_read(kind: str) -> None:
    make_person()

    request: dict[str, Any] = {kind: RIGHT | {"next": "/invoices?invoice=INV-1"}}
    answer = await post(**request)

    assert (answer.status_code, answer.json()) == (200, {"next": "/invoices?invoice=INV-1"})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly; Max-Age=1209600; Path=/; SameSite=lax" in cookie
    token = answer.cookies["assure_session"]
    assert sessions.principal_of(token, now=clock.now()) is not None


async def test_no_other_site_is_gone_to_afterwards() -> None:
    make_person()

    answer = await post(json=RIGHT | {"next": "//evil.example"})

    assert answer.json() == {"next": "/invoices"}


async def test_a_wrong_password_is_said_at_its_field_and_five_lock() -> None:
    make_person()

    answers = [await post(json=RIGHT | {"password": "wrong"}) for _ in range(5)]
    locked = await post(json=RIGHT)

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429]
    assert answers[0].json() == {
        "field": "password",
        "sentence": "Email or password is not right. Check both and try again.",
    }
    assert locked.status_code == 429
    assert locked.json()["sentence"].endswith("try again in 15 minutes.")
    assert "set-cookie" not in locked.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "", "sec-fetch-site": "same-origin"},
    ],
)
@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/sign-out"])
async def test_another_site_can_neither_sign_in_nor_out(path: str, headers: dict[str, str]) -> None:
    token = open_session(make_person(), "token")

    answer = await post(path, data=RIGHT, headers=headers | {"cookie": f"assure_session={token}"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert sessions.principal_of(token, now=clock.now()) is not None


@pytest.mark.parametrize(
    ("request_", "status_code", "field"),
    [
        (in_json("{"), 400, ""),
        (in_json("[" * 8000), 400, ""),
        ({"json": []}, 400, ""),
        (in_json("null"), 400, ""),
        ({"content": b"\xff\xfe"}, 400, ""),
        ({"content": b"a=1&" * 20}, 400, ""),
        ({"json": {"email": 12.7, "password": {}}}, 400, "email"),
        ({"json": {"email": "a\0b", "password": "x"}}, 400, "email"),
        (in_json(r'{"email": "\ud800", "password": "x"}'), 400, "email"),
        ({"json": {"email": "x" * 255, "password": "x"}}, 400, "email"),
        ({"json": {"email": "a@b", "password": ""}}, 400, "password"),
        (in_json(r'{"email": "a@b", "password": "\udfff"}'), 400, "password"),
        ({"content": b"x" * 8193}, 413, ""),
    ],
)
async def test_bad_input_is_refused_with_a_sentence(
    request_: dict[str, Any], status_code: int, field: str
) -> None:
    answer = await post(**request_)

    assert (answer.status_code, answer.json()["field"]) == (status_code, field)
    assert answer.json()["sentence"].endswith(".")


async def test_signing_out_ends_the_session_and_clears_the_cookie() -> None:
    token = open_session(make_person(), "token")
    headers = {"cookie": f"assure_session={token}"}

    page = await post("/auth/sign-out", headers=headers)
    script = await post("/auth/sign-out", headers=headers | {"accept": "application/json"})

    assert sessions.principal_of(token, now=clock.now()) is None
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
    assert 'assure_session=""' in page.headers["set-cookie"]
    assert script.json() == {"next": "/sign-in"}


@pytest.fixture(params=["busy", "down", "exhausted"])
def silent_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every transaction fails in one of the ways databases do."""
    errors = {
        "busy": Busy(),
        "down": OperationalError("SELECT secret", {}, Exception("connection refused")),
        "exhausted": PoolTimeoutError("QueuePool limit reached"),
    }
    error = errors[request.param]

    def fail() -> None:
        raise error

    for module in (sessions, lockout):
        monkeypatch.setattr(module, "unit_of_work", fail)


@pytest.mark.usefixtures("silent_database")
async def test_a_silent_database_is_said_plainly_and_signs_nobody_in() -> None:
    answer = await post(json=RIGHT)

    assert answer.status_code == 503
    assert answer.json() == {
        "field": "",
        "sentence": "You could not be signed in: the database does not answer."
        " Try again in a minute.",
    }
    assert "set-cookie" not in answer.headers


@pytest.mark.usefixtures("silent_database")
async def test_who_could_not_be_signed_out_is_told_and_can_try_again() -> None:
    headers = {"cookie": "assure_session=token"}

    page = await post("/auth/sign-out", headers=headers)
    script = await post("/auth/sign-out", headers=headers | {"accept": "application/json"})

    assert (page.status_code, script.status_code) == (503, 503)
    assert page.headers["content-type"].startswith("text/html")
    assert "You may still be signed in" in page.text
    assert script.json()["sentence"] in page.text
    assert "set-cookie" not in {*page.headers, *script.headers}


async def test_every_answer_says_what_pages_may_do() -> None:
    answer = await post(json={})

    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
