"""Who may enter the portal and who may pay there: every role, said outright."""

import pytest

from assure_app.domain.portal_access import PortalPerson, PortalPrincipal, PortalRole, entering


@pytest.mark.parametrize(
    ("role", "label", "may_enter", "may_pay"),
    [
        (PortalRole.OWNER, "Owner", True, True),
        (PortalRole.EDITOR, "Editor", True, True),
        (PortalRole.SIGNER, "Signer", True, True),
        (PortalRole.VIEWER, "Viewer", True, False),
        (PortalRole.NOTIFY_ONLY, "Notify-only", False, False),
    ],
)
def test_what_a_role_may_do(
    role: PortalRole, label: str, *, may_enter: bool, may_pay: bool
) -> None:
    someone = contact(1, role=role)

    assert (role.label, role.may_enter, someone.may_pay) == (label, may_enter, may_pay)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (PortalRole.OWNER, "Owner — may look and pay"),
        (PortalRole.VIEWER, "Viewer — may look"),
        (PortalRole.NOTIFY_ONLY, "Notify-only — gets mail only"),
    ],
)
def test_a_role_is_told_with_what_it_may_do(role: PortalRole, words: str) -> None:
    assert role.in_words == words


def test_every_role_is_told_above() -> None:
    assert len(PortalRole) == 5


def test_who_is_only_notified_does_not_enter() -> None:
    found = [contact(3), contact(1, role=PortalRole.NOTIFY_ONLY), contact(2)]

    assert [each.contact_id for each in entering(found)] == [2, 3]


def test_a_person_is_somebody_only_at_their_own_clients() -> None:
    person = PortalPerson(session_id=1, email="ana@x.example", contacts=(contact(1), contact(2)))

    assert person.at(102) == contact(2)
    assert person.at(103) is None


def contact(number: int, *, role: PortalRole = PortalRole.OWNER) -> PortalPrincipal:
    return PortalPrincipal(
        contact_id=number,
        client_id=100 + number,
        firm_id=1,
        name="Ana",
        email="ana@x.example",
        role=role,
    )
