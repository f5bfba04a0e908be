"""Tells a true message of Stripe's from any other; nothing is read before that."""

from __future__ import annotations

import json
from collections.abc import Iterable

import stripe

from assure_app import sandbox_keys
from assure_app.settings import get_settings
from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.events import event_of
from assure_app.stripe_gateway.records import Event

TOLERANCE_SECONDS = 300


class BadSignature(Exception):
    """Not signed by Stripe with one of our secrets in the last minutes, or no event."""


def secrets() -> tuple[str, ...]:
    """What Stripe, or the sandbox in its place, signs its messages to us with."""
    settings = get_settings()
    if settings.stripe_webhook_secret is None:
        return (sandbox_keys.read(settings).webhook_secret,)
    return tuple(settings.stripe_webhook_secret.get_secret_value().split(","))


def verify_webhook(body: bytes, signature: str, known_secrets: Iterable[str]) -> Event:
    """The event that this body tells of, whether of a firm's account or of our own.

    Raises BadSignature unless the header signs just these bytes with one of the secrets.
    """
    text = _text(body)
    if not signature.isascii() or not any(
        _is_signed(text, signature, secret) for secret in known_secrets
    ):
        raise BadSignature("signature")
    try:
        told = stripe.Event.construct_from(_parsed(text), None)
        return event_of(told, fields.text_or_empty(told, "account") or None)
    except fields.Malformed as problem:
        raise BadSignature(f"event: {problem}") from None


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadSignature("encoding") from None


def _is_signed(text: str, signature: str, secret: str) -> bool:
    try:
        return bool(
            stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_SECONDS)
        )
    except stripe.SignatureVerificationError:
        return False


def _parsed(text: str) -> dict[str, object]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise BadSignature("json") from None
    if not isinstance(told, dict) or told.get("object") != "event":
        raise BadSignature("no event")
    return told
