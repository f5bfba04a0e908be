"""The sandbox's pages in a real browser: a payment with all its turns, and no rule broken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, Route, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route as Path_

from assure_app.sandbox import mailbox, shell
from assure_app.sandbox.mailbox_store import MailboxStore
from assure_app.sandbox.stripe import acts
from assure_app.sandbox.stripe_pages.routes import routes
from tests.support.asgi_server import serving
from tests.support.axe import broken_rules
from tests.support.stripe_sandbox import LocalStripe, local_stripe

pytestmark = pytest.mark.browser
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Street:
    """The sandbox at one origin, and the firm's page at another."""

    local: LocalStripe
    url: str
    firm_url: str

    def checkout(self, amount: int = 150_000) -> str:
        """The path of a session's page."""
        addresses = {"success_url": f"{self.firm_url}/thanks", "cancel_url": f"{self.firm_url}/"}
        return f"/checkout/{self.local.checkout(amount, **addresses).id}"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with (
        opened(tmp_path_factory.mktemp("sandbox")) as street,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(mailbox, "_store", lambda: MailboxStore(street.local.directory / "mailbox"))
        yield street


@contextmanager
def opened(directory: Path) -> Iterator[Street]:
    def thanks(_request: Request) -> Response:
        return HTMLResponse("<title>Thanks</title><h1>Thank you</h1>")

    with local_stripe(directory) as local:
        pages = [*shell.routes, *mailbox.routes, *routes(lambda: local.sandbox)]
        with serving(Starlette(routes=[Path_("/thanks", thanks), *pages])) as url:
            yield Street(local, url, url.replace("127.0.0.1", "localhost"))


@pytest.fixture
def page(street: Street, new_page: Callable[[str], Page]) -> Page:
    page = new_page(street.url)
    page.set_viewport_size({"width": 360, "height": 740})
    return page


def fill_in(page: Page, method: str) -> None:
    """Choose one of the test methods that the page offers."""
    trials = page.locator("details.trials")
    if trials.get_attribute("open") is None:
        trials.locator("summary").click()
    page.get_by_role("link", name=method).click()


def test_a_card_is_declined_and_another_pays(page: Page, street: Street) -> None:
    page.goto(street.checkout())
    page.get_by_label("Email").fill("anita@patelfamily.example")
    fill_in(page, "4000 0000 0000 9995")
    expect(page.get_by_role("button", name="Pay $1,500.00")).to_be_focused()
    page.keyboard.press("Enter")

    number = page.get_by_label("Card number")
    expect(number).to_be_focused()
    expect(number).to_have_accessible_description("Your card has insufficient funds.")
    expect(number).to_have_value("4000 0000 0000 9995")
    number.fill("4242424242424242")
    page.get_by_role("button", name="Pay $1,500.00").click()

    expect(page).to_have_url(f"{street.firm_url}/thanks")


def test_a_bank_account_pays_by_keyboard_alone(page: Page, street: Street) -> None:
    page.goto(street.checkout())
    page.get_by_label("Email").focus()
    page.keyboard.type("anita@patelfamily.example")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Card", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Card number")).to_be_hidden()
    for text in ("110000000", "000123456789", "Anita Patel"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{street.firm_url}/thanks")


def test_the_banks_step_leads_on(page: Page, street: Street) -> None:
    page.goto(street.checkout())
    page.get_by_label("Email").fill("anita@patelfamily.example")
    fill_in(page, "4000 0025 0000 3155")
    page.get_by_role("button", name="Pay $1,500.00").click()
    page.get_by_role("button", name="Fail").click()
    expect(page.get_by_text("We are unable to authenticate")).to_be_visible()
    page.get_by_label("Email").fill("anita@patelfamily.example")
    fill_in(page, "4000 0025 0000 3155")
    page.get_by_role("button", name="Pay $1,500.00").click()
    page.get_by_role("button", name="Complete").click()

    expect(page).to_have_url(f"{street.firm_url}/thanks")


def test_the_button_works_once(page: Page, street: Street) -> None:
    path = street.checkout()
    sent: list[str] = []

    def never_answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            route.fulfill(status=204)  # The page stays as it is while the answer is awaited.
        else:
            route.continue_()

    page.route(f"**{path}", never_answer)
    page.goto(path)
    page.get_by_label("Email").fill("anita@patelfamily.example")
    fill_in(page, "4242 4242 4242 4242")
    button = page.get_by_role("button", name="Pay $1,500.00")
    button.click()
    expect(button).to_be_disabled()
    page.evaluate("document.querySelector('form').requestSubmit()")

    assert page.evaluate("document.querySelector('form').ariaBusy") == "true"
    assert sent == [f"{street.url}{path}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule(page: Page, street: Street, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    local = street.local
    path = street.checkout()
    page.goto(path)
    require_rules(page)
    page.locator("details.trials summary").click()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_label("Card number")).to_have_attribute("aria-invalid", "true")
    require_rules(page)
    page.get_by_role("radio", name="US bank account").check()
    expect(page.get_by_label("Routing number")).to_be_visible()
    require_rules(page)

    local.pay(path.removeprefix("/checkout/"), "pm_card_authenticationRequired")
    page.goto(path)
    expect(page.get_by_role("button", name="Complete")).to_be_visible()
    require_rules(page)
    page.get_by_role("button", name="Complete").click()
    page.goto(path)
    expect(page.get_by_role("heading", name="This has been paid")).to_be_visible()
    require_rules(page)

    charge = local.paid(270_000)
    local.client.v1.refunds.create({"charge": charge.id, "amount": 50_000}, local.account)
    page.goto(f"/receipts/{str(charge.receipt_url).rpartition('/')[2]}")
    require_rules(page)

    account = local.client.v1.accounts.create({"business_profile": {"name": "Northside CPA"}})
    link = local.client.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "return_url": f"{street.firm_url}/thanks",
            "refresh_url": f"{street.firm_url}/",
        }
    )
    page.goto(f"/connect/{link.url.rpartition('/')[2]}")
    page.get_by_role("button", name="Agree and submit").click()
    expect(page.get_by_label("Representative")).to_have_attribute("aria-invalid", "true")
    require_rules(page)

    local.paid(120_000, "pm_usBankAccount_processing")
    acts.dispute(local.sandbox, charge=local.paid(4_200).id)
    acts.plan_fault(local.sandbox, kind="delay")
    page.goto("/mailbox")
    require_rules(page)
    page.get_by_role("link", name="Stripe").click()
    pending = page.get_by_role("listitem").filter(has_text="Pending").first
    pending.get_by_role("button", name="Settle now").click()
    expect(page.get_by_role("status")).to_have_text("The bank debit succeeded.")
    require_rules(page)
    page.goto("/checkout/none")
    require_rules(page)


def require_rules(page: Page) -> None:
    """The page as it stands breaks no rule, and is not wider than its window."""
    assert broken_rules(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
