"""The way to Stripe's own receipt of a charge (R133)."""

from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from assure_app.billing import stripe_receipts
from assure_app.domain.permissions import Principal
from assure_app.web import behind_session

MOST_AT_ONCE = 2
# Threads of their own: a Stripe that is silent holds up nothing but receipts.
_threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="stripe-receipts")


async def stripe_receipt(request: Request) -> Response:
    """On to the receipt, at the address that it has now; a sentence when there is none."""
    row_id = behind_session.row_id(request)

    def there(user: Principal) -> Response:
        url = stripe_receipts.receipt_url(user, row_id)
        return RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})

    return await behind_session.for_firm(request, there, _threads)


routes = [Route("/payments/{row_id}/stripe-receipt", stripe_receipt, methods=["GET"])]
