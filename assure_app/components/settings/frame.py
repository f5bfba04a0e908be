"""What every settings page stands in: links between the pages, and a word for who may not."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.components.jobs_notice import jobs_count
from assure_app.components.shell import shell
from assure_app.components.stripe_notice import stripe_count
from assure_app.states.shell import Shell

_FOR_MANAGERS = (
    ("Firm", "/settings/firm"),
    ("Members", "/settings/members"),
    ("Teams", "/settings/teams"),
)
_FOR_BILLING = (("Client contacts", "/settings/contacts"), ("Reminders", "/settings/reminders"))
_FOR_ALL = (("Profile", "/settings/profile"),)
_FOR_WHO_HEARS = (("Notifications", "/settings/notifications"),)
_FOR_STRIPE = (("Stripe", "/settings/stripe"),)
_FOR_BILLING_LAST = (("Background work", "/settings/jobs"),)
_LAST = (("Audit log", "/settings/audit"),)

_COUNTS = {"Stripe": stripe_count, "Background work": jobs_count}


def settings_page(
    title: str, *content: rx.Component, head: tuple[rx.Component, ...] = ()
) -> rx.Component:
    """A page of the settings; `head` stands beside its title."""
    return shell(
        rx.el.div(rx.el.h1("Settings"), class_name="page-head"),
        rx.el.nav(
            rx.cond(Shell.desk.manages_firm, rx.fragment(*_links(_FOR_MANAGERS, title))),
            rx.cond(Shell.desk.views_billing, rx.fragment(*_links(_FOR_BILLING, title))),
            rx.cond(Shell.desk.looks_after_stripe, rx.fragment(*_links(_FOR_STRIPE, title))),
            *_links(_FOR_ALL, title),
            rx.cond(Shell.desk.views_billing, rx.fragment(*_links(_FOR_WHO_HEARS, title))),
            rx.cond(Shell.desk.views_billing, rx.fragment(*_links(_FOR_BILLING_LAST, title))),
            rx.cond(Shell.desk.manages_firm, rx.fragment(*_links(_LAST, title))),
            aria_label="Settings",
            class_name="tabs",
        ),
        rx.el.div(
            rx.el.h2(title, class_name="visually-hidden" if not head else ""),
            *head,
            class_name="settings-head",
        ),
        *content,
        current="Settings",
    )


def managers_only(*content: rx.Component) -> rx.Component:
    """The content for owners and admins, and for everybody else why there is none (R138)."""
    nothing = rx.el.div(
        rx.el.h3("The firm's settings are not open to you"),
        rx.el.p("Owners and admins look after them. Ask one of them for a change."),
        class_name="card empty",
    )
    return rx.cond(
        (Shell.desk.firm != "") & ~Shell.desk.manages_firm, nothing, rx.fragment(*content)
    )


def card(title: str, *content: rx.Component, help_text: str = "") -> rx.Component:
    """A part of a form: what it is about at the left, its fields at the right."""
    return rx.el.section(
        rx.el.div(
            rx.el.h3(title),
            rx.el.p(help_text, class_name="quiet") if help_text else "",
            class_name="about",
        ),
        rx.el.div(*content, class_name="fields"),
        class_name="card setting",
        aria_label=title,
    )


def page_form(form_id: str, *content: rx.Component, key: Any, on_submit: Any) -> rx.Component:
    """A form that stands on the page; a new key fills it anew."""
    return rx.el.div(
        rx.cond(
            key != "",
            rx.el.form(
                *content,
                key=key,
                no_validate=True,
                on_submit=on_submit(fields.typed_in(form_id)),
                class_name="settings-form",
            ),
        ),
        id=form_id,
        custom_attrs={"data-form": ""},
    )


def save_button(label: str = "Save") -> rx.Component:
    """Sends its form, and says so while it is under way."""
    return rx.el.div(
        rx.el.button(
            rx.el.span(label, class_name="idle"),
            rx.el.span("Saving…", class_name="busy"),
            type="submit",
            class_name="btn pri",
        ),
        class_name="buttons",
    )


def name_field(field_id: str, problem: rx.Var[str], **more: Any) -> rx.Component:
    """The name of a person or a team, where its dialog begins."""
    return fields.field(
        "Name",
        fields.text_input(
            "name",
            field_id=field_id,
            problem=problem,
            custom_attrs={"data-first": ""},
            **more,
        ),
        field_id=field_id,
        problem=problem,
    )


def tick(name: str, label: str, *, checked: Any, help_text: str = "", **more: Any) -> rx.Component:
    """A box to tick, with its label and what it means."""
    field_id = f"tick-{name}"
    return rx.el.div(
        rx.el.input(
            id=field_id,
            type="checkbox",
            name=name,
            default_checked=checked,
            aria_describedby=f"{field_id}-help" if help_text else "",
            **more,
        ),
        rx.el.div(
            rx.el.label(label, html_for=field_id),
            rx.el.p(help_text, class_name="help", id=f"{field_id}-help") if help_text else "",
        ),
        class_name="tickbox",
    )


def ticks(legend: str, choices: rx.Var[Any], *, prefix: str, nothing: str) -> rx.Component:
    """A box for each choice; what is ticked is sent as the prefix and the id."""
    return rx.el.fieldset(
        rx.el.legend(legend),
        rx.cond(
            choices.length() > 0,
            rx.el.div(rx.foreach(choices, lambda each: _tick_of(each, prefix)), class_name="ticks"),
            rx.el.p(nothing, class_name="help"),
        ),
        class_name="field",
    )


def picker(
    legend: str,
    *,
    search_id: str,
    placeholder: str,
    picked: rx.Var[Any],
    matches: rx.Var[Any],
    problem: rx.Var[str],
    state: Any,
    note: rx.Component | str = "",
) -> rx.Component:
    """Search as you type, add from what matches, remove from what was picked."""
    return rx.el.fieldset(
        rx.el.legend(legend),
        rx.el.span(" ", picked.count, class_name="light", role="status"),
        note,
        rx.el.input(
            id=search_id,
            type="search",
            class_name="in",
            placeholder=placeholder,
            auto_complete="off",
            aria_label=placeholder,
            on_change=state.search_for.debounce(120),
        ),
        rx.cond(
            matches.length() > 0,
            rx.el.ul(
                rx.foreach(matches, lambda each: _pick(each, "Add", "plus", state.add)),
                class_name="picks",
                aria_label="Matches",
            ),
        ),
        rx.cond(
            picked.rows.length() > 0,
            rx.el.ul(
                rx.foreach(picked.rows, lambda each: _pick(each, "Remove", "x", state.remove)),
                class_name="picks chosen",
                aria_label=legend,
            ),
        ),
        fields.problem_text(search_id, problem),
        class_name="field",
    )


def roles(*, offers_owner: Any, checked: Any, name: str = "role") -> rx.Component:
    """Member, Admin, and Owner for who may make one."""
    owner = rx.cond(offers_owner, _role("Owner", checked, name), _role_off("Owner", checked, name))
    return rx.el.div(
        _role("Member", checked, name),
        _role("Admin", checked, name),
        owner,
        class_name="segments three",
    )


def _role(role: str, checked: Any, name: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name=name, value=role, default_checked=checked == role), role
    )


def _role_off(role: str, checked: Any, name: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name=name, value=role, disabled=True, default_checked=checked == role
        ),
        role,
        title="Only an owner makes somebody an owner",
    )


def _tick_of(each: rx.Var[Any], prefix: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox", name=prefix + each.id.to_string(), default_checked=each.is_chosen
        ),
        each.name,
    )


def _pick(each: rx.Var[Any], verb: str, icon: str, act: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(each.name),
        rx.el.button(
            rx.icon(icon, size=14, aria_hidden="true"),
            type="button",
            class_name="btn lite icon",
            aria_label=verb + " " + each.name,
            on_click=act(each.id),
        ),
        key=each.id.to_string(),
    )


def _links(entries: tuple[tuple[str, str], ...], title: str) -> list[rx.Component]:
    return [
        rx.el.a(
            label,
            _COUNTS[label]() if label in _COUNTS else "",
            href=href,
            **({"aria_current": "page"} if label == title else {}),
        )
        for label, href in entries
    ]
