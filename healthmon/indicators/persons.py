"""Persons of the documents' groups at the ends of the months: under contract, or why not."""

import narwhals as nw

from healthmon.indicators.patients import contract_days
from healthmon.indicators.people import GROUPS, people
from healthmon.indicators.span import Span, month_number
from healthmon.statuses import until_next
from healthmon.tables import hold

NOT_STATED = "none"
"""Of who is without contract and not classed, or without action."""
_LEDGER = ("unsigned_class", "unsigned_action")


def persons(span: Span) -> nw.LazyFrame:
    """Return the facts of everybody who is in a group at a month's end.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        One row a person and stretch of months (``from_month``, ``to_month`` exclusive):
        ``person_id``, ``place_code``, ``household_id``, the groups of :mod:`.people`,
        ``has_contract`` (null before the contracts first came); ``unsigned_class`` and
        ``unsigned_action`` as the ledger of those without contract has them (``none`` where it
        has nothing; null before the ledger first came).

    References
    ----------
    GZ-5, KF-5.
    """
    signed = hold(
        contract_days(span).with_columns(signed_month=month_number("signed_date"))
        .select("person_id", "signed_month")
    )  # fmt: skip
    ledger = hold(_ledger(span))
    rows = people(span, cuts=_cuts(span, signed, ledger))
    rows = rows.join(signed, on="person_id", how="left")
    begin = nw.col("from_month")
    noted = ledger.join(rows.select("person_id", "from_month"), on="person_id", how="inner").filter(
        nw.col("noted_from") <= begin, nw.col("noted_to") > begin
    )
    rows = rows.join(
        noted.select("person_id", "from_month", *_LEDGER),
        on=["person_id", "from_month"],
        how="left",
    )
    has_contract = nw.coalesce(nw.col("signed_month") <= begin, nw.lit(False))
    has_contracts, has_ledger = (
        begin >= span.first_delivered(table)
        for table in ("family_doctor_contracts", "unsigned_persons")
    )
    return rows.select(
        "person_id", "from_month", "to_month", "place_code", "household_id", *GROUPS,
        has_contract=nw.when(has_contracts).then(has_contract),
        **{
            name: nw.when(has_ledger).then(nw.coalesce(nw.col(name), nw.lit(NOT_STATED)))
            for name in _LEDGER
        },
    )  # fmt: skip


def _cuts(span: Span, signed: nw.LazyFrame, ledger: nw.LazyFrame) -> list[nw.LazyFrame]:
    """List the months at which the facts of a person change, or begin to be known."""
    everybody = span.spells.select("person_id").unique()
    tables = ("family_doctor_contracts", "unsigned_persons")
    firsts = {span.first_delivered(table) for table in tables}
    inside = [first for first in firsts if span.first_number < first <= span.last_number]
    return [
        signed.select("person_id", cut=nw.col("signed_month")),
        *(ledger.select("person_id", cut=nw.col(name)) for name in ("noted_from", "noted_to")),
        *(everybody.with_columns(cut=nw.lit(first, nw.Int64)) for first in inside),
    ]


def _ledger(span: Span) -> nw.LazyFrame:
    """Return what the ledger says of whom from which to which month."""
    rows = span.scan("unsigned_persons").select(
        "person_id", "change", "change_date", "delivered_month", "source_row",
        unsigned_class=nw.col("class"), unsigned_action=nw.col("action"),
    )  # fmt: skip
    spells = until_next(rows, ["person_id"]).filter(nw.col("change") != "removed")
    return span.at_ends(spells).select(
        "person_id", *_LEDGER, noted_from=nw.col("from_month"), noted_to=nw.col("to_month")
    )
