"""Dates and times for people, in the zone where the demo's firms work."""

from datetime import datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("America/New_York")


def day(moment: datetime) -> str:
    """November 23, 2026"""
    local = moment.astimezone(_ZONE)
    return f"{local:%B} {local.day}, {local.year}"


def short(moment: datetime) -> str:
    """Nov 23, 10:00"""
    local = moment.astimezone(_ZONE)
    return f"{local:%b} {local.day}, {local:%H:%M}"


def full(moment: datetime) -> str:
    """Monday, November 23, 2026, 10:00 EST"""
    local = moment.astimezone(_ZONE)
    return f"{local:%A}, {day(moment)}, {local:%H:%M} {local:%Z}"
