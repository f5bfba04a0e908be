"""A year of invoices of the demo firms, each with its little story.

A story is a list of steps, each so many days after the invoice was issued.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened `day` days after the invoice was issued; 0 cents means the rest."""

    day: int
    what: str
    cents: int = 0
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """An invoice issued `age` days ago, due `term` days after that."""

    age: int
    term: int
    client: str
    title: str
    lines: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...] = ()


SENT = Step(0, "sent")
VIEWED = Step(1, "viewed")

CHEN_STORIES = (
    Story(0, 30, "Cedar Row HOA", "Annual review 2026", (("Annual review", 110_000),)),
    Story(1, 30, "Bluebird Yoga", "Sales tax filing", (("Sales tax filing, Q3", 42_500),)),
    Story(2, 14, "Ngata & Sons", "Entity advice", (("Advisory call", 27_500),)),
    Story(
        8,
        30,
        "Patel Family",
        "2025 individual return",
        (("Individual tax return, Form 1040", 280_000), ("State returns, NY and NJ", 140_000)),
        (
            SENT,
            VIEWED,
            Step(3, "Check", 150_000, "4521"),
        ),
    ),
    Story(
        10,
        30,
        "Okafor Dental PLLC",
        "Bookkeeping, October",
        (("Monthly bookkeeping", 185_000),),
        (SENT, VIEWED),
    ),
    Story(
        40,
        30,
        "Harbor & Pine LLC",
        "Audit support",
        (("Audit support, 62 hours", 1_240_000),),
        (SENT, VIEWED),
    ),
    Story(
        15,
        30,
        "Lindqvist Studio",
        "Quarterly estimate",
        (("Quarterly estimate", 96_000),),
        (SENT, Step(4, "Wire", 0, "FT-20881")),
    ),
    Story(
        50,
        30,
        "Marisol Vega",
        "Amended return",
        (("Amended return, Form 1040-X", 64_000),),
        (SENT, VIEWED, Step(12, "Cash", 32_000)),
    ),
    Story(
        12,
        30,
        "Brightwater Foods",
        "Payroll, October",
        (("Payroll, 61 employees", 731_550),),
        (SENT,),
    ),
    Story(
        20,
        30,
        "Tessellate Labs",
        "R&D credit study",
        (("R&D credit study", 300_000),),
        (SENT, VIEWED, Step(2, "Card Completed", 0, "Priya Raman")),
    ),
    Story(
        18,
        30,
        "Ngata & Sons",
        "Bookkeeping clean-up",
        (("Bookkeeping clean-up", 227_500),),
        (SENT, VIEWED),
    ),
    Story(
        5,
        30,
        "Tessellate Labs",
        "Stock option advice",
        (("Advisory, 5 hours", 175_000),),
        (SENT, VIEWED, Step(3, "ACH Pending", 0, "Priya Raman")),
    ),
    Story(
        25,
        15,
        "Brightwater Foods",
        "Payroll, September",
        (("Payroll, 60 employees", 719_500),),
        (SENT, Step(23, "Auto-pay Failed")),
    ),
    Story(
        35,
        30,
        "Bluebird Yoga",
        "Bookkeeping, September",
        (("Bookkeeping", 38_000),),
        (SENT, Step(9, "Check", 0, "1187"), Step(11, "Duplicate", 0, "Paid twice by mistake")),
    ),
    Story(
        60,
        30,
        "Cedar Row HOA",
        "Reserve study",
        (("Reserve study", 185_000),),
        (SENT, VIEWED, Step(20, "Check", 0, "7040"), Step(24, "Service not rendered", 35_000)),
    ),
    Story(
        75,
        30,
        "Marisol Vega",
        "Late filing letter",
        (("Letter to the IRS", 22_000),),
        (SENT, VIEWED, Step(40, "cancelled", 0, "Courtesy to a long-standing client")),
    ),
    Story(
        22,
        30,
        "Lindqvist Studio",
        "Contractor forms",
        (("Forms 1099, 14 contractors", 49_000),),
        (SENT, VIEWED, Step(5, "Card Failed", 0, "Eva Lindqvist")),
    ),
    *(
        Story(
            age,
            30,
            client,
            title,
            ((title, cents),),
            (SENT, VIEWED, Step(14 + age % 9, method, 0, reference)),
        )
        for age, client, title, cents, method, reference in (
            (45, "Okafor Dental PLLC", "Bookkeeping, September", 185_000, "Check", "2291"),
            (76, "Okafor Dental PLLC", "Bookkeeping, August", 185_000, "Check", "2274"),
            (106, "Okafor Dental PLLC", "Bookkeeping, July", 185_000, "Check", "2250"),
            (137, "Okafor Dental PLLC", "Bookkeeping, June", 185_000, "Check", "2231"),
            (70, "Brightwater Foods", "Payroll, August", 712_300, "Wire", "FT-19910"),
            (101, "Brightwater Foods", "Payroll, July", 708_900, "Wire", "FT-19377"),
            (131, "Brightwater Foods", "Payroll, June", 701_225, "Wire", "FT-18802"),
            (160, "Harbor & Pine LLC", "Interim review", 640_000, "Wire", "HP-88213"),
            (
                190,
                "Tessellate Labs",
                "2024 corporate return",
                520_000,
                "ACH Completed",
                "Priya Raman",
            ),
            (200, "Patel Family", "Estate plan review", 175_000, "Check", "4388"),
            (210, "Ngata & Sons", "2024 partnership return", 310_000, "Check", "901"),
            (221, "Lindqvist Studio", "2024 return", 145_000, "Card Completed", "Eva Lindqvist"),
            (229, "Marisol Vega", "2024 individual return", 89_500, "Cash", ""),
            (236, "Bluebird Yoga", "2024 return", 120_000, "Check", "1090"),
            (248, "Cedar Row HOA", "2024 audit", 410_000, "Check", "6988"),
            (260, "Patel Family", "2024 individual return", 390_000, "Check", "4302"),
            (290, "Okafor Dental PLLC", "2024 corporate return", 460_000, "Wire", "OD-5571"),
            (320, "Harbor & Pine LLC", "Year-end close", 980_000, "Wire", "HP-81007"),
            (345, "Tessellate Labs", "Year-end planning", 260_000, "Card Completed", "Priya Raman"),
            (360, "Brightwater Foods", "Year-end payroll forms", 154_050, "Check", "30118"),
        )
    ),
    Story(
        33,
        30,
        "Ngata & Sons",
        "Bookkeeping, September",
        (("Bookkeeping", 81_500),),
        (SENT,),
    ),
    Story(
        95,
        30,
        "Harbor & Pine LLC",
        "Valuation memo",
        (("Valuation memo", 258_000),),
        (SENT, VIEWED, Step(30, "Wire", 129_000, "HP-90021"), Step(60, "Other", 29_000, "Credit")),
    ),
    Story(
        14,
        30,
        "Patel Family",
        "Trust accounting",
        (("Trust accounting, 3 trusts", 96_000),),
        (SENT,),
    ),
)

NORTHSIDE_STORIES = (
    Story(
        12,
        30,
        "Quarry Lane Brewing",
        "Excise filings",
        (("Excise filings", 134_500),),
        (SENT, VIEWED),
    ),
    Story(
        48,
        30,
        "Zephyr Cycles",
        "Inventory review",
        (("Inventory review", 77_700),),
        (SENT, Step(9, "Check", 33_300, "5150")),
    ),
    Story(3, 30, "Zephyr Cycles", "Payroll set-up", (("Payroll set-up", 61_900),)),
)
