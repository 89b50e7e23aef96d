"""What each settlement costs and which layer of insurance pays how much, in whole fen."""

from dataclasses import dataclass

import numpy as np

from healthmon.simulate.assistance import Assistance
from healthmon.simulate.caps import hold_to_caps
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import MARGINAL, Households, Persons
from healthmon.simulate.months import NEVER, year_of
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.visits import CHRONIC_OUTPATIENT, INPATIENT, Visits


@dataclass
class Money:
    """Amounts in fen, one entry a settlement; the first is the sum of the next four."""

    total: np.ndarray
    basic: np.ndarray
    major_illness: np.ndarray
    assistance: np.ndarray
    out_of_pocket: np.ndarray
    out_of_scope: np.ndarray
    """Part of what is out of pocket."""


def settle(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    assistance: Assistance,
    visits: Visits,
) -> Money:
    """Draw total costs and reckon the three layers."""
    rng = streams["costs"]
    total = _totals(settings, rng, households, persons, visits)
    is_inpatient = visits.kind == INPATIENT
    scope = settings.table("out_of_scope_bp")
    shares = np.stack([scope["outpatient"], scope["inpatient"]])
    mean = shares[is_inpatient.astype(np.int8), visits.level]
    scatter = rng.gamma(2.0, 0.5, len(visits)).astype(np.float32)
    out_of_scope = total * np.minimum(mean * scatter, 6000).astype(np.int64) // 10_000
    out_of_scope = hold_to_caps(
        settings, streams, places, households, persons, assistance, visits, total, out_of_scope
    )
    in_scope = total - out_of_scope
    basic = _basic(settings, visits, is_inpatient, in_scope)
    left = in_scope - basic
    major_illness = _major_illness(settings, visits, is_inpatient, left)
    left = left - major_illness
    assistance = _assistance(settings, households, persons, visits, is_inpatient, left)
    out_of_pocket = total - basic - major_illness - assistance
    return Money(total, basic, major_illness, assistance, out_of_pocket, out_of_scope)


def _totals(
    settings: Settings,
    rng: np.random.Generator,
    households: Households,
    persons: Persons,
    visits: Visits,
) -> np.ndarray:
    """Draw total costs in fen: log-normal by kind and level, heavier for the frail."""
    medians = settings.table("cost_median_yuan")
    table = np.stack([medians["inpatient"], medians["outpatient"], medians["chronic_outpatient"]])
    sigma = settings.numbers("cost_sigma")
    price = (1 + settings.number("cost_growth")) ** (year_of(visits.settled_day) - 2019)
    frail = households.frailty[persons.household[visits.person]]
    log = rng.standard_normal(len(visits), dtype=np.float32) * sigma[visits.kind] + 0.12 * frail
    log += np.where(visits.major >= 0, np.log(settings.number("major_cost_factor")), 0)
    yuan = table[visits.kind, visits.level] * price * np.exp(log)
    return np.clip(yuan * 100, 300, 80_000_000).astype(np.int64)


def _basic(
    settings: Settings, visits: Visits, is_inpatient: np.ndarray, in_scope: np.ndarray
) -> np.ndarray:
    """Reckon basic insurance: a deductible and a share by level; outpatients a share, no more."""
    deductible = (settings.numbers("deductible_yuan") * 100).astype(np.int64)[visits.level]
    share = settings.numbers("basic_share_bp").astype(np.int64)[visits.level]
    kinds = settings.numbers("outpatient_share_bp").astype(np.int64)
    share = np.where(
        is_inpatient, share, kinds[(visits.kind == CHRONIC_OUTPATIENT).astype(np.int8)]
    )
    covered = in_scope - np.where(is_inpatient, deductible, 0)
    return np.maximum(covered, 0) * share // 10_000


def _major_illness(
    settings: Settings, visits: Visits, is_inpatient: np.ndarray, left: np.ndarray
) -> np.ndarray:
    """Reckon major-illness insurance: a share of what a person's year leaves above a threshold."""
    threshold = int(settings.number("major_illness_threshold_yuan") * 100)
    share = int(settings.number("major_illness_share_bp"))
    rows = np.flatnonzero(is_inpatient)
    key = visits.person[rows].astype(np.int64) * 10_000 + year_of(visits.settled_day[rows])
    order = np.argsort(key, kind="stable")
    group, amount = key[order], left[rows][order]
    after = np.cumsum(amount)
    first = np.r_[True, group[1:] != group[:-1]]
    start = np.maximum.accumulate(np.where(first, after - amount, 0))
    after -= start
    above = np.maximum(after - threshold, 0) - np.maximum(after - amount - threshold, 0)
    paid = np.zeros(len(left), np.int64)
    paid[rows[order]] = above * share // 10_000
    return paid


def _assistance(
    settings: Settings,
    households: Households,
    persons: Persons,
    visits: Visits,
    is_inpatient: np.ndarray,
    left: np.ndarray,
) -> np.ndarray:
    """Reckon medical assistance: a share of the rest within the scope, less from 2021 on."""
    household = persons.household[visits.person]
    listed = households.added_day[household]
    is_new = households.kind[household] >= MARGINAL
    is_eligible = ~is_new | (visits.settled_day >= np.where(listed > -NEVER, listed, 0))
    shares = settings.numbers("assistance_share_bp").astype(np.int64)
    share = shares[(year_of(visits.settled_day) >= 2021).astype(np.int8)]
    share = np.where(is_new, share // 2, share)
    share = np.where(is_inpatient, share, share * (visits.kind == CHRONIC_OUTPATIENT) // 2)
    cap = int(settings.number("assistance_cap_yuan") * 100)
    return np.minimum(np.where(is_eligible, left * share // 10_000, 0), cap)
