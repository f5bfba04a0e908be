"""Who a browser in the portal is, at every event anew."""

import pytest

from assure_app.auth import portal_sessions
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.portal_access import PortalRole
from tests.auth.contacts import ANITA, change_contact, make_contact
from tests.factories import MOMENT, make_client, make_firm
from tests.support.desk import Desk


def session() -> str:
    with unit_of_work() as connection:
        return portal_sessions.open_session(connection, ANITA, is_trusted=False, now=MOMENT)


def test_one_address_is_somebody_at_each_of_its_clients(desk: Desk) -> None:
    make_contact(desk.client_id)
    with unit_of_work() as connection:
        other_firm = make_firm(connection, name="Northside CPA")
        other_client = make_client(connection, other_firm)
    make_contact(other_client, role="viewer")

    person = portal_sessions.person_of(session(), now=MOMENT)

    assert person is not None
    assert [(each.firm_id, each.client_id, each.role) for each in person.contacts] == [
        (desk.jane.firm_id, desk.client_id, PortalRole.OWNER),
        (other_firm, other_client, PortalRole.VIEWER),
    ]


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"email": "new@patelfamily.example"}, {"role": "notify_only"}]
)
def test_a_contact_who_is_changed_is_out_at_once(desk: Desk, change: dict[str, object]) -> None:
    contact_id = make_contact(desk.client_id)
    token = session()
    assert portal_sessions.person_of(token, now=MOMENT) is not None

    change_contact(contact_id, **change)

    assert portal_sessions.person_of(token, now=MOMENT) is None


def test_signing_out_ends_this_session_alone(desk: Desk) -> None:
    make_contact(desk.client_id)
    here, there = session(), session()

    portal_sessions.sign_out(here, now=MOMENT)
    portal_sessions.sign_out("unknown", now=MOMENT)

    assert portal_sessions.person_of(here, now=MOMENT) is None
    assert portal_sessions.person_of(there, now=MOMENT) is not None


@pytest.mark.parametrize("token", ["", "unknown"])
def test_nobody_has_no_session(desk: Desk, token: str) -> None:
    assert portal_sessions.person_of(token, now=MOMENT) is None
