"""Two web processes of one installation, on one PostgreSQL and one Redis (R144)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import MARCUS, Office, badge, list_row, record
from tests.support.databases import running_postgresql
from tests.support.server import Server

pytestmark = pytest.mark.browser


def test_a_change_made_on_one_shows_on_the_other(
    start_server: Callable[..., Server],
    new_page: Callable[[str], Page],
    redis_url: str,
) -> None:
    with running_postgresql() as databases, databases.fresh() as database_url:
        shared = {"REDIS_URL": redis_url}
        first, second = (
            start_server(database_url=database_url, has_demo_data=is_first, environment=shared)
            for is_first in (True, False)
        )
        here, there = Office(first, new_page), Office(second, new_page)
        number = here.invoice()
        jane = here.open_invoice(number)
        marcus = there.open_invoice(number, email=MARCUS)

        record(jane, "400")
        expect(badge(marcus)).to_have_text("Partially paid")
        expect(list_row(marcus, number).locator(".balance")).to_have_text("$600.00")
        record(marcus)
        expect(badge(jane)).to_have_text("Paid")

        assert [row["amount_cents"] for row in here.rows(number)] == [40_000, 60_000]
        assert here.differences() == []
        first.stop()
        second.stop()
