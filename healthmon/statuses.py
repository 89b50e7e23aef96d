"""Since when and until when a person belongs to one of the groups that the documents speak of."""

import narwhals as nw

from healthmon.project import Project
from healthmon.registers import memberships
from healthmon.replay import REMOVING, change_order
from healthmon.source_places import file_places
from healthmon.tables import hold, scan_table

ASSISTANCE = {
    "rural_allowance": "subsistence_allowance",
    "urban_allowance": "subsistence_allowance",
    "extreme_poverty_support": "extreme_poverty_support",
}
"""Kind of assistance as delivered to the status it gives."""
SPELL = (
    "person_id", "status", "from_date", "to_date", "household_id", "village_code", "county_code",
)  # fmt: skip


def status_spells(project: Project, until: str) -> nw.LazyFrame:
    """Return who belonged to which group from which day to which day.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is seen, as in ``2022-06``.

    Returns
    -------
    narwhals.LazyFrame
        One row a spell: ``person_id``; ``status``, a kind of household on the register (``poor``,
        ``lifted``, ``unstable``, ``marginal``, ``sudden_difficulty``), ``extreme_poverty_support``
        or ``subsistence_allowance``; ``from_date``; ``to_date``, the first day no longer in it
        (null where it lasts); ``household_id`` (null for assistance), ``village_code``,
        ``county_code`` (of the village; for assistance without one, of the file). A person can be
        in several groups at once.

    Raises
    ------
    UserError
        When `until` is no month.

    References
    ----------
    GZ-1, KF-3, KF-5, JL-1.
    """
    members = hold(
        memberships(project, until).select(
            "person_id", "household_id", "joined_date", "left_date", "left_reason"
        )
    )
    died = (
        members.filter(nw.col("left_reason") == "died")
        .group_by("person_id")
        .agg(nw.col("left_date").max().alias("died_date"))
    )
    registered = _on_register(members, household_spells(project, until))
    return nw.concat([registered, _on_assistance(project, until, died)])


def household_spells(project: Project, until: str) -> nw.LazyFrame:
    """Return of which kind each household was from which day to which day, and where.

    Returns
    -------
    narwhals.LazyFrame
        ``household_id``, ``status`` (its kind), ``village_code``, ``from_date``, ``to_date``.
        Changes that leave kind and village as they are begin a new row, too.

    Raises
    ------
    UserError
        When `until` is no month.
    """
    rows = scan_table(project, "registered_households", until).select(
        "household_id", "village_code", "change", "change_date", "delivered_month", "source_row",
        status="household_kind",
    )  # fmt: skip
    spells = until_next(rows, ["household_id"]).filter(~nw.col("change").is_in(REMOVING))
    return spells.select("household_id", "status", "village_code", "from_date", "to_date")


def until_next(rows: nw.LazyFrame, who: list[str]) -> nw.LazyFrame:
    """Let every change last until the next one of the same `who`; those of the same day vanish.

    Parameters
    ----------
    rows : narwhals.LazyFrame
        Change rows: ``change_date``, ``delivered_month``, ``source_row`` and the columns of `who`.

    Returns
    -------
    narwhals.LazyFrame
        The rows with ``from_date`` and ``to_date`` (exclusive, null for the last of each `who`).
    """
    ordered = rows.with_columns(order=change_order(), from_date=nw.col("change_date"))
    following = nw.col("from_date").shift(-1).over(*who, order_by="order")
    spells = ordered.with_columns(to_date=following)
    return spells.filter(nw.col("to_date").is_null() | (nw.col("to_date") > nw.col("from_date")))


def _on_register(members: nw.LazyFrame, homes: nw.LazyFrame) -> nw.LazyFrame:
    start, joined = nw.col("from_date"), nw.col("joined_date")
    end, left = nw.col("to_date"), nw.col("left_date")
    return (
        members.join(homes, on="household_id", how="inner")
        .with_columns(
            from_date=nw.when(start > joined).then(start).otherwise(joined),
            to_date=nw.when(end.is_null() | (left < end)).then(left).otherwise(end),
            county_code=nw.col("village_code").str.slice(0, 6),
        )
        .filter(nw.col("to_date").is_null() | (nw.col("to_date") > nw.col("from_date")))
        .select(*SPELL)
    )


def _on_assistance(project: Project, until: str, died: nw.LazyFrame) -> nw.LazyFrame:
    """Return spells of assistance; nobody is helped after the death that the register knows."""
    stated = scan_table(project, "social_assistance", until).select(
        "person_id", "kind", "village_code", "change", "change_date", "delivered_month",
        "source_row", "source_file",
    )  # fmt: skip
    placed = stated.join(file_places(stated), on="source_file", how="left")
    status = nw.lit(None, dtype=nw.String)
    for kind, name in ASSISTANCE.items():
        status = nw.when(nw.col("kind") == kind).then(nw.lit(name)).otherwise(status)
    spells = until_next(placed, ["person_id", "kind"]).filter(nw.col("change") != "stopped")
    end, death = nw.col("to_date"), nw.col("died_date")
    spells = (
        spells.join(died, on="person_id", how="left")
        .with_columns(to_date=nw.when(end.is_null() | (death < end)).then(death).otherwise(end))
        .filter(nw.col("to_date").is_null() | (nw.col("to_date") > nw.col("from_date")))
    )
    return spells.with_columns(
        status=status,
        household_id=nw.lit(None, dtype=nw.Int64),
        county_code=nw.coalesce(nw.col("village_code").str.slice(0, 6), nw.col("file_place")),
    ).select(*SPELL)
