"""The two-monthly bulletin of inpatient costs (双月通报): by place, level of facility, distance."""

import narwhals as nw
import pandas as pd

from healthmon.costs.stays import add_reach, list_stays
from healthmon.costs.terms import load_cost_terms
from healthmon.project import Project, check_month
from healthmon.tables import collect_nullable, hold

PLACES = {"province": "province_code", "prefecture": "prefecture_code", "county": "county_code"}
DIVISIONS = {"all": None, "facility_level": "facility_level", "treated_in": "treated_in"}
"""What stays are divided by: nothing, level of the facility, how far from home."""
UNKNOWN = "unknown"
COUNTS = ("stay_count", "timely_stay_count", "dated_stay_count")
SUMS = ("total_fen", "timely_fen", "out_of_pocket_fen", "day_sum")
_PAIRS = 6
"""Pairs of months in a year."""


def count_bulletin(project: Project, month: str) -> pd.DataFrame:
    """Count the stays of registered poor patients in the last full pairs of months.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen. The last pair (Jan-Feb, ..., Nov-Dec) is the
        one that ends with it or before.

    Returns
    -------
    DataFrame
        As :func:`count_pairs`, with ``from_month`` and ``to_month`` of the pair.

    Raises
    ------
    ParameterError
        When ``costs.yml`` is refused.
    UserError
        When `month` is no month.

    References
    ----------
    QH-4.
    """
    terms = load_cost_terms(project.params).bulletin
    pairs = list_pairs(month, terms.pairs_shown)
    months = 2 * terms.pairs_shown + int(month[5:]) % 2
    poor = nw.col("household_kind").is_in(terms.population)
    counted = count_pairs(hold(list_stays(project, month, months).filter(poor)))
    names = {number_of(first): (first, last) for first, last in pairs}
    counted = counted[counted["pair"].isin(list(names))].reset_index(drop=True)
    counted.insert(1, "from_month", [names[pair][0] for pair in counted["pair"]])
    counted.insert(2, "to_month", [names[pair][1] for pair in counted["pair"]])
    return counted


def count_pairs(stays: nw.LazyFrame) -> pd.DataFrame:
    """Add stays up by pair of months, place of residence and division.

    Parameters
    ----------
    stays : narwhals.LazyFrame
        As :func:`healthmon.costs.stays.list_stays`, held.

    Returns
    -------
    DataFrame
        ``pair`` (its number: six a year), ``level`` (``province``, ``prefecture``, ``county``),
        ``code``, ``division`` (:data:`DIVISIONS`), ``part`` (empty for all; ``unknown`` where the
        level or a county is missing); ``stay_count``, ``patient_count`` (different persons);
        ``total_fen``, ``median_fen``, ``out_of_pocket_fen``; ``day_sum`` of the
        ``dated_stay_count`` stays whose length is known; ``timely_stay_count`` and
        ``timely_fen`` of those recorded in time: delivered with a month of the pair. Places
        without a stay have no row. Sorted by all that is counted by.
    """
    settled = nw.col("settled_date").dt
    number = settled.year() * _PAIRS + (settled.month() - 1) // 2
    delivered = nw.col("delivered_month").str
    delivered_in = (
        delivered.slice(0, 4).cast(nw.Int64) * _PAIRS
        + (delivered.slice(5, 2).cast(nw.Int64) - 1) // 2
    )
    begin, end = (nw.col(name).cast(nw.Datetime("us")) for name in ("visit_date", "discharge_date"))
    days = (end - begin).dt.total_seconds() // 86_400
    is_dated, is_timely = end >= begin, nw.col("delivered_in") <= nw.col("pair")
    rows = (
        add_reach(stays)
        .with_columns(
            pair=number.cast(nw.Int64),
            delivered_in=delivered_in,
            province_code=nw.concat_str(nw.col("county_code").str.slice(0, 2), nw.lit("0000")),
        )
        .with_columns(
            stay_count=nw.lit(1),
            dated_stay_count=nw.when(is_dated).then(1).otherwise(0),
            day_sum=nw.when(is_dated).then(days).otherwise(0),
            timely_stay_count=nw.when(is_timely).then(1).otherwise(0),
            timely_fen=nw.when(is_timely).then(nw.col("total_fen")).otherwise(0),
            facility_level=nw.coalesce("facility_level", nw.lit(UNKNOWN)),
            treated_in=nw.coalesce("treated_in", nw.lit(UNKNOWN)),
        )
    )
    held = hold(rows)
    parts = [_add_up(held, level, division) for level in PLACES for division in DIVISIONS]
    order = ["pair", "level", "code", "division", "part"]
    return pd.concat(parts, ignore_index=True).sort_values(order, ignore_index=True)


def _add_up(rows: nw.LazyFrame, level: str, division: str) -> pd.DataFrame:
    column = DIVISIONS[division]
    part = nw.col(column) if column else nw.lit("")
    keyed = rows.with_columns(code=nw.col(PLACES[level]), part=part)
    sums = (*COUNTS, *SUMS)
    added = keyed.group_by("pair", "code", "part").agg(
        nw.col(*sums).sum(),
        nw.col("person_id").n_unique().alias("patient_count"),
        nw.col("total_fen").median().alias("median_fen"),
    )
    found = collect_nullable(added.with_columns(nw.col(*sums, "patient_count").cast(nw.Int64)))
    return found.assign(level=level, division=division)[
        ["pair", "level", "code", "division", "part", "stay_count", "patient_count", "total_fen",
         "median_fen", "out_of_pocket_fen", "dated_stay_count", "day_sum", "timely_stay_count",
         "timely_fen"]
    ]  # fmt: skip


def list_pairs(month: str, count: int) -> list[tuple[str, str]]:
    """List the last full pairs of months up to a month, the earliest first.

    Returns
    -------
    list of tuple
        First and second month of each pair, as in ``("2022-05", "2022-06")``.
    """
    check_month(month)
    last = pd.Period(month, freq="M") - int(month[5:]) % 2
    return [(str(last - 2 * back - 1), str(last - 2 * back)) for back in reversed(range(count))]


def number_of(month: str) -> int:
    """Return the number of the pair that a month lies in, six a year."""
    return int(month[:4]) * _PAIRS + (int(month[5:]) - 1) // 2


def beside_year_before(counted: pd.DataFrame) -> pd.DataFrame:
    """Put the last pair beside the same pair of the year before.

    Parameters
    ----------
    counted : DataFrame
        As :func:`count_bulletin`.

    Returns
    -------
    DataFrame
        The rows of the last pair with every number of the year before as ``<name>_before``
        (missing where there was no stay). Counts and costs compare like with like where those
        recorded in time are compared.
    """
    keys = ["level", "code", "division", "part"]
    numbers = [name for name in counted if name not in (*keys, "pair", "from_month", "to_month")]
    last = counted[counted["pair"] == counted["pair"].max()]
    before = counted[counted["pair"] == counted["pair"].max() - _PAIRS]
    return last.merge(before[keys + numbers], on=keys, how="left", suffixes=("", "_before"))
