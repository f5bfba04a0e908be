"""The pages that an account link leads to: a firm finishes its onboarding with one click."""

from dataclasses import dataclass

from assure_app.sandbox.stripe import account_links, accounts
from assure_app.sandbox.stripe.hosted import NotFound, account_name
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.sandbox import Sandbox


class TooLate(Exception):
    """The link is spent; the application gives out a new one at this address."""

    def __init__(self, refresh_url: str) -> None:
        super().__init__("This link has expired.")
        self.refresh_url = refresh_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarding:
    """An account's link as its page shows it."""

    account_id: str
    account_name: str
    return_url: str
    refresh_url: str


def load_onboarding(sandbox: Sandbox, token: str) -> Onboarding:
    """The link at /connect/<token>.

    Raises NotFound when there is none; TooLate, with the refresh address, when it was used or its
    minutes are over.
    """
    with sandbox.at() as platform:
        return _onboarding(platform, token)


def complete_onboarding(sandbox: Sandbox, token: str) -> str:
    """Enable the account, use the link up, and return where to go; raises as load_onboarding."""
    with sandbox.at() as platform:
        found = _onboarding(platform, token)
        account_links.use(platform, token)
        accounts.set_enabled(platform, found.account_id, is_enabled=True)
        return found.return_url


def _onboarding(platform: Partition, token: str) -> Onboarding:
    link = account_links.find(platform, token)
    if link is None:
        raise NotFound("There is no such page.")
    if not account_links.is_usable(platform, link):
        raise TooLate(link["_refresh_url"])
    return Onboarding(
        account_id=link["_account"],
        account_name=account_name(platform.of(link["_account"])),
        return_url=link["_return_url"],
        refresh_url=link["_refresh_url"],
    )
