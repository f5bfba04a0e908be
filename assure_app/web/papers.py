"""Invoices and receipts as PDF, for the firm behind its session and for a client behind theirs."""

from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assure_app.auth.portal_guard import PAY_PATH
from assure_app.billing.reading import papers
from assure_app.documents import typesetting
from assure_app.documents.paper import Paper, file_name
from assure_app.web.behind_session import for_client, for_firm, row_id

MOST_AT_ONCE = 2
# Threads of their own: whoever asks for many papers holds up nobody's click.
_threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="papers")


async def firm_invoice(request: Request) -> Response:
    """The invoice with this number, a draft too."""
    number = request.path_params["number"]
    return await for_firm(
        request, lambda user: _file(papers.invoice_for_firm(user, number)), _threads
    )


async def firm_receipt(request: Request) -> Response:
    """The receipt of a payment."""
    wanted = row_id(request)
    return await for_firm(
        request, lambda user: _file(papers.receipt_for_firm(user, wanted)), _threads
    )


async def firm_refund_receipt(request: Request) -> Response:
    """The receipt of a refund."""
    wanted = row_id(request)
    return await for_firm(
        request, lambda user: _file(papers.refund_receipt_for_firm(user, wanted)), _threads
    )


async def client_invoice(request: Request) -> Response:
    """The invoice behind the link; drafts do not exist here (R054)."""
    token = request.path_params["pay_token"]
    return await for_client(
        request, lambda person: _file(papers.invoice_for_client(person, token)), _threads
    )


async def client_receipt(request: Request) -> Response:
    """The receipt of a payment on it."""
    token, wanted = request.path_params["pay_token"], row_id(request)
    return await for_client(
        request, lambda person: _file(papers.receipt_for_client(person, token, wanted)), _threads
    )


async def client_refund_receipt(request: Request) -> Response:
    """The receipt of a refund on it."""
    token, wanted = request.path_params["pay_token"], row_id(request)
    return await for_client(
        request,
        lambda person: _file(papers.refund_receipt_for_client(person, token, wanted)),
        _threads,
    )


_PAYMENT = "/payments/{row_id}/receipt.pdf"
_REFUND = "/refunds/{row_id}/receipt.pdf"
_LINK = PAY_PATH + "/{pay_token}"

routes = [
    # A number may hold a slash.
    Route("/invoices/{number:path}/invoice.pdf", firm_invoice, methods=["GET"]),
    Route(_PAYMENT, firm_receipt, methods=["GET"]),
    Route(_REFUND, firm_refund_receipt, methods=["GET"]),
    Route(_LINK + "/invoice.pdf", client_invoice, methods=["GET"]),
    Route(_LINK + _PAYMENT, client_receipt, methods=["GET"]),
    Route(_LINK + _REFUND, client_refund_receipt, methods=["GET"]),
]


def _file(paper: Paper) -> Response:
    return Response(
        typesetting.pdf(paper),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{file_name(paper)}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
