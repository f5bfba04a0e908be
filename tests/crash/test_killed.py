"""A process killed at each point of an act leaves all of it or nothing."""

import os
import pickle
import signal
import subprocess
import sys

import pytest

from assure_app.billing import manual_payments, refunds
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from tests.support.desk import Desk

TOKEN = "one-form-token-00001"

DIES_BEFORE_COMMIT = [
    "ledger_rows.append",
    "ledger_rows.change_status",
    "invoice_record.save",
    "activity.append",
]

CHILD = """
import os, pickle, signal, sys
from importlib import import_module
from assure_app.db import engine

engine.configure(sys.argv[1])
where, when, act, arguments = pickle.load(sys.stdin.buffer)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

if where:
    module_name, name = where.split(".")
    module = import_module(f"assure_app.billing.{module_name}")
    original = getattr(module, name)

    def dying(*args, **kwargs):
        if when == "after":
            original(*args, **kwargs)
        die()

    setattr(module, name, dying)
args, kwargs = arguments
act(*args, **kwargs)
die()
"""


def run_and_die(database: str, where: str, when: str, act: object, *args: object) -> None:
    """Do the act in a process of its own that is killed at the named place."""
    kwargs = {"form_token": TOKEN, "now": args[-1]}
    told = pickle.dumps((where, when, act, (args[:-1], kwargs)))
    child = subprocess.run(
        [sys.executable, "-c", CHILD, database],
        input=told,
        capture_output=True,
        env=dict(os.environ),
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()


PAYMENT = PaymentForm(amount="400", method="Check", date="2026-05-22", reference="4521")
REFUND = RefundForm(amount="400", reason="Duplicate")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", ["ledger_rows.append", "invoice_record.save", "activity.append"])
def test_a_payment_killed_before_its_commit_never_was(
    desk: Desk, database: str, where: str, when: str
) -> None:
    number = desk.invoice()
    before = desk.stored(number)

    run_and_die(
        database, where, when, manual_payments.record_payment, desk.jane, number, PAYMENT, desk.now
    )

    assert desk.rows() == []
    assert desk.timeline() == []
    assert desk.stored(number) == before
    receipt = manual_payments.record_payment(
        desk.jane, number, PAYMENT, form_token=TOKEN, now=desk.now
    )
    assert not receipt.is_repeat
    assert verify() == []


def test_a_payment_killed_after_its_commit_is_not_recorded_again(desk: Desk, database: str) -> None:
    number = desk.invoice()

    run_and_die(
        database, "", "", manual_payments.record_payment, desk.jane, number, PAYMENT, desk.now
    )
    receipt = manual_payments.record_payment(
        desk.jane, number, PAYMENT, form_token=TOKEN, now=desk.now
    )

    assert receipt.is_repeat
    assert len(desk.rows()) == 1
    assert desk.stored(number)["balance_cents"] == 60_000
    assert verify() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", DIES_BEFORE_COMMIT)
def test_a_refund_killed_before_its_commit_never_was(
    desk: Desk, database: str, where: str, when: str
) -> None:
    number = desk.invoice()
    payment_id = manual_payments.record_payment(
        desk.jane, number, PAYMENT, form_token="token-of-the-payment", now=desk.now
    ).payment_id
    before = (desk.rows(), desk.timeline(), desk.stored(number))

    run_and_die(
        database, where, when, refunds.refund_payment, desk.jane, payment_id, REFUND, desk.now
    )

    assert (desk.rows(), desk.timeline(), desk.stored(number)) == before
    receipt = refunds.refund_payment(desk.jane, payment_id, REFUND, form_token=TOKEN, now=desk.now)
    assert not receipt.is_repeat
    assert desk.stored(number)["balance_cents"] == 100_000
    assert verify() == []
