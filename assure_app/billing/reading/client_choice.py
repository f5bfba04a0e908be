"""The clients to choose from while their name is being typed."""

from sqlalchemy import case, select

from assure_app.billing import clients
from assure_app.billing.reading.editor_form import Choice
from assure_app.db.unit_of_work import reading
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client

MOST_MATCHES = 20


def find_clients(principal: Principal, text: str) -> tuple[Choice, ...]:
    """At most 20 clients whom this person may bill and whose name holds the text.

    Those that begin with it come first. Raises PermissionDenied without Edit billing.
    """
    principal.require(Permission.EDIT_BILLING)
    wanted = " ".join(text.split())[: clients.NAME_LIMIT].replace("\x00", "")
    begins = client.c.name.istartswith(wanted, autoescape=True)
    query = (
        select(client.c.id, client.c.name)
        .where(clients.visible_to(principal), client.c.name.icontains(wanted, autoescape=True))
        .order_by(case((begins, 0), else_=1), client.c.name, client.c.id)
        .limit(MOST_MATCHES)
    )
    with reading() as connection:
        return tuple(Choice(id=str(row.id), name=row.name) for row in connection.execute(query))
