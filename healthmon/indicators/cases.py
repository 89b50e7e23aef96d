"""Major-disease cases at the end of each month: verified, treated, reported, struck off."""

import narwhals as nw
import pyarrow as pa

from healthmon.indicators.disease_lists import DiseaseLists, load_disease_lists
from healthmon.indicators.people import GROUPS, with_people
from healthmon.indicators.span import Span
from healthmon.replay import change_order
from healthmon.tables import connection, hold

_STEPS = ("verified", "treated", "reported", "closed")
_BOTH = ("person_id", "disease")


def cases(span: Span) -> nw.LazyFrame:
    """Return the facts of each case known at each month's end.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        ``person_id``, ``disease`` (as on the lists; as written where it is on none), ``month``,
        ``place_code``, ``household_id``, the groups of :mod:`.people`, ``diagnosed_date``,
        ``verified_date``, ``is_on_<list>`` for each list of ``params/major_diseases.yml`` (null
        where the name is not known), ``is_planned``, ``is_verified``, ``is_treated``,
        ``is_reported``, ``is_closed`` by the month's end. ``is_planned`` is null as long as no
        case at all has a plan.

    References
    ----------
    QH-3, GZ-3, KF-4.
    """
    lists = load_disease_lists(span.project.params)
    stated = hold(_latest(span, lists))
    months = span.months.select("month", "number", "last_day")
    rows = stated.join(months, how="cross").filter(nw.col("known_date") <= nw.col("last_day"))
    has_plans = len(stated.filter(~nw.col("plan_date").is_null()).head(1).collect("pandas")) > 0
    facts = {f"is_{step}": _by_then(f"{step}_date") for step in _STEPS}
    facts["is_planned"] = nw.when(nw.lit(has_plans)).then(_by_then("plan_date"))
    for name in lists.lists:
        facts[f"is_on_{name}"] = nw.when(nw.col("is_known")).then(_by_then(f"since_{name}"))
    return with_people(hold(rows), span).with_columns(**facts).select(
        *_BOTH, "month", "place_code", "household_id", *GROUPS, "diagnosed_date",
        "verified_date", *facts,
    )  # fmt: skip


def _by_then(column: str) -> nw.Expr:
    """Say whether a day has come by the month's end; a blank has not."""
    return nw.coalesce(nw.col(column) <= nw.col("last_day"), nw.lit(False))


def _latest(span: Span, lists: DiseaseLists) -> nw.LazyFrame:
    """Return the last row of each case, and the day of its first."""
    rows = span.scan("major_disease_cases").rename({"disease": "written"})
    named = rows.join(_names(lists), on="written", how="left")
    named = named.with_columns(
        is_known=~nw.col("disease").is_null(), disease=nw.coalesce("disease", "written")
    )
    ordered = named.with_columns(order=change_order()).with_columns(
        last=nw.col("order").max().over(*_BOTH), known_date=nw.col("change_date").min().over(*_BOTH)
    )
    return ordered.filter(nw.col("order") == nw.col("last"))


def _names(lists: DiseaseLists) -> nw.LazyFrame:
    """Map names as written to diseases and the days since which they are on the lists."""
    names = lists.names()
    since = {
        f"since_{key}": [lists.diseases[disease].since.get(key) for disease in names.values()]
        for key in lists.lists
    }
    columns = {
        "written": pa.array(list(names), pa.string()),
        "disease": pa.array(list(names.values()), pa.string()),
        **{name: pa.array(days, pa.date32()) for name, days in since.items()},
    }
    return nw.from_native(connection().from_arrow(pa.table(columns)))
