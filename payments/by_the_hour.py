"""Arithmetic of pay and time: whole minor units, never a float."""

from __future__ import annotations


def pay_for(*, minutes: int, hour_minor: int) -> int:
    """Minor units for *minutes* at *hour_minor* an hour, rounded up."""
    return -(-minutes * hour_minor // 60)


def pay_of_an_hour(*, minutes: int, pay_minor: int) -> int:
    """Minor units an hour for *pay_minor* in *minutes* (above zero), rounded down."""
    return pay_minor * 60 // minutes


def top_up_due(*, minutes: int, pay_minor: int, hour_minor: int, topped_minor: int) -> int:
    """What a month still lacks to its floor; below zero what it was topped up too much.

    Args:
        minutes: time on record in the month.
        pay_minor: what the month paid, top-ups left out.
        hour_minor: the floor of an hour.
        topped_minor: the sum of the month's top-ups so far.
    """
    lacks = max(0, pay_for(minutes=minutes, hour_minor=hour_minor) - pay_minor)
    return lacks - topped_minor
