"""Downloading the lines behind a report, at the days that its page shows."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assure_app.billing.reading import aging, period_reports, report_files
from assure_app.billing.reading.report_files import ReportFile
from assure_app.domain.permissions import Principal
from assure_app.web import csv_download
from assure_app.web.csv_download import Download


async def aging_file(request: Request) -> Response:
    """Every invoice that asked for money at the end of `as-of`, today without it."""

    def begin(principal: Principal, now: datetime) -> Download:
        day = request.query_params.get("as-of", "")
        return _download(report_files.aging_file(principal, day, now=now))

    return await csv_download.sent(request, begin, page="/reports")


async def payments_file(request: Request) -> Response:
    """Every ledger row confirmed from `from` to `to`, the last 12 months without them."""

    def begin(principal: Principal, now: datetime) -> Download:
        first, last = (request.query_params.get(name, "") for name in ("from", "to"))
        return _download(report_files.payments_file(principal, first, last, now=now))

    return await csv_download.sent(request, begin, page="/reports/payments")


routes = [
    Route(aging.FILE_PATH, aging_file, methods=["GET"]),
    Route(period_reports.FILE_PATH, payments_file, methods=["GET"]),
]


def _download(file: ReportFile) -> Download:
    return Download(name=file.name, batches=file.batches)
