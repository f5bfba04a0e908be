"""Reflex's configuration, all of it taken from the settings."""

import reflex as rx
from reflex_base.constants import StateManagerMode

from assure_app.chunks import IconsTogetherPlugin
from assure_app.same_origin import PLACEHOLDER_URL, SameOriginPlugin
from assure_app.settings import get_settings

_settings = get_settings()

config = rx.Config(
    app_name="assure_app",
    api_url=PLACEHOLDER_URL,
    deploy_url=_settings.public_url,
    backend_host=_settings.host,
    backend_port=_settings.port,
    frontend_port=_settings.port,
    cors_allowed_origins=list(_settings.allowed_origins),
    redis_url=_settings.redis_url,
    state_manager_mode=StateManagerMode.REDIS if _settings.redis_url else StateManagerMode.MEMORY,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[SameOriginPlugin(), IconsTogetherPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
