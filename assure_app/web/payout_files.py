"""Downloading the payouts, or what one of them carried."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assure_app.billing.reading import payout_files
from assure_app.domain.permissions import Principal
from assure_app.web import csv_download
from assure_app.web.csv_download import Download

_MOST_DIGITS = 9


async def all_payouts(request: Request) -> Response:
    """Every payout of the firm."""

    def begin(principal: Principal, now: datetime) -> Download:
        file = payout_files.all_payouts(principal, now=now)
        return Download(name=file.name, batches=file.batches)

    return await csv_download.sent(request, begin, page="/payouts")


async def one_payout(request: Request) -> Response:
    """What a payout carried; 403 with a sentence for one that is another firm's, or none."""
    text = request.path_params["payout"]
    known = int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0

    def begin(principal: Principal, now: datetime) -> Download:
        file = payout_files.one_payout(principal, known, now=now)
        return Download(name=file.name, batches=file.batches)

    return await csv_download.sent(request, begin, page="/payouts")


routes = [
    Route("/payouts/export.csv", all_payouts, methods=["GET"]),
    Route("/payouts/{payout}.csv", one_payout, methods=["GET"]),
]
