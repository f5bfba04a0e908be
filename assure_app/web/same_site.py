"""Refuses requests that another site made a browser send."""

from starlette.requests import Request

from assure_app.settings import get_settings


def is_from_own_pages(request: Request) -> bool:
    """Whether the browser vouches that one of our own pages sent this.

    Browsers name the sending page's origin with every POST. A request that names none, and does
    not say that it stays on our site, is not trusted.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        return origin in get_settings().allowed_origins
    return request.headers.get("sec-fetch-site") == "same-origin"
