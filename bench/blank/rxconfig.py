"""The configuration of the blank application."""

import reflex as rx

from assure_app.same_origin import PLACEHOLDER_URL, SameOriginPlugin

config = rx.Config(
    app_name="blank",
    api_url=PLACEHOLDER_URL,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
