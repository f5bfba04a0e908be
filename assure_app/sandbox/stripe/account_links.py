"""Links that lead an account's owner through onboarding, once and within minutes."""

from assure_app.sandbox.stripe import accounts, ids
from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.errors import invalid, missing_parameter
from assure_app.sandbox.stripe.parameters import Text
from assure_app.sandbox.stripe.partition import PLATFORM, Partition
from assure_app.sandbox.stripe.store import Json

LASTS_SECONDS = 300


def create(partition: Partition, given: Json) -> Json:
    account = accounts.find(partition, given["account"])
    for name in ("refresh_url", "return_url"):
        if not given.get(name):
            raise missing_parameter(name)
    token = ids.token(32)
    partition.of(PLATFORM).add(
        "account_link",
        {
            "id": f"link_{token}",
            "expires_at": partition.now + LASTS_SECONDS,
            "url": f"{partition.own_url}/connect/{token}",
        },
        account=account["id"],
        refresh_url=given["refresh_url"],
        return_url=given["return_url"],
    )
    link = open_link(partition, token)
    return {name: link[name] for name in ("object", "created", "expires_at", "url")}


def open_link(partition: Partition, token: str) -> Json:
    """The link that a token names. Raises ApiError when it was used or its time is over."""
    link = partition.of(PLATFORM).find(f"link_{token}")
    if link is None or link.get("_is_used") or link["expires_at"] <= partition.now:
        raise invalid("This link has expired.", code="resource_missing")
    return link


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/account_links",
        answer=create,
        fields={
            "account": Text(),
            "refresh_url": Text(),
            "return_url": Text(),
            "type": Text(("account_onboarding", "account_update")),
            "collect": Text(("currently_due", "eventually_due")),
        },
        required=("account", "type"),
        for_platform=True,
    ),
)
