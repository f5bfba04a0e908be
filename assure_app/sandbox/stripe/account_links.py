"""Links that lead an account's owner through onboarding, once and within minutes."""

from assure_app.sandbox.stripe import accounts, ids
from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.errors import missing_parameter
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
    link = partition.of(PLATFORM).add(
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
    return {name: link[name] for name in ("object", "created", "expires_at", "url")}


def find(platform: Partition, token: str) -> Json | None:
    """The link that a token names, or None."""
    return platform.find(f"link_{token}")


def is_usable(platform: Partition, link: Json) -> bool:
    """Whether the link was not used yet and its minutes are not over."""
    return not link.get("_is_used") and link["expires_at"] > platform.now


def use(platform: Partition, token: str) -> None:
    """Let the link be used up."""
    link = find(platform, token)
    if link is not None:
        platform.save(link, _is_used=True)


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
