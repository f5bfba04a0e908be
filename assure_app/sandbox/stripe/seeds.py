"""What the sandbox holds when it is opened for the first time: the demo's two firms."""

from assure_app.sandbox.stripe import accounts, webhook_endpoints
from assure_app.sandbox.stripe.partition import PLATFORM, Partition

CHEN_ADVISORY = "acct_1ChenAdvisory"
NORTHSIDE_CPA = "acct_1NorthsideCPA"
CONNECT_ENDPOINT = "we_1AssureConnect"


def plant(platform: Partition, *, webhook_url: str, webhook_secret: str) -> None:
    """Make what is missing, and let the product's endpoint follow its address and its secret."""
    if platform.find(PLATFORM) is None:
        platform_profile = {"business_profile": {"name": "Assure Pro Billing"}}
        accounts.add(platform, PLATFORM, platform_profile, is_enabled=True)
        _add_firm(platform, CHEN_ADVISORY, "Chen Advisory", is_enabled=True)
        _add_firm(platform, NORTHSIDE_CPA, "Northside CPA", is_enabled=False)
    endpoint = platform.find(CONNECT_ENDPOINT)
    if endpoint is None:
        given = {"url": webhook_url, "enabled_events": ["*"], "connect": True}
        webhook_endpoints.add(platform, given, endpoint_id=CONNECT_ENDPOINT, secret=webhook_secret)
    else:
        platform.save(endpoint, url=webhook_url, _secret=webhook_secret)


def _add_firm(platform: Partition, account_id: str, name: str, *, is_enabled: bool) -> None:
    accounts.add(platform, account_id, {"business_profile": {"name": name}}, is_enabled=is_enabled)
