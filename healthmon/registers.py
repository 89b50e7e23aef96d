"""Who is on the poverty register: change rows replayed up to a month.

The register comes once as a whole, then as changes. The row with the later day of change wins; on
the same day the one delivered later. Rows that end something (death, moving out, removal) say when
it ended; everything else about a person or household comes from the last row that states it.
"""

import datetime

import narwhals as nw
import pandas as pd

from healthmon.project import Project
from healthmon.tables import scan_table

JOINING = ("existing", "added", "born")
LEAVING = ("died", "moved_out")
REMOVING = ("removed",)
_PERSON = (
    "household_id", "sex", "birth_date", "ethnic_group", "education", "labour_capacity",
    "is_disabled", "relation",
)  # fmt: skip
_HOUSEHOLD = ("village_code", "household_kind", "main_cause")
_PLACES = ("village_code", "township_code", "county_code", "prefecture_code")
_STAY, _HOME = ("person_id", "household_id"), ("household_id",)
"""Whose change rows are replayed: a person's in one household, a household's."""


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
        _take_stating(rows, _follow_stays(rows), _STAY)
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
        _take_stating(rows, _replay(rows, _HOME, REMOVING), _HOME)
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


def memberships_located(project: Project, until: str) -> nw.LazyFrame:
    """Return each person's last household with where and of what kind it is.

    Households removed from the register are included: their members were on it before.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is seen.

    Returns
    -------
    narwhals.LazyFrame
        One row a person: as :func:`memberships`, with the columns of :func:`households`. Persons
        whose household is not known are left out.

    Raises
    ------
    UserError
        When `until` is no month.
    """
    known = households(project, until)
    latest = memberships(project, until).filter(nw.col("is_latest"))
    return latest.join(known, on="household_id", how="inner")


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


def _follow_stays(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Say of each person's stay in a household when it began and how it ended.

    Adds to :func:`_replay` ``ended`` and ``ended_by`` (of the last ending row), and of those who
    were in several households ``moved_date`` (of the first row that puts the person elsewhere
    afterwards) and ``is_left`` (the person was in another one later).
    """
    order, day = nw.col("order"), nw.col("change_date")
    endings = (
        rows.filter(nw.col("change").is_in(LEAVING))
        .with_columns(last_ending=order.max().over(*_STAY))
        .filter(order == nw.col("last_ending"))
        .group_by(*_STAY)
        .agg(day.max().alias("ended"), nw.col("change").max().alias("ended_by"))
    )
    # few persons were ever in another household: only their rows are put in order
    homes = rows.group_by("person_id").agg(
        nw.col("household_id").min().alias("least"), nw.col("household_id").max().alias("most")
    )
    movers = homes.filter(nw.col("least") < nw.col("most"))
    moves = (
        rows.select(*_STAY, "order", "change_date")
        .join(movers, on="person_id", how="semi")
        .with_columns(
            last=order.max().over(*_STAY),
            person_last=order.max().over("person_id"),
            # behind the last row of a household the person's next one lies in another
            moved_date=day.shift(-1).over("person_id", order_by="order"),
        )
        .filter(order == nw.col("last"))
        .with_columns(is_left=nw.col("last") < nw.col("person_last"))
        .group_by(*_STAY)
        .agg(nw.col("moved_date", "is_left").max())
    )
    replayed = _replay(rows, _STAY, LEAVING)
    return replayed.join(endings, on=_STAY, how="left").join(moves, on=_STAY, how="left")


def _replay(rows: nw.LazyFrame, who: tuple[str, ...], ending: tuple[str, ...]) -> nw.LazyFrame:
    """Sum up the change rows of each person or household, which count in their ``order``.

    Returns
    -------
    narwhals.LazyFrame
        One row a `who`: the largest ``order`` of all its rows (``last``), of those that end
        (``last_ending``), end or join (``last_status``), and state attributes (``last_stating``:
        rows that end nothing, or else the last of all); the first days of joining (``joined``)
        and of all (``first_known``).
    """
    order, day, change = nw.col("order"), nw.col("change_date"), nw.col("change")
    is_ending, is_joining = change.is_in(ending), change.is_in(JOINING)
    return (
        rows.select(
            *who,
            last=order,
            last_ending=nw.when(is_ending).then(order),
            last_status=nw.when(is_joining | is_ending).then(order),
            last_stating=nw.when(~is_ending).then(order),
            joined=nw.when(is_joining).then(day),
            first_known=day,
        )
        .group_by(*who)
        .agg(
            nw.col("last", "last_ending", "last_status", "last_stating").max(),
            nw.col("joined", "first_known").min(),
        )
        .with_columns(last_stating=nw.coalesce("last_stating", "last"))
    )


def _take_stating(rows: nw.LazyFrame, replayed: nw.LazyFrame, who: tuple[str, ...]) -> nw.LazyFrame:
    """Put what was replayed beside the row that states the attributes."""
    # every column of the rows travels through the join alone: sorted, they took three times as long
    return rows.join(
        replayed, left_on=[*who, "order"], right_on=[*who, "last_stating"], how="inner"
    )


def change_order(day_column: str = "change_date") -> nw.Expr:
    """Return one whole number that grows with day of change, then month delivered, then row.

    Parameters
    ----------
    day_column : str
        Column with the day that the row speaks of.
    """
    day = nw.col(day_column).dt
    days = _int(day.year()) * 372 + _int(day.month()) * 31 + _int(day.day())
    month = nw.col("delivered_month").str
    months = _int(month.slice(0, 4)) * 12 + _int(month.slice(5, 2))
    # at most 10^6 days, 10^5 months and 10^7 rows in a file: below 2^63
    return (days * 100_000 + months) * 10_000_000 + _int(nw.col("source_row"))


def _int(expression: nw.Expr) -> nw.Expr:
    return expression.cast(nw.Int64)


def last_day(month: str) -> datetime.date:
    """Return the last day of a month written as ``2022-06``."""
    year, number = int(month[:4]), int(month[5:])
    following = datetime.date(year + number // 12, number % 12 + 1, 1)
    return following - datetime.timedelta(days=1)
