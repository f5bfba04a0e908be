"""Whom an answer to a letter reaches that the firm sends its clients."""

from sqlalchemy import Connection, bindparam, select

from assure_app.domain.email_address import is_address
from assure_app.models.tables import firm_user

_MOST = 10

# Built once: building a statement takes longer than running it.
_LEADS = (
    select(firm_user.c.email)
    .where(
        firm_user.c.firm_id == bindparam("firm_id"),
        firm_user.c.is_active,
        firm_user.c.email != bindparam("but_not"),
        firm_user.c.is_owner | firm_user.c.is_admin,
    )
    .order_by(firm_user.c.is_owner.desc(), firm_user.c.id)
    .limit(_MOST)
)


def of_firm(connection: Connection, firm_id: int, *, but_not: str = "") -> str:
    """The address of the firm's first owner, else admin; "" for none.

    `but_not` is whom the letter goes to: somebody of the firm may pay as a client.
    """
    found = connection.scalars(_LEADS, {"firm_id": firm_id, "but_not": but_not})
    return next((email for email in found if is_address(email)), "")
