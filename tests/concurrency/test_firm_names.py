"""Two firms that are opened under one name at once: one is."""

import threading

from assure_app.billing import firms
from assure_app.billing.firms import NewFirm
from assure_app.domain.errors import InvalidInput
from tests.factories import MOMENT

ROUNDS = 5


def test_of_two_firms_opened_under_one_name_one_is(database: str) -> None:
    assert database
    outcomes: list[str] = []

    for number in range(ROUNDS):
        barrier = threading.Barrier(2)

        def open_one(name: str, email: str, barrier: threading.Barrier = barrier) -> None:
            new = NewFirm(
                name=name,
                timezone="America/Denver",
                owner_name="Ada",
                owner_email=email,
                password_hash="",
            )
            barrier.wait()
            try:
                firms.open_firm(new, now=MOMENT)
            except InvalidInput as refusal:
                outcomes.append(f"refused: {', '.join(refusal.problems)}")
            else:
                outcomes.append("opened")

        pairs = (
            (f"Quill {number}", f"a{number}@q.example"),
            (f"QUILL {number}", f"b{number}@q.example"),
        )
        threads = [threading.Thread(target=open_one, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(outcomes) == ["opened"] * ROUNDS + ["refused: name"] * ROUNDS
