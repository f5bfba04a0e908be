"""From the rows of a file to its clients."""

from collections.abc import Iterator

from assure_app.billing.importing.cells import Cells
from assure_app.billing.importing.dates_and_amounts import DateForm
from assure_app.billing.importing.problems import Problems
from assure_app.billing.importing.reading import Survey, rows_of
from assure_app.billing.importing.rows import ImportedClient


def clients_of(surveyed: Survey, problems: Problems) -> Iterator[ImportedClient]:
    """Every good client of the file in its order; what is wrong is added to `problems`.

    A client may stand on several rows, each with a contact of its own.
    """
    for row in rows_of(surveyed):
        cells = Cells([row], surveyed.recognised.format, DateForm.MONTH_FIRST, problems)
        cells.check_length()
        each = ImportedClient(
            line=cells.line,
            client=cells.client(),
            contact_name=cells.contact_name(),
            emails=cells.emails(),
        )
        if not cells.is_refused:
            yield each
