"""What goes wrong on purpose, so that whoever depends on Stripe can show that it withstands it."""

from dataclasses import dataclass

from assure_app.sandbox.stripe.errors import ApiError
from assure_app.sandbox.stripe.store import Store

# So many more copies, an order of chance within so many seconds, so many seconds late, never sent.
OF_DELIVERIES = ("duplicate", "shuffle", "delay", "drop")
# An error of this status instead of the act, or after it; an answer that is lost on its way, so
# that this status comes while the key keeps the true result; so many seconds late before the act,
# or after it.
OF_CALLS = ("error", "error_after", "lost", "slow", "time_out")
ERRORS = ("error", "error_after", "lost")


@dataclass(frozen=True, slots=True)
class Planned:
    """What happens to one call: errors before it acts, after, or on the way; seconds of waiting."""

    error: ApiError | None = None
    error_after: ApiError | None = None
    lost: ApiError | None = None
    seconds_before: float = 0
    seconds_after: float = 0


def plan(store: Store, kind: str, *, value: float, count: int, path: str = "") -> None:
    """Let a fault happen to the next `count` deliveries, or calls whose path begins so."""
    store.write(
        "INSERT INTO fault (kind, path, value, remaining) VALUES (?, ?, ?, ?)",
        (kind, path, value, count),
    )


def forget_all(store: Store) -> None:
    """Let nothing more go wrong."""
    store.write("DELETE FROM fault")


def forget(store: Store, kind: str, *, value: float | None = None) -> None:
    """Let a kind of fault, or that of one value alone, happen no more."""
    store.write(
        "DELETE FROM fault WHERE kind = ? AND (? IS NULL OR value = ?)", (kind, value, value)
    )


def take(store: Store, kind: str, path: str = "") -> float:
    """Use up one of the faults of a kind that meet a path and return its value, 0 for none."""
    row = store.row(
        "SELECT * FROM fault WHERE kind = ? AND substr(?, 1, length(path)) = path"
        " AND remaining > 0 ORDER BY sequence LIMIT 1",
        (kind, path),
    )
    if row is None:
        return 0
    store.write("UPDATE fault SET remaining = remaining - 1 WHERE sequence = ?", (row["sequence"],))
    store.write("DELETE FROM fault WHERE remaining <= 0")
    return float(row["value"])


def for_call(store: Store, path: str) -> Planned:
    """What is to happen to a call of a path such as "/v1/refunds"."""
    with store.transaction():
        return Planned(
            error=_error(take(store, "error", path)),
            error_after=_error(take(store, "error_after", path)),
            lost=_error(take(store, "lost", path)),
            seconds_before=take(store, "slow", path),
            seconds_after=take(store, "time_out", path),
        )


def _error(value: float) -> ApiError | None:
    status = int(value)
    if status == 0:
        return None
    if status == 429:
        return ApiError(429, "Too many requests made to the API too quickly.", code="rate_limit")
    if status == 402:
        return ApiError(
            402,
            "Your card was declined.",
            kind="card_error",
            code="card_declined",
            decline_code="generic_decline",
        )
    return ApiError(status, "An unknown error occurred.", kind="api_error")
