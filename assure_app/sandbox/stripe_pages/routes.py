"""Where the pages are."""

from starlette.routing import BaseRoute, Route

from assure_app.sandbox.stripe_pages import checkout, connect, control, receipt
from assure_app.sandbox.stripe_pages.forms import Open, opening, taking


def routes(sandbox: Open) -> list[BaseRoute]:
    """The pages' routes; the sandbox is opened when one is asked for."""
    shown = (
        ("/checkout/{session_id}", checkout.show),
        ("/checkout/{session_id}/authenticate", checkout.ask),
        ("/receipts/{token}", receipt.show),
        ("/connect/{token}", connect.show),
        ("/stripe", control.show),
    )
    taken = (
        ("/checkout/{session_id}", checkout.pay),
        ("/checkout/{session_id}/authenticate", checkout.authenticate),
        ("/connect/{token}", connect.submit),
        ("/stripe/{act}", control.act),
    )
    return [
        *(Route(path, opening(sandbox, show)) for path, show in shown),
        *(Route(path, taking(sandbox, act), methods=["POST"]) for path, act in taken),
    ]
