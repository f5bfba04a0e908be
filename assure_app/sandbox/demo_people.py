"""Who works at the demo firms, and whom they bill."""

from dataclasses import dataclass

from assure_app.domain.portal_access import PortalRole


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """A firm user of the demo; `team` "" for none."""

    name: str
    email: str
    is_owner: bool = False
    is_admin: bool = False
    is_stripe_admin: bool = False
    team: str = ""
    views_billing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClient:
    """A client with one contact, who has a role in the portal, and for some an engagement."""

    name: str
    contact_name: str
    contact_email: str
    contact_role: PortalRole = PortalRole.OWNER
    engagement: str = ""
    is_autopay_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFirm:
    """A demo firm; its first user is the owner, its second, if any, records every other payment.

    `account_id` is its account at the sandbox's Stripe; one that is not yet active takes no money.
    """

    name: str
    timezone: str
    account_id: str
    is_account_active: bool
    users: tuple[DemoUser, ...]
    clients: tuple[DemoClient, ...]


CHEN = DemoFirm(
    name="Chen Advisory",
    timezone="America/New_York",
    account_id="acct_1ChenAdvisory",
    is_account_active=True,
    users=(
        DemoUser(
            name="Jane Chen", email="jane@chenadvisory.com", is_owner=True, is_stripe_admin=True
        ),
        DemoUser(name="Marcus Patel", email="marcus@chenadvisory.com", is_admin=True),
        DemoUser(
            name="Lena Ortiz",
            email="lena@chenadvisory.com",
            team="Billing viewers",
            views_billing=True,
        ),
        DemoUser(name="Sarah Kim", email="sarah@chenadvisory.com", team="Preparers"),
    ),
    clients=(
        DemoClient(
            name="Patel Family",
            contact_name="Anita Patel",
            contact_email="anita@patelfamily.example",
            engagement="Family office",
            is_autopay_on=True,
        ),
        DemoClient(
            name="Okafor Dental PLLC",
            contact_name="Chidi Okafor",
            contact_email="chidi@okafordental.example",
            engagement="Monthly bookkeeping",
            is_autopay_on=True,
        ),
        DemoClient(
            name="Harbor & Pine LLC",
            contact_name="Tom Harlow",
            contact_email="tom@harborpine.example",
            contact_role=PortalRole.VIEWER,
            engagement="Audit support",
        ),
        DemoClient(
            name="Lindqvist Studio",
            contact_name="Eva Lindqvist",
            contact_email="eva@lindqvist.example",
            contact_role=PortalRole.SIGNER,
        ),
        DemoClient(
            name="Marisol Vega",
            contact_name="Marisol Vega",
            contact_email="marisol@vega.example",
        ),
        DemoClient(
            name="Brightwater Foods",
            contact_name="Ken Brightwater",
            contact_email="ken@brightwater.example",
            contact_role=PortalRole.EDITOR,
            engagement="Payroll",
            is_autopay_on=True,
        ),
        DemoClient(
            name="Tessellate Labs",
            contact_name="Priya Raman",
            contact_email="priya@tessellate.example",
            engagement="R&D credit study",
        ),
        DemoClient(
            name="Ngata & Sons",
            contact_name="Wiremu Ngata",
            contact_email="wiremu@ngata.example",
        ),
        DemoClient(
            name="Cedar Row HOA",
            contact_name="Dana Whitfield",
            contact_email="dana@cedarrow.example",
            contact_role=PortalRole.NOTIFY_ONLY,
            engagement="Annual review",
        ),
        DemoClient(
            name="Bluebird Yoga",
            contact_name="Amara Diallo",
            contact_email="amara@bluebird.example",
        ),
    ),
)

NORTHSIDE = DemoFirm(
    name="Northside CPA",
    timezone="America/Chicago",
    account_id="acct_1NorthsideCPA",
    is_account_active=False,
    users=(
        DemoUser(
            name="Olga Petrova",
            email="olga@northsidecpa.example",
            is_owner=True,
            is_stripe_admin=True,
        ),
    ),
    clients=(
        DemoClient(
            name="Quarry Lane Brewing",
            contact_name="Sam Quarry",
            contact_email="sam@quarrylane.example",
        ),
        DemoClient(
            name="Zephyr Cycles",
            contact_name="Ines Duarte",
            contact_email="ines@zephyrcycles.example",
        ),
    ),
)
