"""Downloading the list as it is filtered and sorted, or the payments of what it lists, at the
list's own address plus a name."""

from datetime import datetime

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assure_app.auth.guard import START_PATH
from assure_app.billing.reading import export
from assure_app.billing.reading.export import Content
from assure_app.billing.reading.invoice_query import Query
from assure_app.domain.permissions import Principal
from assure_app.web import csv_download
from assure_app.web.csv_download import Download

PATHS = {
    "/invoices/export.csv": Content.INVOICES,
    "/invoices/payments.csv": Content.PAYMENTS,
}
_LARGEST_ID_DIGITS = 9


async def export_list(request: Request) -> Response:
    """The file of the list that the parameters of the address name: what is shown is what is
    downloaded."""

    def begin(principal: Principal, now: datetime) -> Download:
        query, content = _query(request.query_params), PATHS[request.url.path]
        begun = export.begin(principal, query, content, now=now)
        return Download(name=f"{content}-{begun.day}.csv", batches=begun.batches())

    return await csv_download.sent(request, begin, page=START_PATH)


routes = [Route(path, export_list, methods=["GET"]) for path in PATHS]


def _query(asked: QueryParams) -> Query:
    """The parameters of the address, read as the list reads them."""
    return Query(
        tile=asked.get("tile", ""),
        status=asked.get("status", ""),
        search=asked.get("q", ""),
        client_id=_id(asked.get("client", "")),
        issued_from=asked.get("from", ""),
        issued_to=asked.get("to", ""),
        sort=asked.get("sort", ""),
        descending=asked.get("order", "down") != "up",
    )


def _id(text: str) -> int:
    is_id = text.isascii() and text.isdigit() and len(text) <= _LARGEST_ID_DIGITS
    return int(text) if is_id else 0
