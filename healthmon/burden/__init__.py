"""What medical treatment costs households: the rule of QH-5, and the measures of the literature.

``spending`` adds up spending per member and applies the 1,560-yuan rule; its names can be had
from here. ``denominator`` states what spending is held against, before out-of-pocket payments;
``shares``, ``catastrophic`` and ``poverty`` measure; ``ranking`` and ``estimates`` hold the
statistics, ``design`` their standard errors. ``registered`` applies them to the register, with the
numbers of ``params/burden.yml`` (``terms``).
"""

from healthmon.burden.spending import (
    AMOUNTS,
    PLACES,
    SpendingRule,
    attribute_settlements,
    flag_by_rule,
    household_burden,
    household_year_burden,
    last_day,
    list_member_years,
    load_rule,
)

__all__ = [
    "AMOUNTS",
    "PLACES",
    "SpendingRule",
    "attribute_settlements",
    "flag_by_rule",
    "household_burden",
    "household_year_burden",
    "last_day",
    "list_member_years",
    "load_rule",
]
