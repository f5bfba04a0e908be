"""What an act would do, told before it is done."""

from dataclasses import dataclass, field

from assure_app.billing.duplicates import Caution


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the act would do, decided by the same rule that will do it.

    `problems` maps field to sentence; `warnings` never block. With problems, the figures are "".
    `fee_lost` is what Stripe keeps of a refunded charge, `net` what the firm keeps; "" for others.
    """

    balance_before: str = ""
    balance_after: str = ""
    status_before: str = ""
    status_after: str = ""
    fee_lost: str = ""
    net: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Caution, ...] = ()
