"""The settings: people and their rights, the firm, one's own account; all of it counts at once."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update

from assure_app.auth.passwords import hash_password
from assure_app.db.unit_of_work import reading
from assure_app.models import tables
from tests.e2e.office import (
    LENA,
    SARAH,
    WAIT_MILLISECONDS,
    Office,
    dialog,
    field,
    list_row,
    press,
)
from tests.e2e.visits import enter, link
from tests.support.axe import require_rules
from tests.support.server import Server, running_server

pytestmark = pytest.mark.browser
PASSWORD = "a fair enough password"
PAGES = ("firm", "members", "teams", "contacts", "profile", "notifications", "audit")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own: who may do what changes here."""
    with running_server(tmp_path_factory.mktemp("server"), has_demo_data=True) as running:
        yield running


def settings(office: Office, page_name: str, *, email: str = "", page: Page | None = None) -> Page:
    """A settings page, once what it holds is there."""
    page = page or (office.sign_in(email) if email else office.sign_in())
    page.goto(f"/settings/{page_name}")
    there = ".people[aria-busy=false], .settings-form, .empty"
    expect(page.locator(there).first).to_be_visible()
    return page


def person(page: Page, name: str) -> Locator:
    return page.locator(".people tbody tr").filter(has_text=name)


def open_dialog(page: Page, button: str, title: str) -> Locator:
    page.get_by_role("button", name=button, exact=True).click()
    expect(dialog(page, title)).to_be_visible()
    return dialog(page, title)


def link_for(office: Office, email: str) -> str:
    """The path of the link in the letter to this person, as the sandbox's mailbox shows it."""
    page = office.new_page(office.server.sandbox_url)
    letter = page.get_by_role("link").filter(has_text=email)
    deadline = time.monotonic() + WAIT_MILLISECONDS / 1000
    while True:
        page.goto("/mailbox")
        if letter.count() or time.monotonic() > deadline:
            break
    letter.click()
    found = re.search(r"/welcome\?token=\S+", page.locator("pre").inner_text())
    assert found is not None
    return found[0]


def kept_letter(office: Office, email: str) -> str:
    """What the product itself still keeps of the letters to this person."""
    letter = tables.mail_message.c
    wanted = select(letter.text + letter.html).where(letter.to_email == email)
    with office._behind_the_engine(), reading() as connection:
        return str(connection.scalars(wanted).one())


def test_who_is_invited_chooses_a_password_and_is_in(office: Office) -> None:
    email = "maya@chenadvisory.com"
    jane = settings(office, "members")
    open_dialog(jane, "Invite member", "Invite member")
    press(jane, "Send invitation")
    expect(field(jane, "Name")).to_have_attribute("aria-invalid", "true")
    expect(field(jane, "Name")).to_be_focused()
    field(jane, "Name").fill("Maya Lindgren")
    field(jane, "Email").fill(email)
    dialog(jane, "Invite member").get_by_label("Billing viewers").check()
    press(jane, "Send invitation")
    expect(dialog(jane, "Invite member")).to_be_hidden()
    expect(person(jane, "Maya Lindgren")).to_contain_text("Invited")

    maya = office.new_page(office.server.url)
    link = link_for(office, email)
    maya.goto(link)
    expect(maya.get_by_role("heading", name="Welcome, Maya Lindgren")).to_be_visible()
    maya.get_by_label("Password", exact=True).fill("short")
    maya.get_by_label("Once more").fill("short")
    maya.get_by_role("button", name="Start").click()
    expect(maya.get_by_role("alert").filter(has_text="at least 12 characters")).to_be_visible()
    maya.get_by_label("Password", exact=True).fill(PASSWORD)
    maya.get_by_label("Once more").fill(PASSWORD)
    maya.get_by_role("button", name="Start").click()

    expect(maya.locator(".list[aria-busy=false]")).to_be_visible(timeout=WAIT_MILLISECONDS)
    expect(maya.locator(".person")).to_have_text("Maya Lindgren")
    assert kept_letter(office, email) == ""
    maya.goto(link)
    expect(maya.get_by_role("heading", name="This link does not work")).to_be_visible()
    settings(office, "audit", page=jane)
    expect(jane.locator(".log")).to_contain_text("Took up the invitation")


