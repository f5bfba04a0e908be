"""All plain routes in one application, and what wraps it and the pages behind it."""

from starlette.applications import Starlette

from assure_app.auth.tabs import TabTokens
from assure_app.web import (
    export,
    health,
    import_upload,
    papers,
    pay_page,
    payout_files,
    portal_sign_in,
    reminders,
    report_files,
    sign_in,
    stripe_receipt,
    stripe_webhook,
    welcome,
)
from assure_app.web.caching import Caching
from assure_app.web.security_headers import SecurityHeaders

app = Starlette(
    routes=[
        *export.routes,
        *health.routes,
        *import_upload.routes,
        *papers.routes,
        *pay_page.routes,
        *payout_files.routes,
        *portal_sign_in.routes,
        *report_files.routes,
        *reminders.routes,
        *sign_in.routes,
        *stripe_receipt.routes,
        *stripe_webhook.routes,
        *welcome.routes,
    ]
)

layers = (app, TabTokens, Caching, SecurityHeaders)
"""For `rx.App(api_transformer=...)`, innermost first: Reflex's own routes go inside `app`."""
