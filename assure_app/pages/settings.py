"""The settings: `/settings/firm`, members, teams, contacts, Stripe, profile, and the log."""

import reflex as rx

from assure_app.components.settings.audit import audit_log
from assure_app.components.settings.contacts import add_button, contacts_list
from assure_app.components.settings.disconnect_stripe import disconnect_dialog
from assure_app.components.settings.firm import firm_form
from assure_app.components.settings.frame import managers_only, settings_page
from assure_app.components.settings.jobs import jobs_page
from assure_app.components.settings.members import invite_button, members_list
from assure_app.components.settings.notifications import notifications_form
from assure_app.components.settings.profile import profile_forms
from assure_app.components.settings.reminders import reminders_page
from assure_app.components.settings.settle_exception import settle_dialog
from assure_app.components.settings.stripe import stripe_page
from assure_app.components.settings.teams import new_button, teams_list
from assure_app.components.shell import shell
from assure_app.states.settings.audit import AuditLog
from assure_app.states.settings.client_methods import ClientMethodsDialog
from assure_app.states.settings.contacts import Contacts
from assure_app.states.settings.firm import FirmPage
from assure_app.states.settings.jobs import JobsPage
from assure_app.states.settings.members import Members
from assure_app.states.settings.notifications import NotificationSettings
from assure_app.states.settings.profile import ProfilePage
from assure_app.states.settings.reminders import RemindersPage
from assure_app.states.settings.start import SettingsStart
from assure_app.states.settings.stripe import StripePage
from assure_app.states.settings.teams import Teams
from assure_app.states.shell import Shell

_PAGES = (
    ("firm", "Firm", FirmPage),
    ("members", "Members", Members),
    ("teams", "Teams", Teams),
    ("contacts", "Client contacts", Contacts),
    ("reminders", "Reminders", RemindersPage),
    ("stripe", "Stripe", StripePage),
    ("profile", "Profile", ProfilePage),
    ("jobs", "Background work", JobsPage),
    ("notifications", "Notifications", NotificationSettings),
    ("audit", "Audit log", AuditLog),
)
_BESIDE = {"contacts": (ClientMethodsDialog.load,)}


def add_to(app: rx.App) -> None:
    """Give the application its settings pages; `/settings` leads to the first one allowed."""
    contents = {
        "firm": firm,
        "members": members,
        "teams": teams,
        "contacts": contacts,
        "reminders": reminders,
        "stripe": stripe,
        "profile": profile,
        "jobs": jobs,
        "notifications": notifications,
        "audit": audit,
    }
    for path, title, state in _PAGES:
        app.add_page(
            contents[path],
            route=f"/settings/{path}",
            title=f"{title} · Assure Pro",
            on_load=[Shell.load_frame, state.load, *_BESIDE.get(path, ())],
        )
    app.add_page(start, route="/settings", title="Settings · Assure Pro", on_load=SettingsStart.go)


def start() -> rx.Component:
    """Stands there for the moment until it is known where to go."""
    return shell(rx.el.div(rx.el.h1("Settings"), class_name="page-head"), current="Settings")


def firm() -> rx.Component:
    """The firm's own settings."""
    return settings_page("Firm", managers_only(firm_form()))


def members() -> rx.Component:
    """Who belongs to the firm."""
    return settings_page(
        "Members", managers_only(members_list()), head=(_for_managers(invite_button()),)
    )


def teams() -> rx.Component:
    """What gives people their rights."""
    return settings_page("Teams", managers_only(teams_list()), head=(_for_managers(new_button()),))


def contacts() -> rx.Component:
    """Whom the firm's clients have behind them, and what they may do in the portal."""
    return settings_page("Client contacts", contacts_list(), head=(add_button(),))


def reminders() -> rx.Component:
    """When clients are reminded of what they owe."""
    return settings_page("Reminders", reminders_page())


def stripe() -> rx.Component:
    """The firm's connection to Stripe, and what waits for a person there."""
    return settings_page("Stripe", stripe_page(), settle_dialog(), disconnect_dialog())


def profile() -> rx.Component:
    """What everybody may change of themself."""
    return settings_page("Profile", profile_forms())


def jobs() -> rx.Component:
    """What goes on by itself, and what of it was given up."""
    return settings_page("Background work", jobs_page())


def notifications() -> rx.Component:
    """What everybody who may see billing chooses to be told."""
    return settings_page("Notifications", notifications_form())


def audit() -> rx.Component:
    """What happened."""
    return settings_page("Audit log", managers_only(audit_log()))


def _for_managers(button: rx.Component) -> rx.Component:
    return rx.cond(Shell.desk.manages_firm, button)
