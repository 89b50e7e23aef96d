"""To which of the documents' groups each person belongs at the ends of the months, and where."""

from collections.abc import Sequence

import narwhals as nw

from healthmon.indicators.span import Span
from healthmon.tables import hold

GROUPS = {
    "is_registered_poor": ("poor", "lifted", "unstable"),
    "is_out_of_poverty": ("lifted", "unstable"),
    "is_monitored": ("unstable", "marginal", "sudden_difficulty"),
    "has_extreme_support": ("extreme_poverty_support",),
    "has_allowance": ("subsistence_allowance",),
}
"""Fact to the statuses that make it true (QH-5, KF-2, KF-3)."""


def people(
    span: Span, only: nw.LazyFrame | None = None, cuts: Sequence[nw.LazyFrame] = ()
) -> nw.LazyFrame:
    """Say from which to which month each person belongs to the same groups.

    Nearly everybody is the same all year: stretches of months are ten times fewer than months.

    Parameters
    ----------
    span : Span
    only : narwhals.LazyFrame, optional
        Persons asked for (``person_id``); all by default.
    cuts : sequence of narwhals.LazyFrame
        ``person_id`` and ``cut``: months at which a stretch is to begin for other reasons.

    Returns
    -------
    narwhals.LazyFrame
        One row a person and stretch: ``person_id``, ``from_month``, ``to_month`` (exclusive),
        ``household_id`` (null outside the register), ``place_code`` (village, or county where no
        village is stated), the facts of :data:`GROUPS`. Persons in no group have no row.
    """
    spells = span.spells
    if only is not None:
        spells = hold(spells.join(only.select("person_id").unique(), on="person_id", how="semi"))
    place, is_registered = nw.coalesce("village_code", "county_code"), "household_id"
    marked = spells.select(
        "person_id", "household_id", "from_month", "to_month",
        register_place=nw.when(~nw.col(is_registered).is_null()).then(place),
        other_place=nw.when(nw.col(is_registered).is_null()).then(place),
        **{
            name: nw.when(nw.col("status").is_in(statuses)).then(1).otherwise(0)
            for name, statuses in GROUPS.items()
        },
    )  # fmt: skip
    stretches = _stretches(span, spells, cuts)
    begins, ends = nw.col("begin"), nw.col("end")
    return (
        stretches.join(marked, on="person_id", how="inner")
        .filter(nw.col("from_month") <= begins, nw.col("to_month") > begins)
        .group_by("person_id", "begin", "end")
        .agg(nw.col(*GROUPS, "household_id", "register_place", "other_place").max())
        .select(
            "person_id", "household_id",
            *(nw.col(name) == 1 for name in GROUPS),
            from_month=begins,
            to_month=ends,
            place_code=nw.coalesce("register_place", "other_place"),
        )
    )  # fmt: skip


def _stretches(span: Span, spells: nw.LazyFrame, cuts: Sequence[nw.LazyFrame]) -> nw.LazyFrame:
    """Cut each person's months wherever anything changes: ``person_id``, ``begin``, ``end``."""
    at = [spells.select("person_id", cut=nw.col(name)) for name in ("from_month", "to_month")]
    last = span.last_number + 1
    begins = (
        nw.concat([*at, *(cut.select("person_id", "cut") for cut in cuts)])
        .filter(nw.col("cut") >= span.first_number, nw.col("cut") < last)
        .unique()
    )
    following = nw.col("cut").shift(-1).over("person_id", order_by="cut")
    return begins.with_columns(end=following).select(
        "person_id", begin=nw.col("cut"), end=nw.coalesce("end", nw.lit(last))
    )


def with_people(rows: nw.LazyFrame, span: Span) -> nw.LazyFrame:
    """Add each row's person's groups and place at the month's end (``person_id``, ``number``).

    Who is in no group is in none of them. A ``place_code`` that the rows have stands for persons
    of whom the registers know no place.
    """
    found = people(span, rows).rename({"place_code": "home_place"})
    keys = rows.select("person_id", "number").unique()
    number = nw.col("number")
    there = keys.join(found, on="person_id", how="inner").filter(
        nw.col("from_month") <= number, nw.col("to_month") > number
    )
    there = there.drop("from_month", "to_month")
    joined = rows.join(there, on=["person_id", "number"], how="left")
    own = ["place_code"] if "place_code" in rows.collect_schema() else []
    return joined.with_columns(
        *(nw.coalesce(nw.col(name), nw.lit(False)) for name in GROUPS),
        place_code=nw.coalesce("home_place", *own),
    ).drop("home_place")
