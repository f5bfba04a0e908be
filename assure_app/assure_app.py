"""Puts the application together: pages, plain routes, the guard before every event, the relay."""

import reflex as rx

from assure_app import live
from assure_app.auth.guard import AccessGuard
from assure_app.pages import (
    import_page,
    invoice_editor,
    invoices,
    notifications,
    portal_home,
    portal_invoice,
    portal_sign_in,
    reconciliation,
    recurring,
    reports,
    settings,
    sign_in,
    welcome,
)
from assure_app.states.live_refresh import LiveRefresh
from assure_app.states.portal.refresh import PortalRefresh
from assure_app.web import routes
from assure_app.worker import beside_web, post, stripe_inbox

app = rx.App(
    api_transformer=routes.layers,
    stylesheets=["/assure.css"],
    head_components=[
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        # In the head it has run before any event asks for it; in a page it might come too late.
        rx.el.script(src="/assure.js"),
    ],
    toaster=rx.toast.provider(position="bottom-left"),
)
app.add_middleware(AccessGuard(), index=0)
app.register_lifespan_task(
    live.relay(app, lambda: LiveRefresh.refresh, lambda: PortalRefresh.refresh)
)
app.register_lifespan_task(live.midnights)
app.register_lifespan_task(post.deliver_mail)
app.register_lifespan_task(stripe_inbox.apply_events)
app.register_lifespan_task(beside_web.work)
invoices.add_to(app)
reconciliation.add_to(app)
invoice_editor.add_to(app)
import_page.add_to(app)
recurring.add_to(app)
reports.add_to(app)
notifications.add_to(app)
sign_in.add_to(app)
settings.add_to(app)
welcome.add_to(app)
portal_sign_in.add_to(app)
portal_home.add_to(app)
portal_invoice.add_to(app)
