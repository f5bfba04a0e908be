"""Connected accounts: a firm's own Stripe account, on which it charges its clients."""

from collections.abc import Mapping

from assure_app.sandbox.stripe import balance_transactions, ids
from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.errors import no_access
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Flag, Kind, Labels, Text, Within
from assure_app.sandbox.stripe.partition import PLATFORM, Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/accounts"
OPENING_BALANCE_CENTS = 5_000_000
_CAPABILITIES = ("card_payments", "transfers", "us_bank_account_ach_payments")
_DUE = ["business_type", "external_account", "representative.first_name", "tos_acceptance.date"]
_PROFILE_NAMES = (
    *("mcc", "name", "product_description", "support_email", "support_phone", "support_url"),
    "url",
)
_REQUESTED = Within({"requested": Flag()})
_FIELDS: Mapping[str, Kind] = {
    "business_profile": Within(dict.fromkeys(_PROFILE_NAMES, Text())),
    "business_type": Text(("company", "government_entity", "individual", "non_profit")),
    "capabilities": Within(dict.fromkeys(_CAPABILITIES, _REQUESTED)),
    "email": Text(most=512),
    "metadata": Labels(),
}
_CONTROLLER = Within(
    {
        "fees": Within({"payer": Text(("account", "application"))}),
        "losses": Within({"payments": Text(("application", "stripe"))}),
        "requirement_collection": Text(("application", "stripe")),
        "stripe_dashboard": Within({"type": Text(("express", "full", "none"))}),
    }
)


def add(platform: Partition, account_id: str, given: Json, *, is_enabled: bool = False) -> Json:
    """A new account, with money of its own so that refunds can be tried at once."""
    account = platform.add(
        "account",
        {
            "id": account_id,
            "business_profile": dict.fromkeys(_PROFILE_NAMES) | given.get("business_profile", {}),
            "business_type": given.get("business_type"),
            "controller": {
                "fees": {"payer": "account"},
                "is_controller": True,
                "losses": {"payments": "stripe"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "full"},
                "type": "application",
            },
            "country": given.get("country") or "US",
            "default_currency": "usd",
            "email": given.get("email"),
            "external_accounts": {
                "object": "list",
                "data": [],
                "has_more": False,
                "url": f"{_PATH}/{account_id}/external_accounts",
            },
            "metadata": labelled(None, given.get("metadata")),
            "settings": _settings(given.get("business_profile", {}).get("name")),
            "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
            "type": given.get("type") or "standard",
        }
        | _abilities(is_enabled=is_enabled),
    )
    balance_transactions.book(
        platform.of(account_id),
        kind="topup",
        amount=OPENING_BALANCE_CENTS,
        source="tu_opening",
        description="Money to try things with",
    )
    return account


def create(partition: Partition, given: Json) -> Json:
    return add(partition, ids.new_id("acct", 16), given)


def read(partition: Partition, _given: Json, *, object_id: str) -> Json:
    return find(partition, object_id)


def read_own(partition: Partition, _given: Json) -> Json:
    """The account that the request acts for."""
    return find(partition, partition.account)


def find(partition: Partition, account_id: str) -> Json:
    """An account that the platform has access to. Raises ApiError for any other."""
    account = partition.of(PLATFORM).find(account_id)
    if account is None or account["object"] != "account" or account.get("_is_deauthorized"):
        raise no_access(account_id)
    return account


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    account = find(partition, object_id)
    given.pop("capabilities", None)
    if "metadata" in given:
        given["metadata"] = labelled(account["metadata"], given["metadata"])
    if "business_profile" in given:
        given["business_profile"] = account["business_profile"] | given["business_profile"]
    return partition.of(PLATFORM).save(account, **given)


def set_enabled(partition: Partition, account_id: str, *, is_enabled: bool) -> Json:
    """Finish an account's onboarding, or restrict it, and tell."""
    account = find(partition, account_id)
    partition.of(PLATFORM).save(account, **_abilities(is_enabled=is_enabled))
    partition.of(account_id).emit("account.updated", account)
    return account


def deauthorize(partition: Partition, account_id: str) -> None:
    """The account's owner takes the platform's access away."""
    account = find(partition, account_id)
    partition.of(PLATFORM).save(account, _is_deauthorized=True)
    application = {"id": "ca_1AssureSandbox", "object": "application", "name": "Assure"}
    partition.of(account_id).emit("account.application.deauthorized", application)


def _settings(name: str | None) -> Json:
    return {
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_payments": {"statement_descriptor_prefix": None},
        "dashboard": {"display_name": name, "timezone": "America/New_York"},
        "payments": {"statement_descriptor": None},
    }


def _abilities(*, is_enabled: bool) -> Json:
    state = "active" if is_enabled else "inactive"
    due = [] if is_enabled else _DUE
    return {
        "capabilities": dict.fromkeys(_CAPABILITIES, state),
        "charges_enabled": is_enabled,
        "details_submitted": is_enabled,
        "payouts_enabled": is_enabled,
        "requirements": {
            "alternatives": [],
            "current_deadline": None,
            "currently_due": due,
            "disabled_reason": None if is_enabled else "requirements.past_due",
            "errors": [],
            "eventually_due": due,
            "past_due": due,
            "pending_verification": [],
        },
    }


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        answer=create,
        fields={
            **_FIELDS,
            "controller": _CONTROLLER,
            "country": Text(("US",)),
            "type": Text(("custom", "express", "standard")),
        },
        for_platform=True,
    ),
    Endpoint(method="GET", path="/v1/account", answer=read_own),
    Endpoint(method="GET", path=f"{_PATH}/{{object_id}}", answer=read),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}", answer=update, fields=_FIELDS),
    lists("account", _PATH),
)
