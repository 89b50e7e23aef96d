"""Rows of indicators as they may be published: chosen, named, small counts withheld."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import pandas as pd

from healthmon.places import place_names, province_code, read_places
from healthmon.registers import last_day
from healthmon.rules.indicators import Group, Indicator, load_indicators
from healthmon.show.bulletin import Results, terms_of
from healthmon.show.disclosure import WITHHELD_BESIDE, show_count
from healthmon.show.rate_disclosure import withhold_rates
from healthmon.standing.distances import as_share
from healthmon.standing.terms import StandingTerms, load_standing_terms

Level = Literal["province", "prefecture", "county"]
LEVELS = {"prefecture": "prefectures", "county": "counties"}
NOT_PEOPLE = ("teams",)
"""Frames whose rows are no persons, households or visits of theirs: their counts are shown."""


def standing_terms(month: Results) -> StandingTerms:
    """Return how places are compared in a month's checkout."""
    return load_standing_terms(month.project.params)


def indicators_of(month: Results, groups: Sequence[Group] = ()) -> dict[str, Indicator]:
    """Return the indicators of some groups (all without any), those that bind here first."""
    chosen = {
        name: one
        for name, one in load_indicators(month.project.params).items()
        if not groups or one.group in groups
    }
    return dict(sorted(chosen.items(), key=lambda item: (item[1].is_comparison, item[1].group)))


def headline_indicators(month: Results) -> dict[str, Indicator]:
    """Return the indicators that stand on cards and in comparisons of places, in their order."""
    known = load_indicators(month.project.params)
    return {name: known[name] for name in standing_terms(month).headline_indicators}


def is_in_force(indicator: Indicator, month: str) -> bool:
    """Say whether an indicator's document was in force by the end of a month."""
    start: date = indicator.effective_from
    return start <= last_day(month)


def name_indicator(indicator: Indicator) -> str:
    """Return the Chinese name; an indicator that does not bind here is called a comparison."""
    return f"{indicator.label.zh}（对照）" if indicator.is_comparison else indicator.label.zh


def place_level(prefecture_code: str | None) -> tuple[Level, str]:
    """Return level and code of the place that a page is about."""
    return ("prefecture", prefecture_code) if prefecture_code else ("province", province_code())


def rows_of(
    month: Results,
    names: Sequence[str],
    level: Level,
    prefecture_code: str | None = None,
    *,
    with_parts: bool = False,
) -> pd.DataFrame:
    """Return where places stand, fit to be published.

    Counties are withheld within their prefectures over the whole province, and cut afterwards, so
    that two pages never show one cell in two ways.

    Parameters
    ----------
    names : sequence of str
        Indicators.
    prefecture_code : str, optional
        Only this prefecture, or its counties.
    with_parts : bool
        Parts beside the whole.

    Returns
    -------
    DataFrame
        As :func:`healthmon.standing.table.stand_all` with what
        :func:`healthmon.show.disclosure.withhold_rates` adds, ``prefecture_code``, ``name``, and
        texts: ``backlog_shown``, ``target_points_shown``, ``needed_shown``, ``best_points_shown``,
        ``best_shown``; ``state_known``: the state where a reader may know it, else ``*``.
    """
    standing = month.standing
    chosen = standing[standing["indicator"].isin(names) & (standing["level"] == level)]
    chosen = chosen if with_parts else chosen[chosen["part"] == ""]
    rows = withhold_of(month, place(chosen))
    rows = _add_texts(rows, load_indicators(month.project.params))
    if prefecture_code:
        rows = rows[rows["prefecture_code"] == prefecture_code]
    order = {name: number for number, name in enumerate(names)}
    key = rows["indicator"].map(order)
    return rows.assign(order=key).sort_values(["order", "part", "code"]).reset_index(drop=True)


def place(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``prefecture_code`` and ``name`` to rows of one level (``level``, ``code``)."""
    counties = read_places("counties").set_index("code")["prefecture_code"]
    names = place_names("prefectures") | place_names("counties")
    codes = rows["code"]
    return rows.assign(
        prefecture_code=codes.map(counties).fillna(codes), name=codes.map(names).fillna("全省")
    )


def withhold_of(month: Results, rows: pd.DataFrame) -> pd.DataFrame:
    """Withhold small counts of indicators' rows of one level, indicator by indicator and month."""
    rows = rows.reset_index(drop=True)
    keys = [name for name in ("indicator", "part", "month") if name in rows]
    if (rows["level"] == "county").any():
        keys.append("prefecture_code")
    frames = {name: one.frame for name, one in load_indicators(month.project.params).items()}
    of_people = ~rows["indicator"].map(frames).isin(NOT_PEOPLE)
    threshold = terms_of(month).disclosure.threshold
    # the parts of an indicator add up to the whole in a place; the whole stands by itself
    whole = (rows["part"] == "").rename("is_whole")
    rows = rows.assign(is_whole=whole)
    across = [*(name for name in ("indicator", "month") if name in rows), "code", "is_whole"]
    across = across if "code" in rows and not whole.all() else None
    parts = [
        withhold_rates(part, least, by=keys, across=across)
        for part, least in ((rows[of_people], threshold), (rows[~of_people], 1))
        if len(part)
    ]
    gated = pd.concat(parts).sort_index() if parts else withhold_rates(rows, threshold)
    return gated.drop(columns="is_whole")


def _add_texts(rows: pd.DataFrame, indicators: dict[str, Indicator]) -> pd.DataFrame:
    is_more = rows["indicator"].map(lambda name: indicators[name].direction) == "more"
    is_open = rows["is_open"]
    texts = {
        "backlog_shown": rows["left_shown"].where(is_more, rows["numerator_shown"]),
        "state_known": [
            _know_state(indicators[row.indicator], row) for row in rows.itertuples(index=False)
        ],
    }
    for column, text in (
        ("target_points", "target_points_shown"),
        ("best_points", "best_points_shown"),
    ):
        texts[text] = rows[column].map("{:.1f}".format, na_action="ignore")
    for column, text in (("needed_count", "needed_shown"), ("best_count", "best_shown")):
        texts[text] = rows[column].map(lambda count: show_count(count, 1), na_action="ignore")
    for text in ("target_points_shown", "best_points_shown", "needed_shown", "best_shown"):
        texts[text] = texts[text].astype(object).where(is_open, WITHHELD_BESIDE)
        texts[text] = texts[text].where(rows[_SOURCE[text]].notna(), "—")
    return rows.assign(**texts)


_SOURCE = {
    "target_points_shown": "target_points",
    "best_points_shown": "best_points",
    "needed_shown": "needed_count",
    "best_shown": "best_count",
}


def _know_state(indicator: Indicator, row: tuple) -> str:
    """Return the state, where what is shown leaves it open: withheld."""
    if row.is_open or row.denominator == 0 or not indicator.target:
        return row.state
    target = float(as_share(indicator.target.pct))
    # bounds are strict where a count is withheld
    surely_more, surely_less = row.known_lowest >= target, row.known_highest < target
    if indicator.direction == "more":
        return "reached" if surely_more else "under" if surely_less else WITHHELD_BESIDE
    return "under" if row.known_lowest > target else WITHHELD_BESIDE
