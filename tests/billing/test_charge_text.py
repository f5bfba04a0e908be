"""How a charge is called, for whom (R040)."""

import pytest

from assure_app.billing.charge_text import told_to_firm


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("Your card was declined.", "The card was declined."),
        ("Stripe gave no reason.", "Stripe gave no reason."),
        ("", ""),
    ],
)
def test_the_firm_reads_of_its_clients_card(reason: str, told: str) -> None:
    assert told_to_firm(reason) == told
