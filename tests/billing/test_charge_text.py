"""How a charge is called, for whom (R040)."""

import pytest

from assure_app.billing.charge_text import told_to_firm


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("Your card was declined.", "The card was declined."),
        ("Your card's security code is incorrect.", "The card's security code is incorrect."),
        (
            "An error occurred while processing your card. Try again in a little bit.",
            "An error occurred while processing the card. Try again in a little bit.",
        ),
        (
            "Your bank wants it. Your request was in test mode.",
            "The bank wants it. Your request was in test mode.",
        ),
        ("Stripe gave no reason.", "Stripe gave no reason."),
        ("", ""),
    ],
)
def test_the_firm_reads_of_its_clients_card(reason: str, told: str) -> None:
    assert told_to_firm(reason) == told
