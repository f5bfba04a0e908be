"""Addresses that events are sent to; those of the platform, or those of connected accounts."""

from assure_app.sandbox.stripe import deliveries, ids
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import invalid
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Each, Flag, Kind, Labels, Text
from assure_app.sandbox.stripe.partition import API_VERSION, Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/webhook_endpoints"
APPLICATION = "ca_1AssureSandbox"
EVENT_TYPES = (
    "account.application.deauthorized",
    "account.updated",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.failed",
    "charge.pending",
    "charge.refund.updated",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.created",
    "customer.deleted",
    "customer.updated",
    "mandate.updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payment_method.updated",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "setup_intent.canceled",
    "setup_intent.created",
    "setup_intent.requires_action",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
)
_EVENTS = Each(Text(("*", *EVENT_TYPES)))
_FIELDS: dict[str, Kind] = {
    "description": Text(),
    "enabled_events": _EVENTS,
    "metadata": Labels(),
    "url": Text(),
}


def add(platform: Partition, given: Json, *, endpoint_id: str, secret: str) -> Json:
    """A new endpoint. With `connect`, it hears what happens on connected accounts."""
    is_connect = bool(given.get("connect"))
    return platform.add(
        "webhook_endpoint",
        {
            "id": endpoint_id,
            "api_version": given.get("api_version") or API_VERSION,
            "application": APPLICATION if is_connect else None,
            "description": given.get("description"),
            "enabled_events": given["enabled_events"],
            "livemode": False,
            "metadata": labelled(None, given.get("metadata")),
            "status": "enabled",
            "url": _usable(given["url"]),
        },
        is_connect=is_connect,
        secret=secret,
    )


def create(partition: Partition, given: Json) -> Json:
    """The only answer that tells the secret."""
    secret = f"whsec_{ids.token(32)}"
    return add(partition, given, endpoint_id=ids.new_id("we"), secret=secret) | {"secret": secret}


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    endpoint = partition.get("webhook_endpoint", object_id)
    if "url" in given:
        given["url"] = _usable(given["url"])
    if "metadata" in given:
        given["metadata"] = labelled(endpoint["metadata"], given["metadata"])
    if "disabled" in given:
        given["status"] = "disabled" if given.pop("disabled") else "enabled"
        if given["status"] == "disabled":
            deliveries.stop(partition.store, object_id)
    return partition.save(endpoint, **given)


def delete(partition: Partition, _given: Json, *, object_id: str) -> Json:
    partition.save(partition.get("webhook_endpoint", object_id), deleted=True)
    deliveries.stop(partition.store, object_id)
    return {"id": object_id, "object": "webhook_endpoint", "deleted": True}


def _usable(url: str | None) -> str:
    if not (url or "").startswith(("http://", "https://")):
        raise invalid("Invalid URL: An explicit scheme must be provided.", param="url")
    return str(url)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        answer=create,
        fields={**_FIELDS, "api_version": Text((API_VERSION,)), "connect": Flag()},
        required=("enabled_events", "url"),
        for_platform=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{object_id}}",
        answer=update,
        fields={**_FIELDS, "disabled": Flag()},
        for_platform=True,
    ),
    Endpoint(method="DELETE", path=f"{_PATH}/{{object_id}}", answer=delete, for_platform=True),
    reads("webhook_endpoint", _PATH),
    lists("webhook_endpoint", _PATH, by_time=False),
)