def test_a_right_taken_away_empties_the_other_tab_at_once(office: Office) -> None:
    lena = office.open(email=LENA)
    expect(lena.locator(".list tbody tr[data-number]").first).to_contain_text("$")
    jane = settings(office, "teams")

    open_dialog(jane, "Edit Billing viewers", "Edit team")
    dialog(jane, "Edit team").get_by_label("View billing").uncheck()
    field(jane, "Search people to add").fill("sarah")
    expect(dialog(jane, "Edit team").get_by_role("button", name="Add Sarah Kim")).to_be_visible()
    expect(dialog(jane, "Edit team").get_by_label("View billing")).not_to_be_checked()
    press(jane, "Save")

    expect(lena.get_by_text("You need “View billing” to see invoices.")).to_be_visible()
    assert "$" not in lena.locator("main").inner_text()
    open_dialog(jane, "Edit Billing viewers", "Edit team")
    dialog(jane, "Edit team").get_by_label("Edit billing").check()
    expect(dialog(jane, "Edit team").get_by_label("View billing")).to_be_disabled()
    dialog(jane, "Edit team").get_by_label("Edit billing").uncheck()
    expect(dialog(jane, "Edit team").get_by_label("View billing")).to_be_enabled()
    dialog(jane, "Edit team").get_by_label("View billing").check()
    press(jane, "Save")
    expect(lena.locator(".list tbody tr[data-number]").first).to_contain_text("$")


