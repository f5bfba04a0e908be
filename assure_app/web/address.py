"""Whose machine a request came from, as far as that can be told behind a reverse proxy."""

import ipaddress

from starlette.requests import Request

from assure_app.settings import get_settings

NOT_TOLD = ""
"""The address of many people at once, or of nobody: tries are not counted by it."""


def address_of(request: Request) -> str:
    """The address whose tries are counted, or NOT_TOLD where a proxy's would stand for everyone.

    Only what the trusted proxies wrote is believed. They append, so it is read from the right;
    whatever stands further left may be the client's own invention.
    """
    peer = _parsed(request.client.host if request.client else "")
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    hops = get_settings().trusted_proxy_hops
    if hops:
        named = forwarded.split(",")[-hops:]
        client = _parsed(named[0]) if len(named) == hops else None
        if client is not None:
            return str(client)
    if peer is None or (peer.is_loopback and get_settings().public_url.startswith("https://")):
        return NOT_TOLD
    if not hops and forwarded and not peer.is_global:
        return NOT_TOLD
    return str(peer)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, in one spelling for each machine; None for anything else."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
