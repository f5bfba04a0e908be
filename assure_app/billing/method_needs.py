"""What depends on a saved method, said before it is removed (R128)."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from assure_app.billing import method_rows
from assure_app.billing.method_rows import StoredMethod
from assure_app.domain.errors import BillingError
from assure_app.domain.saved_methods import KeptMethod, default_of
from assure_app.models.tables import engagement

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalEffect:
    """What removing a method changes: `warning` when auto-pay depends on it, else "", and `note`
    which method takes its place, else ""."""

    warning: str = ""
    note: str = ""


class WarningChanged(BillingError):
    """Something else depends on the method than whoever removes it was told."""

    retryable = True

    def __init__(self, effect: RemovalEffect) -> None:
        self.effect = effect
        super().__init__(
            "What depends on it has changed, so nothing was removed. Read it again, then decide."
        )


def of_removal(connection: Connection, method: StoredMethod) -> RemovalEffect:
    """What removing the method changes as things stand; nothing for one that is not the default."""
    if not (method.is_default and method.is_usable):
        return RemovalEffect()
    heir = _heir(connection, method)
    note = "" if heir is None else f"{heir.name} becomes the default."
    names = autopay_engagements(connection, method.client_id)
    if not names:
        return RemovalEffect(note=note)
    said = f"{_listed(names)} {'is' if len(names) == 1 else 'are'} on auto-pay"
    if heir is None:
        lost = "after this, nothing can be charged until another method is added."
        return RemovalEffect(warning=f"{said}: {lost}")
    return RemovalEffect(warning=f"{said}: from now on {heir.name} is charged.", note=note)


def check_told(connection: Connection, method: StoredMethod, told: str) -> None:
    """Raise WarningChanged unless this warning is what removing the method means now.

    The caller holds the client.
    """
    effect = of_removal(connection, method)
    if effect.warning != told:
        raise WarningChanged(effect)


def autopay_engagements(connection: Connection, client_id: int) -> list[str]:
    """The client's engagements with auto-pay on, by name."""
    rows = connection.execute(
        select(engagement.c.name)
        .where(engagement.c.client_id == client_id, engagement.c.is_autopay_on)
        .order_by(engagement.c.name, engagement.c.id)
    )
    return list(rows.scalars())


def _heir(connection: Connection, method: StoredMethod) -> StoredMethod | None:
    """What becomes the default once the method is gone."""
    others = [
        each
        for each in method_rows.of_client(
            connection, firm_id=method.firm_id, client_id=method.client_id
        )
        if each.id != method.id
    ]
    heir_id = default_of(
        [KeptMethod(id=each.id, is_default=False, is_usable=each.is_usable) for each in others]
    )
    return next((each for each in others if each.id == heir_id), None)


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    shown = names[:_MOST_NAMED] + ([f"{more} more"] if more > 0 else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