def test_a_person_sees_the_clients_they_are_given_and_is_out_when_deactivated(
    office: Office,
) -> None:
    client_id = office.client("Zebulon Partners")
    number, other = office.invoice(client_id=client_id), office.invoice()
    jane = settings(office, "teams")
    open_dialog(jane, "New team", "New team")
    field(jane, "Name").fill("Clerks")
    dialog(jane, "New team").get_by_label("View billing").check()
    field(jane, "Search people to add").fill("sarah")
    dialog(jane, "New team").get_by_role("button", name="Add Sarah Kim").click()
    press(jane, "Save")
    expect(person(jane, "Clerks")).to_contain_text("1 member")
    settings(office, "members", page=jane)
    open_dialog(jane, "Edit Sarah Kim", "Edit member")
    field(jane, "Search clients to assign").fill("zebu")
    dialog(jane, "Edit member").get_by_role("button", name="Add Zebulon Partners").click()
    press(jane, "Save")
    expect(person(jane, "Sarah Kim")).to_contain_text("1 client")

    sarah = office.open(email=SARAH)
    expect(list_row(sarah, number)).to_be_visible()
    expect(list_row(sarah, other)).to_have_count(0)
    open_dialog(jane, "Deactivate Sarah Kim", "Deactivate member")
    press(jane, "Deactivate")

    expect(sarah.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(person(jane, "Sarah Kim")).to_contain_text("Deactivated")
    jane.get_by_role("button", name="Reactivate Sarah Kim").click()
    expect(person(jane, "Sarah Kim")).not_to_contain_text("Deactivated")
    settings(office, "teams", page=jane)
    open_dialog(jane, "Delete Clerks", "Delete team")
    expect(dialog(jane, "Delete team")).to_contain_text("Sarah Kim loses View billing.")
    press(jane, "Delete")
    expect(person(jane, "Clerks")).to_have_count(0)


def test_a_contact_is_added_made_viewer_and_switched_off_while_in_the_portal(
    office: Office,
) -> None:
    client_id, email = office.client("Zebra & Sons"), "vera@zebra.example"
    path = link(office, office.invoice(client_id=client_id))
    jane = settings(office, "contacts")
    open_dialog(jane, "Add contact", "Add contact")
    field(jane, "Name").fill("Vera Zebra")
    field(jane, "Email").fill(email)
    field(jane, "Role").select_option("Owner — may look and pay")
    press(jane, "Save")
    expect(dialog(jane, "Add contact")).to_contain_text("Search for the client and add it.")
    field(jane, "Search clients").fill("zebra")
    dialog(jane, "Add contact").get_by_role("button", name="Add Zebra & Sons").click()
    press(jane, "Save")
    expect(dialog(jane, "Add contact")).to_be_hidden()
    jane.get_by_label("Search client, name or email").fill("zebra.ex")
    expect(jane.locator(".people tbody tr")).to_have_count(1)
    expect(person(jane, "Vera Zebra")).to_contain_text("Owner — may look and pay")

    vera = enter(office, email)
    vera.goto(path)
    expect(vera.get_by_role("button", name="Pay $1,000.00")).to_be_visible()
    open_dialog(jane, "Edit Vera Zebra, Zebra & Sons", "Edit contact")
    field(jane, "Role").select_option("Viewer — may look")
    press(jane, "Save")
    expect(person(jane, "Vera Zebra")).to_contain_text("Viewer — may look")
    expect(vera.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)
    open_dialog(jane, "Switch off Vera Zebra, Zebra & Sons", "Switch off contact")
    press(jane, "Switch off")

    expect(person(jane, "Vera Zebra")).to_contain_text("Switched off")
    expect(vera.get_by_label("Email")).to_be_visible()
    lena = settings(office, "contacts", email=LENA)
    expect(person(lena, "Vera Zebra")).to_contain_text("Switched off")
    expect(lena.get_by_role("button", name=re.compile("Vera Zebra|Add contact"))).to_have_count(0)


def test_the_firms_settings_are_previewed_saved_and_used(office: Office) -> None:
    jane = settings(office, "firm")
    jane.get_by_label("Prefix").fill("CA-")
    jane.get_by_label("Next number").fill("77")
    expect(jane.get_by_text("Next invoice: CA-77")).to_be_visible()
    jane.get_by_label(re.compile("^Due after")).fill("0")
    jane.get_by_label(re.compile(r"^Card, fixed")).fill("50")
    expect(jane.get_by_text("$100.00 by card costs $3.40.")).to_be_visible()
    jane.get_by_label("Time zone").fill("Mars/Olympus")
    jane.get_by_role("button", name="Save").click()
    expect(jane.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    jane.get_by_label("Time zone").fill("America/Chicago")
    expect(jane.get_by_text("days end at midnight in America/Chicago")).to_be_visible()
    jane.get_by_role("button", name="Save").click()
    expect(jane.get_by_text("The settings were saved.").first).to_be_visible()
    expect(jane.get_by_label("Prefix")).to_have_value("CA-")

    assert office.invoice() == "CA-77"
    jane.reload()
    expect(jane.get_by_label("Next number")).to_have_value("78")
    jane.get_by_label("Next number").fill("77")
    jane.get_by_role("button", name="Save").click()
    expect(jane.get_by_text("CA-77 exists: the next number is at least 78.")).to_be_visible()


def test_a_password_is_changed_and_the_other_browser_is_out(office: Office) -> None:
    user = tables.firm_user.c
    office.write(
        update(tables.firm_user)
        .where(user.email == "marcus@chenadvisory.com")
        .values(password_hash=hash_password("demo-demo-demo"))
    )
    here = settings(office, "profile", email="marcus@chenadvisory.com")
    elsewhere = office.open(email="marcus@chenadvisory.com")
    form = here.locator("#profile-password")
    form.get_by_label("Current password").fill("not this one")
    form.get_by_label("New password").fill(PASSWORD)
    form.get_by_role("button", name="Save password").click()
    expect(form.get_by_text("That is not your current password.")).to_be_visible()
    form.get_by_label("Current password").fill("demo-demo-demo")
    form.get_by_role("button", name="Save password").click()

    expect(here.get_by_text("Your password was changed").first).to_be_visible()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    elsewhere.get_by_label("Email").fill("marcus@chenadvisory.com")
    elsewhere.get_by_label("Password").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Sign in", exact=True).click()
    expect(elsewhere.locator(".person")).to_have_text("Marcus Patel")
    here.reload()
    expect(here.locator(".sessions li")).to_have_count(2)
    here.get_by_role("button", name="Sign out other browsers").click()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()


def test_who_manages_nothing_gets_a_sentence_and_their_own_profile(office: Office) -> None:
    lena = office.sign_in(LENA)
    lena.goto("/settings")
    lena.wait_for_url("**/settings/profile")
    links = lena.get_by_role("navigation", name="Settings").get_by_role("link")
    expect(links).to_have_text(
        ["Client contacts", "Reminders", "Profile", "Notifications", "Background work"]
    )

    for name in ("firm", "members", "teams", "audit"):
        lena.goto(f"/settings/{name}")
        expect(lena.get_by_text("The firm's settings are not open to you")).to_be_visible()
        assert "marcus@" not in lena.content()


def test_a_team_is_made_by_keyboard_alone(office: Office) -> None:
    jane = settings(office, "teams")
    jane.get_by_role("button", name="New team").focus()
    keys = jane.keyboard
    keys.press("Enter")
    expect(field(jane, "Name")).to_be_focused()
    keys.type("Keyboard team")
    keys.press("Tab")
    expect(field(jane, "View billing")).to_be_focused()
    keys.press("Space")
    for _ in range(3):
        keys.press("Tab")
    expect(field(jane, "Search people to add")).to_be_focused()
    keys.type("marcus")
    expect(dialog(jane, "New team").get_by_role("button", name="Add Marcus")).to_be_visible()
    keys.press("Enter")
    expect(dialog(jane, "New team")).to_be_visible()
    keys.press("Tab")
    keys.press("Enter")
    remove = dialog(jane, "New team").get_by_role("button", name="Remove Marcus")
    expect(remove).to_be_visible()
    expect(field(jane, "Search people to add")).to_be_focused()
    field(jane, "Name").focus()
    keys.press("Enter")

    expect(dialog(jane, "New team")).to_be_hidden()
    expect(jane.get_by_role("button", name="New team")).to_be_focused()
    expect(person(jane, "Keyboard team")).to_contain_text("1 member")


def test_no_page_or_dialog_breaks_a_rule_that_a_machine_can_check(
    office: Office,
) -> None:
    page = office.sign_in()
    for name in PAGES:
        settings(office, name, page=page)
        require_rules(page)
    dialogs: dict[str, tuple[tuple[str, str], ...]] = {
        "members": (
            ("Invite member", "Invite member"),
            ("Edit Lena Ortiz", "Edit member"),
            ("Deactivate Lena Ortiz", "Deactivate member"),
        ),
        "contacts": (
            ("Add contact", "Add contact"),
            ("Edit Tom Harlow, Harbor & Pine LLC", "Edit contact"),
            ("Switch off Tom Harlow, Harbor & Pine LLC", "Switch off contact"),
        ),
        "teams": (
            ("New team", "New team"),
            ("Edit Preparers", "Edit team"),
            ("Delete Preparers", "Delete team"),
        ),
    }
    for name, opened in dialogs.items():
        settings(office, name, page=page)
        for button, title in opened:
            open_dialog(page, button, title)
            require_rules(page)
            page.keyboard.press("Escape")
            expect(dialog(page, title)).to_be_hidden()
    page.goto("/welcome?token=made-up")
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    require_rules(page)


def test_the_settings_fit_a_small_phone(office: Office) -> None:
    page = office.sign_in()
    page.set_viewport_size({"width": 360, "height": 740})

    for name in PAGES:
        settings(office, name, page=page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    for name, button, title in (
        ("members", "Edit Lena Ortiz", "Edit member"),
        ("contacts", "Edit Tom Harlow, Harbor & Pine LLC", "Edit contact"),
    ):
        settings(office, name, page=page)
        open_dialog(page, button, title)
        too_wide = page.evaluate(
            """() => [...document.querySelectorAll('dialog[open] *')]
                .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
                .map((each) => each.className)"""
        )
        assert too_wide == []
