"""A tab's token is worth nothing without the tab's cookie."""

from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from assure_app.auth.tabs import TabTokens


async def token_seen(query: str, *, cookie: str = "", path: str = "/_event/") -> str:
    """The token that Reflex sees."""
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(parse_qs(scope["query_string"].decode()).get("token", [""]))

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
    }
    await TabTokens(inner)(scope, None, None)  # type: ignore[arg-type]
    return seen[0]


async def test_the_same_token_is_another_tab_with_another_cookie_or_none() -> None:
    jane = await token_seen("token=t1&EIO=4", cookie="assure_session=jane")
    jane_again = await token_seen("token=t1", cookie="theme=dark; assure_session=jane")
    olga = await token_seen("token=t1", cookie="assure_session=olga")
    nobody = await token_seen("token=t1")

    assert jane == jane_again
    assert len({jane, olga, nobody}) == 3
    assert jane.startswith("t1-")


async def test_an_owners_joined_token_cannot_be_sent_by_another() -> None:
    jane = await token_seen("token=t1", cookie="assure_session=jane")

    assert await token_seen(f"token={jane}") != jane


async def test_other_paths_are_left_alone() -> None:
    assert await token_seen("token=t1", path="/invoices") == "t1"
