"""Chronic patients at the end of each month: under contract, visited, managed as the rules ask."""

import narwhals as nw

from healthmon.indicators.people import with_people
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
    facts = with_people(listed, span)
    contracts = contract_days(span)
    visits = _visits(span)
    rows = facts.join(contracts, on="person_id", how="left")
    rows = rows.join(_managed(span, listed, visits), on=[*_BOTH, "month"], how="left")
    rows = rows.join(_home_visits(span, listed), on=[*_BOTH, "month"], how="left")
    for quarters, name in ((1, "quarter_known"), (QUARTERS, "year_known")):
        known = span.known_windows("follow_up_visits", quarters).rename({"is_known": name})
        rows = rows.join(known, on="month", how="left")
    return rows.with_columns(**_facts(span)).select(
        *_BOTH, "month", "place_code", "household_id", "is_registered_poor", "is_out_of_poverty",
        "is_monitored", "has_extreme_support", "has_allowance", *_facts(span),
    )  # fmt: skip


def _facts(span: Span) -> dict[str, nw.Expr]:
    col = nw.col
    signed = nw.coalesce(col("signed_date") <= col("last_day"), nw.lit(False))
    visited = nw.coalesce(col("visited_last") == 1, nw.lit(False))
    done = nw.coalesce(col("visited_quarters"), nw.lit(0)) >= col("due_quarters")
    return {
        "has_contract": nw.when(
            col("number") >= span.first_delivered("family_doctor_contracts")
        ).then(signed),
        "is_visit_due": col("from_date") < col("quarter_first"),
        "is_visited": nw.when(visited | col("quarter_known")).then(visited),
        # a visit not delivered may only be missing
        "is_managed": nw.when(done | col("year_known")).then(done),
        "is_visited_at_home": nw.when(
            col("number") >= span.first_delivered("follow_up_visits")
        ).then(nw.coalesce(col("at_home") == 1, nw.lit(False))),
    }


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
    """Return the quarters in which each patient was visited, each once."""
    rows = span.scan("follow_up_visits").select(*_BOTH, "visit_date")
    day = nw.col("visit_date")
    quarter = day.dt.year() * 4 + (day.dt.month() - 1) // 3
    return hold(rows.with_columns(visit_quarter=quarter).select(*_BOTH, "visit_quarter").unique())


def _managed(span: Span, listed: nw.LazyFrame, visits: nw.LazyFrame) -> nw.LazyFrame:
    """Count the quarters due and those with a visit, up to the last full one of each month."""
    col = nw.col
    start = col("from_date")
    # the quarter in which a patient comes onto the list does not count
    first_due = start.dt.year() * 4 + (start.dt.month() - 1) // 3 + 1
    due = listed.with_columns(first_due=first_due)
    from_ = nw.max_horizontal(col("first_due"), col("quarter") - (QUARTERS - 1))
    asked = due.with_columns(first_asked=from_).select(
        *_BOTH, "month", "quarter", "first_asked",
        due_quarters=nw.max_horizontal(col("quarter") - from_ + 1, nw.lit(0)),
    )  # fmt: skip
    made = (
        asked.join(visits, on=list(_BOTH), how="inner")
        .filter(col("visit_quarter") >= col("quarter") - (QUARTERS - 1))
        .filter(col("visit_quarter") <= col("quarter"))
        .with_columns(
            counted=nw.when(col("visit_quarter") >= col("first_asked")).then(1).otherwise(0),
            visited_last=nw.when(col("visit_quarter") == col("quarter")).then(1).otherwise(0),
        )
        .group_by(*_BOTH, "month")
        .agg(nw.col("counted").sum(), nw.col("visited_last").max())
        .with_columns(visited_quarters=nw.col("counted").cast(nw.Int64))
        .drop("counted")
    )
    kept = asked.select(*_BOTH, "month", "due_quarters")
    return kept.join(made, on=[*_BOTH, "month"], how="left")


def _home_visits(span: Span, listed: nw.LazyFrame) -> nw.LazyFrame:
    """Say who was visited at home within the twelve months up to each month's end."""
    rows = span.scan("follow_up_visits").filter(nw.col("visit_mode") == "home")
    made = rows.select(*_BOTH, visit_month=month_number("visit_date")).unique()
    asked = listed.select(*_BOTH, "month", "number")
    within = asked.join(made, on=list(_BOTH), how="inner").filter(
        nw.col("visit_month") > nw.col("number") - 12, nw.col("visit_month") <= nw.col("number")
    )
    return within.select(*_BOTH, "month", at_home=nw.lit(1)).unique()
