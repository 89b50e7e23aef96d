"""Who is on the poverty register: change rows replayed up to a month.

The register comes once as a whole, then as changes. The row with the later day of change wins; on
the same day the one delivered later. Rows that end something (death, moving out, removal) say when
it ended; everything else about a person or household comes from the last row that states it.
"""

import datetime

import narwhals as nw
import pandas as pd

from healthmon.project import Project
from healthmon.replay import (
    HOME,
    REMOVING,
    STAY,
    change_order,
    follow_stays,
    replay,
    rows_of_movers,
    span_homes,
    take_stating,
)
from healthmon.tables import scan_table

_PERSON = (
    "household_id", "sex", "birth_date", "ethnic_group", "education", "labour_capacity",
    "is_disabled", "relation",
)  # fmt: skip
_HOUSEHOLD = ("village_code", "household_kind", "main_cause")
_PLACES = ("village_code", "township_code", "county_code", "prefecture_code")


def memberships(project: Project, until: str) -> nw.LazyFrame:
    """Return the members of registered households, past ones included.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is seen, as in ``2022-06``.

    Returns
    -------
    narwhals.LazyFrame
        One row a person and household: ``person_id``, ``household_id``, ``sex``, ``birth_date``,
        ``ethnic_group``, ``education``, ``labour_capacity``, ``is_disabled``, ``relation``,
        ``joined_date`` (for who was there when the register first came, the day that row gives;
        the first day known where the joining row is missing), ``left_date`` (null for who has
        not left), ``left_reason`` (``died``, ``moved_out``, ``moved_household``) and
        ``is_latest`` (the household that the person was last known in). Who left a household and
        came back belongs to it in between, too.

    Raises
    ------
    UserError
        When `until` is no month.

    References
    ----------
    GZ-1, monthly changes of the register.
    """
    rows = scan_table(project, "registered_persons", until).with_columns(order=change_order())
    is_over = nw.col("last_status") == nw.col("last_ending")
    has_moved = ~nw.col("moved_date").is_null()
    return (
        take_stating(rows, follow_stays(rows), STAY)
        .with_columns(
            joined_date=nw.coalesce("joined", "first_known"),
            left_date=nw.when(is_over).then(nw.col("ended")).otherwise(nw.col("moved_date")),
            left_reason=nw.when(is_over)
            .then(nw.col("ended_by"))
            .otherwise(nw.when(has_moved).then(nw.lit("moved_household"))),
            is_latest=~nw.coalesce(nw.col("is_left"), nw.lit(False)),
        )
        .select("person_id", *_PERSON, "joined_date", "left_date", "left_reason", "is_latest")
    )


def households(project: Project, until: str) -> nw.LazyFrame:
    """Return every household that was ever on the register, removed ones included.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is seen.

    Returns
    -------
    narwhals.LazyFrame
        One row a household, as last stated: ``household_id``, ``village_code``,
        ``township_code``, ``county_code``, ``prefecture_code``, ``household_kind``,
        ``main_cause``, ``is_removed``.

    Raises
    ------
    UserError
        When `until` is no month.
    """
    rows = scan_table(project, "registered_households", until).with_columns(order=change_order())
    village = nw.col("village_code")
    return (
        take_stating(rows, replay(rows, HOME, REMOVING), HOME)
        .with_columns(
            township_code=village.str.slice(0, 9),
            county_code=village.str.slice(0, 6),
            prefecture_code=nw.concat_str(village.str.slice(0, 4), nw.lit("00")),
            is_removed=nw.coalesce(nw.col("last_status") == nw.col("last_ending"), nw.lit(False)),
        )
        .select("household_id", *_PLACES, *_HOUSEHOLD[1:], "is_removed")
    )


def current_households(project: Project, until: str) -> nw.LazyFrame:
    """Return the households on the register after the changes of a month.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is seen.

    Returns
    -------
    narwhals.LazyFrame
        As :func:`households`, without those removed and without ``is_removed``.

    Raises
    ------
    UserError
        When `until` is no month.
    """
    return households(project, until).filter(~nw.col("is_removed")).drop("is_removed")


def last_homes(project: Project, until: str) -> nw.LazyFrame:
    """Return the household that each person was last known in, where it is and of what kind.

    Households removed from the register are included: their members were on it before.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is seen.

    Returns
    -------
    narwhals.LazyFrame
        One row a person: ``person_id`` with the columns of :func:`households`. Persons whose
        household is not known are left out.

    Raises
    ------
    UserError
        When `until` is no month.
    """
    # the last row says it: stays need not be replayed, and few persons have several
    rows = scan_table(project, "registered_persons", until).with_columns(order=change_order())
    settled = span_homes(rows).filter(nw.col("least") == nw.col("most"))
    moved = (
        rows_of_movers(rows)
        .with_columns(last=nw.col("order").max().over("person_id"))
        .filter(nw.col("order") == nw.col("last"))
    )
    homes = nw.concat(
        [settled.select("person_id", household_id=nw.col("least")), moved.select(*STAY)]
    )
    return homes.join(households(project, until), on="household_id", how="inner")


def count_register(project: Project, month: str) -> pd.DataFrame:
    """Count households and persons on the register on the last day of a month.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen.

    Returns
    -------
    DataFrame
        ``county_code``, ``prefecture_code``, ``household_kind``, ``household_count``,
        ``person_count``. Households without a member left count as households.

    Raises
    ------
    UserError
        When `month` is no month.
    """
    by = ["county_code", "prefecture_code", "household_kind"]
    now = current_households(project, month).select("household_id", *by)
    there = _present(memberships(project, month), last_day(month)).select("household_id")
    persons = _count(there.join(now, on="household_id", how="inner"), by, "person_count")
    counts = _count(now, by, "household_count").merge(persons, on=by, how="left")
    counts["person_count"] = counts["person_count"].fillna(0).astype("int64")
    return counts.sort_values(by, ignore_index=True)


def present_persons(project: Project, month: str) -> pd.DataFrame:
    """List who is on the register on the last day of a month.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen.

    Returns
    -------
    DataFrame
        ``person_id``, ``household_id``, ``county_code``, one row a person, sorted by person: the
        household that the person was last known in.

    Raises
    ------
    UserError
        When `month` is no month.
    """
    now = current_households(project, month).select("household_id", "county_code")
    there = _present(memberships(project, month), last_day(month)).filter(nw.col("is_latest"))
    found = there.select("person_id", "household_id").join(now, on="household_id", how="inner")
    return found.collect("pandas").to_native().sort_values("person_id", ignore_index=True)


def _count(rows: nw.LazyFrame, by: list[str], name: str) -> pd.DataFrame:
    counted = rows.group_by(by).agg(nw.len().alias(name)).with_columns(nw.col(name).cast(nw.Int64))
    return counted.collect("pandas").to_native()


def _present(members: nw.LazyFrame, day: datetime.date) -> nw.LazyFrame:
    """Keep who has joined by a day and not left by it."""
    limit = nw.lit(day)
    stayed = nw.col("left_date").is_null() | (nw.col("left_date") > limit)
    return members.filter(nw.col("joined_date") <= limit, stayed)


def last_day(month: str) -> datetime.date:
    """Return the last day of a month written as ``2022-06``."""
    year, number = int(month[:4]), int(month[5:])
    following = datetime.date(year + number // 12, number % 12 + 1, 1)
    return following - datetime.timedelta(days=1)
