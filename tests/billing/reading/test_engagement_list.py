"""The engagements and their auto-pay, for those alone who may see the client."""

import pytest
from sqlalchemy import insert

from assure_app.billing.reading import engagement_list
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import PermissionDenied
from assure_app.models.tables import engagement
from tests.support.desk import Desk


def test_engagements_tell_what_auto_pay_does(desk: Desk) -> None:
    with unit_of_work() as connection:
        for name, is_on in (("Books", False), ("Audit", True)):
            agreed = {"firm_id": desk.jane.firm_id, "client_id": desk.client_id, "name": name}
            connection.execute(insert(engagement).values(agreed | {"is_autopay_on": is_on}))

    shown = engagement_list.page(desk.jane)

    assert [(row.name, row.autopay, row.is_on) for row in shown.rows] == [
        ("Audit", "No method", True),
        ("Books", "Off", False),
    ]
    assert engagement_list.page(desk.jane, "book").count == "1 of 2"
    assert engagement_list.page(desk.jane, "\x00%").count == "0 of 2"
    assert engagement_list.page(desk.jane, at=99).rows == shown.rows
    assert engagement_list.page(desk.someone(view_billing=True)).rows == ()
    assert engagement_list.page(desk.stranger()).rows == ()
    with pytest.raises(PermissionDenied):
        engagement_list.page(desk.someone())
