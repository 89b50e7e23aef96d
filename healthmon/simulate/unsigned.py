"""The ledger of persons without a contract: why, what was done about it, and until when."""

import numpy as np
import pandas as pd

from healthmon.simulate.care import Care, township_weakness
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Households, Persons
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams, pick


def list_unsigned(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    care: Care,
    calendar: Calendar,
) -> pd.DataFrame:
    """Draw who is entered in the ledger, how they are classed and what is done; GZ-5.

    Weak townships enter, class and act on fewer.

    Returns
    -------
    DataFrame
        One row a person: person, listed_day, removed_day (under contract or off the register),
        first_class (as entered; -1 none), acted_day (NEVER: nothing done), class and action from
        that day on.
    """
    rng = streams["unsigned"]
    weakness = township_weakness(places, households, persons)
    since = np.maximum(persons.joined_day, calendar.start - rng.integers(1, 600, len(persons)))
    wait = np.where(persons.joined_day < calendar.start, 0, rng.integers(60, 150, len(persons)))
    listed = np.maximum(since + wait, calendar.start)
    left = np.where(persons.left_day < NEVER, persons.left_day + rng.integers(0, 9, len(persons)),
                    NEVER)  # fmt: skip
    removed = np.minimum(care.signed_day, left)
    best, fall = settings.numbers("unsigned_listed")
    is_listed = rng.random(len(persons)) < best - fall * weakness
    is_listed &= (listed < np.minimum(care.signed_day, persons.left_day)) & (listed < calendar.end)
    person = np.flatnonzero(is_listed)
    ledger = pd.DataFrame(
        {"person": person, "listed_day": listed[person], "removed_day": removed[person]}
    )
    _deal_with(settings, rng, weakness[person], since[person], ledger)
    return ledger


def _deal_with(
    settings: Settings,
    rng: np.random.Generator,
    weakness: np.ndarray,
    since: np.ndarray,
    ledger: pd.DataFrame,
) -> None:
    """Add class and action: each class has its own, which sits at the class's place."""
    count = len(ledger)
    why = pick(rng, settings.numbers("unsigned_classes"), count)
    best, fall = settings.numbers("unsigned_classed")
    is_classed = rng.random(count) < best - fall * weakness
    best, fall, days, wrong = settings.numbers("unsigned_action")
    acted = since + 5 + (rng.exponential(days, count) * (0.5 + weakness)).astype(np.int64)
    is_done = rng.random(count) < best - fall * weakness
    acted = np.where(is_done & (acted < ledger["removed_day"]), acted, NEVER)
    is_wrong = rng.random(count) < wrong
    ledger["first_class"] = np.where(is_classed, why, -1)
    ledger["acted_day"] = acted
    ledger["class"] = why
    ledger["action"] = np.where(is_wrong, (why + 1) % 3, why)
