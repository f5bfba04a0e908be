"""Loads the demo firms into a database that has none.

The demo is imported only then: it takes a second, which every later start would wait for.
"""

from sqlalchemy import select

from assure_app import clock
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import firm


def load_if_empty() -> bool:
    """Load both demo firms when the database holds no firm; True when it did."""
    with reading() as connection:
        if connection.execute(select(firm.c.id).limit(1)).first():
            return False
    from assure_app.sandbox import demo

    demo.load(now=clock.now())
    return True
