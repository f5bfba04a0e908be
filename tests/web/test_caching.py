"""What a browser may keep of our answers."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assure_app.web.caching import Caching


async def built(_request: Request) -> Response:
    return PlainTextResponse("export {}")


async def private(_request: Request) -> Response:
    return PlainTextResponse("a list", headers={"Cache-Control": "no-store"})


SITE = Caching(
    Starlette(
        routes=[
            Route("/assets/root-C_DeCYiM.js", built),
            Route("/invoices", built),
            Route("/export.csv", private),
        ]
    )
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/assets/root-C_DeCYiM.js", "public, max-age=31536000, immutable"),
        ("/assets/gone.js", "no-cache"),
        ("/invoices", "no-cache"),
        ("/export.csv", "no-store"),
    ],
)
async def test_only_files_named_by_their_content_are_kept(path: str, expected: str) -> None:
    transport = httpx.ASGITransport(app=SITE)
    async with httpx.AsyncClient(transport=transport, base_url="http://firm.example") as client:
        answer = await client.get(path)

    assert answer.headers["cache-control"] == expected
