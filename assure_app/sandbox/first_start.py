"""Loads the demo firms into a database that has none.

The demo, and all it needs of the product, is imported only then: that takes seconds, which every
later start would wait for.
"""

from sqlalchemy import text

from assure_app import clock
from assure_app.db.unit_of_work import reading


def load_if_empty() -> bool:
    """Load both demo firms when the database holds no firm; True when it did."""
    with reading() as connection:
        if connection.execute(text("SELECT 1 FROM firm LIMIT 1")).first():
            return False
    from assure_app.sandbox import demo

    demo.load(now=clock.now())
    return True
