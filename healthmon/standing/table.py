"""Where every place stands in every indicator of a month: one row an indicator, part and place."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from healthmon.rules.indicators import Indicator, load_indicators
from healthmon.standing.distances import (
    as_share,
    find_best,
    measure_distance,
    surely_reached,
)
from healthmon.standing.funnel import funnel_limits, measure_dispersion, place_in_funnel
from healthmon.standing.intervals import possible_interval, rank_ranges
from healthmon.standing.shrinkage import Shrunken, shrink_rates
from healthmon.standing.sums import Sums
from healthmon.standing.terms import Funnel, StandingTerms, load_standing_terms
from healthmon.standing.trend import measure_trend

GROUP = ["indicator", "part", "level"]
_RANKS = ("rank_raw", "rank_best", "rank_worst")
REACHED, UNDER, UNDETERMINED, NO_TARGET, NO_CASES = (
    "reached", "under", "undetermined", "no_target", "no_cases",
)  # fmt: skip


def stand_month(params: Path, results: pd.DataFrame, month: str) -> pd.DataFrame:
    """Say where every place stands, by the indicators and terms of a ``params`` folder.

    As :func:`stand_all`.
    """
    return stand_all(results, load_indicators(params), month, load_standing_terms(params))


def stand_all(
    results: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    month: str,
    terms: StandingTerms,
) -> pd.DataFrame:
    """Say where every place stands in every indicator.

    Parameters
    ----------
    results : DataFrame
        ``indicator``, ``part``, ``month``, ``level``, ``code``, ``numerator``, ``denominator``,
        ``undetermined`` (the undetermined are in the denominator, not in the numerator).
    indicators : mapping
        Name to indicator; results of others are left out.
    month : str
        The month of the report, as in ``2022-06``.
    terms : StandingTerms

    Returns
    -------
    DataFrame
        One row an indicator, part, level and place with a row in that month; shares are 0-1,
        everything called points is percentage points:

        - as given: ``indicator``, ``part``, ``level``, ``code``, the three sums;
        - backlog (工作存量): ``backlog``, what is surely not done, or surely too much where less is
          better; ``rate`` (of the determined), ``rate_lowest``, ``rate_highest``, ``lower``,
          ``upper`` (Wilson, widened by the undetermined);
        - weak points (工作短板): ``state`` (``reached``, ``under``, ``undetermined``,
          ``no_target``, ``no_cases``), ``target_points`` (distance), ``needed_count``,
          ``needed_at_worst_count``;
        - gaps (工作差距): ``shrunken``, ``shrunken_lower``, ``shrunken_upper``, ``rank_raw``,
          ``rank_best`` to ``rank_worst``, ``ranked_count``, the three ranks one month before with
          ``_before``, ``rank_change`` (``better``, ``worse``, ``same``: only where the ranges do
          not overlap), ``is_small``, ``best_code``, ``best_points``, ``best_count`` (as needed);
          ``position`` and ``position_far`` in the funnel (inner and outer limits), ``all_rate``,
          ``dispersion``;
        - trend: as :func:`healthmon.standing.trend.measure_trend`.

        Intervals, ranges and the funnel are missing for indicators of sums: there are no cases
        that chance could move.

    References
    ----------
    SD-2.
    """
    known = results[results["indicator"].isin(indicators) & results["level"].isin(terms.levels)]
    known = known.sort_values(["indicator", "part", "level", "code", "month"])
    now, before = (known[known["month"] == each] for each in (month, _month_before(month)))
    past = dict(list(before.groupby(GROUP, sort=False)))
    parts = [
        _stand(rows, past.get(names), indicators[names[0]], terms)
        for names, rows in now.groupby(GROUP, sort=False)
    ]
    if not parts:
        return pd.DataFrame(columns=[*GROUP, "code"])
    standing = pd.concat(parts, ignore_index=True)
    return standing.merge(_trends(known, indicators, month, terms), on=[*GROUP, "code"], how="left")


def _stand(
    rows: pd.DataFrame, before: pd.DataFrame | None, indicator: Indicator, terms: StandingTerms
) -> pd.DataFrame:
    """Say where the places of one level stand in one indicator and part."""
    sums, ranked = Sums.of(rows), _rank(rows, indicator, terms)
    past = _rank(rows.head(0) if before is None else before, indicator, terms)[list(_RANKS)]
    past = past.reindex(ranked.index).add_suffix("_before")
    return pd.DataFrame(
        {name: rows[name].to_numpy() for name in (*GROUP, "code", *Sums._fields)}
        | _count_backlog(sums, indicator)
        | _hold_to_target(sums, indicator)
        | _take_intervals(sums, indicator, terms)
        | {name: column.array for name, column in {**ranked, **past}.items()}
        | {"rank_change": _compare_ranks(ranked, past)}
        | _hold_to_best(rows, sums, indicator, terms)
        | _hold_to_funnel(sums, indicator, terms.funnel)
    )


def _count_backlog(sums: Sums, indicator: Indicator) -> dict:
    total = np.where(sums.denominator > 0, sums.denominator, np.nan)
    left = sums.determined - sums.numerator
    return {
        "backlog": left if indicator.direction == "more" else sums.numerator,
        "rate": _determined_rates(sums),
        "rate_lowest": sums.numerator / total,
        "rate_highest": (sums.numerator + sums.undetermined) / total,
    }


def _determined_rates(sums: Sums) -> np.ndarray:
    return sums.numerator / np.where(sums.determined > 0, sums.determined, np.nan)


def _hold_to_target(sums: Sums, indicator: Indicator) -> dict:
    target = as_share(indicator.target.pct) if indicator.target else None
    points, needed, at_worst = measure_distance(sums, target, indicator.direction)
    states = {
        NO_CASES: sums.denominator <= 0,
        NO_TARGET: at_worst.isna(),
        UNDER: needed > 0,
        UNDETERMINED: at_worst > 0,
    }
    return {
        "state": _choose(states, REACHED),
        "target_points": points,
        "needed_count": needed,
        "needed_at_worst_count": at_worst,
    }


def _take_intervals(sums: Sums, indicator: Indicator, terms: StandingTerms) -> dict:
    if indicator.sums is not None:
        return dict.fromkeys(("lower", "upper"), np.nan)
    lower, upper = possible_interval(*sums, terms.interval_pct)
    return {"lower": lower, "upper": upper}


def _rank(rows: pd.DataFrame, indicator: Indicator, terms: StandingTerms) -> pd.DataFrame:
    """Rank places, the best first whether more or less is good; shrunken rates beside."""
    sums, nothing = Sums.of(rows), np.full(len(rows), np.nan)
    shrunken = Shrunken(nothing, nothing, nothing)
    if indicator.sums is None and len(rows):
        shrunken = shrink_rates(*sums, terms.interval_pct)
    best, worst = (
        rank_ranges(shrunken.lower, shrunken.upper)
        if indicator.direction == "more"
        else rank_ranges(-shrunken.upper, -shrunken.lower)
    )
    rates = pd.Series(_determined_rates(sums))
    raw = rates.rank(ascending=indicator.direction == "less", method="min")
    ranks = {"rank_raw": raw, "rank_best": best, "rank_worst": worst}
    columns = {
        "shrunken": shrunken.rate,
        "shrunken_lower": shrunken.lower,
        "shrunken_upper": shrunken.upper,
        "ranked_count": int(rates.notna().sum()),
    } | {name: pd.array(values, dtype="Int64") for name, values in ranks.items()}
    return pd.DataFrame(columns, index=pd.Index(rows["code"], name="code"))


def _compare_ranks(now: pd.DataFrame, before: pd.DataFrame) -> np.ndarray:
    """Say whether a place surely stands better or worse than a month before."""
    tests = {
        "better": now["rank_worst"] < before["rank_best_before"],
        "worse": now["rank_best"] > before["rank_worst_before"],
        "same": now["rank_best"].notna() & before["rank_best_before"].notna(),
    }
    return _choose(tests, "")


def _hold_to_best(
    rows: pd.DataFrame, sums: Sums, indicator: Indicator, terms: StandingTerms
) -> dict:
    best, share = find_best(sums, indicator.direction, terms.small_denominator), None
    if best is not None:
        reached = surely_reached(sums, indicator.direction)
        share = Fraction(int(reached[best]), int(sums.denominator[best]))
    points, needed, _ = measure_distance(sums, share, indicator.direction)
    return {
        "is_small": sums.denominator < terms.small_denominator,
        "best_code": None if best is None else rows["code"].iloc[best],
        "best_points": points,
        "best_count": needed,
    }


def _hold_to_funnel(sums: Sums, indicator: Indicator, funnel: Funnel) -> dict:
    known = sums.determined.sum()
    is_drawn = indicator.sums is None and known > 0 and len(sums.numerator) > 1
    rate, dispersion = float(sums.numerator.sum() / known) if is_drawn else np.nan, 1.0
    if is_drawn and funnel.overdispersion and (sums.determined > 0).sum() >= funnel.least_places:
        dispersion = measure_dispersion(sums.numerator, sums.determined, rate, funnel.winsorised)
    # how few places differ cannot be measured, and chance alone would call nearly all of them far
    is_placed = is_drawn and (sums.determined > 0).sum() >= funnel.least_places
    near, far = (
        place_in_funnel(*sums, funnel_limits(sums.denominator, rate, pct, dispersion))
        if is_placed
        else np.full(len(sums.numerator), "")
        for pct in sorted(funnel.limits_pct)
    )
    return {"position": near, "position_far": far, "all_rate": rate, "dispersion": dispersion}


def _trends(
    results: pd.DataFrame, indicators: Mapping[str, Indicator], month: str, terms: StandingTerms
) -> pd.DataFrame:
    first = str(pd.Period(month, freq="M") - terms.trend_months + 1)
    window = results[results["month"].between(first, month)]
    trends = measure_trend(window, [*GROUP, "code"], terms.trend_interval_pct)
    of_sums = trends["indicator"].map(lambda name: indicators[name].sums is not None).astype(bool)
    trends.loc[of_sums, ["change_lower", "change_upper"]] = np.nan
    trends.loc[of_sums, "trend"] = ""
    return trends


def _choose(tests: dict[str, Any], otherwise: str) -> np.ndarray:
    """Return the name of the first test that is true of each row; what is missing is not true."""
    flags = [
        pd.array(test, dtype="boolean").fillna(False).to_numpy(bool) for test in tests.values()
    ]
    return np.select(flags, list(tests), otherwise)


def _month_before(month: str) -> str:
    return str(pd.Period(month, freq="M") - 1)
