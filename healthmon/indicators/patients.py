"""Chronic patients at the end of each month: under contract, visited, managed as the rules ask."""

from collections.abc import Iterable

import narwhals as nw

from healthmon.indicators.people import GROUPS, with_people
from healthmon.indicators.span import Span, month_number
from healthmon.statuses import until_next
from healthmon.tables import hold

_BOTH = ("person_id", "disease")
QUARTERS = 4
"""Quarters of a year's management."""


def patients(span: Span) -> nw.LazyFrame:
    """Return the facts of each patient and disease on the list at each month's end.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        ``person_id``, ``disease``, ``month``, ``place_code``, ``household_id``, the groups of
        :mod:`.people`, ``has_contract``, ``is_visit_due`` (on the list before the last full
        quarter began), ``is_visited`` (in it), ``is_managed`` (visited in each of the last four
        full quarters that began with the patient on the list), ``is_visited_at_home``
        (within the twelve months up to the month's end). Null where nobody can know.

    References
    ----------
    QH-3, GZ-10, KF-5, SD-7.
    """
    listed = hold(span.repeat(span.at_ends(_spells(span))))
    rows = with_people(listed, span).join(contract_days(span), on="person_id", how="left")
    rows = rows.join(_visits(span), on=list(_BOTH), how="left")
    for quarters, name in ((1, "quarter_known"), (QUARTERS, "year_known")):
        known = span.known_windows("follow_up_visits", quarters).rename({"is_known": name})
        rows = rows.join(known, on="month", how="left")
    known = span.known_year("follow_up_visits").rename({"is_known": "months_known"})
    rows = rows.join(known, on="month", how="left")
    facts = _facts(span)
    return rows.with_columns(**facts).select(
        *_BOTH, "month", "place_code", "household_id", *GROUPS, *facts
    )


def _facts(span: Span) -> dict[str, nw.Expr]:
    col, quarter = nw.col, nw.col("quarter")
    start, earliest = col("from_date").dt, quarter - (QUARTERS - 1)
    # the quarter in which a patient comes onto the list does not count
    begun = start.year().cast(nw.Int64) * 4 + (start.month().cast(nw.Int64) - 1) // 3 + 1
    first_due = nw.max_horizontal(begun, earliest)
    asked = {q: (first_due <= q) & (quarter >= q) for q in _quarters(span)}
    done = _add(_visited_in(q, asked[q]) for q in asked) >= quarter - first_due + 1
    visited = _add(_visited_in(q, quarter == q) for q in asked) > 0
    at_home = _add(nw.when(col("number") == n).then(col(f"home_{n}")) for n in _numbers(span)) > 0
    signed = nw.coalesce(col("signed_date") <= col("last_day"), nw.lit(False))
    contracts = col("number") >= span.first_delivered("family_doctor_contracts")
    return {
        "has_contract": nw.when(contracts).then(signed),
        "is_visit_due": col("from_date") < col("quarter_first"),
        # a visit not delivered may only be missing
        "is_visited": nw.when(visited | col("quarter_known")).then(visited),
        "is_managed": nw.when(done | col("year_known")).then(done),
        "is_visited_at_home": nw.when(at_home | col("months_known")).then(at_home),
    }


def _visited_in(quarter: int, where: nw.Expr) -> nw.Expr:
    return nw.when(where).then(nw.col(f"visited_{quarter}")).otherwise(0)


def _add(expressions: Iterable[nw.Expr]) -> nw.Expr:
    """Add 0 and 1 up; patients never visited have none."""
    return nw.sum_horizontal(*(nw.coalesce(one, nw.lit(0)) for one in expressions))


def _quarters(span: Span) -> list[int]:
    """List the quarters that any month looks at."""
    last = span.last_number // 3
    return list(range(span.first_number // 3 - QUARTERS, last + 1))


def _numbers(span: Span) -> range:
    return range(span.first_number, span.last_number + 1)


def contract_days(span: Span) -> nw.LazyFrame:
    """Return since when each person has had a contract: ``person_id``, ``signed_date``."""
    rows = span.scan("family_doctor_contracts").group_by("person_id")
    return rows.agg(nw.col("signed_date").min())


def _spells(span: Span) -> nw.LazyFrame:
    """Return from when to when each patient is on the list of a disease."""
    rows = span.scan("chronic_patients").select(
        *_BOTH, "village_code", "change", "change_date", "delivered_month", "source_row"
    )
    spells = until_next(rows, list(_BOTH)).filter(nw.col("change") != "removed")
    return spells.select(*_BOTH, "from_date", "to_date", place_code="village_code")


def _visits(span: Span) -> nw.LazyFrame:
    """Return for each patient 1 or 0 for every quarter visited and every year with a home visit.

    Years are those up to the end of each month of the span.
    """
    month, mode = month_number("visit_date"), nw.col("visit_mode")
    rows = span.scan("follow_up_visits").with_columns(visit_month=month, quarter=month // 3)
    visited, visit_month = nw.col("quarter"), nw.col("visit_month")
    made = {f"visited_{q}": visited == q for q in _quarters(span)}
    made |= {
        f"home_{n}": (mode == "home") & (visit_month > n - 12) & (visit_month <= n)
        for n in _numbers(span)
    }
    # one byte each: a patient's row is joined to every month of the patient
    marked = rows.select(
        *_BOTH, **{k: nw.when(v).then(1).otherwise(0).cast(nw.Int8) for k, v in made.items()}
    )
    return marked.group_by(*_BOTH).agg(nw.col(*made).max())
