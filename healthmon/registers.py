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
    rows = scan_table(project, "registered_persons", until)
    is_over = nw.col("last_status") == nw.col("last_ending")
    has_moved = ~nw.col("moved_date").is_null()
    return (
        _follow_stays(rows)
        .filter(nw.col("order") == nw.col("last_stating"))
        .with_columns(
            joined_date=nw.coalesce("joined", "first_known"),
            left_date=nw.when(is_over).then(nw.col("ended")).otherwise(nw.col("moved_date")),
            left_reason=nw.when(is_over)
            .then(nw.col("ended_by"))
            .otherwise(nw.when(has_moved).then(nw.lit("moved_household"))),
            is_latest=nw.col("last") == nw.col("person_last"),
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
    rows = _replay(scan_table(project, "registered_households", until), ("household_id",), REMOVING)
    village = nw.col("village_code")
    return (
        rows.filter(nw.col("order") == nw.col("last_stating"))
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
    """Add to every row when its person's stay in its household began and how it ended."""
    stay = ("person_id", "household_id")
    order, change_date = nw.col("order"), nw.col("change_date")
    is_end = nw.when(order == nw.col("last_ending"))
    return (
        _replay(rows, stay, LEAVING)
        .with_columns(
            joined=nw.when(nw.col("change").is_in(JOINING)).then(change_date),
            ended=is_end.then(change_date),
            ended_by=is_end.then(nw.col("change")),
            # the person's next row; behind the last one of a household it lies in another
            next_date=change_date.shift(-1).over("person_id", order_by="order"),
            person_last=order.max().over("person_id"),
        )
        .with_columns(moved_date=nw.when(order == nw.col("last")).then(nw.col("next_date")))
        .with_columns(
            joined=nw.col("joined").min().over(*stay),
            first_known=change_date.min().over(*stay),
            ended=nw.col("ended").max().over(*stay),
            ended_by=nw.col("ended_by").max().over(*stay),
            moved_date=nw.col("moved_date").max().over(*stay),
        )
    )


def _replay(rows: nw.LazyFrame, who: tuple[str, ...], ending: tuple[str, ...]) -> nw.LazyFrame:
    """Number the change rows of each person or household in the order in which they count.

    Adds ``order`` and its largest value among the rows of the same `who` that join
    (``last_joining``), end (``last_ending``), do either (``last_status``), and state attributes
    (``last_stating``: rows that end nothing, or else the last of all).
    """
    numbered = rows.with_columns(order=change_order())
    order, change = nw.col("order"), nw.col("change")
    is_ending, is_joining = change.is_in(ending), change.is_in(JOINING)
    return (
        numbered.with_columns(
            joining=nw.when(is_joining).then(order),
            ending=nw.when(is_ending).then(order),
            status=nw.when(is_joining | is_ending).then(order),
            stating=nw.when(~is_ending).then(order),
        )
        .with_columns(
            last_joining=nw.col("joining").max().over(*who),
            last_ending=nw.col("ending").max().over(*who),
            last_status=nw.col("status").max().over(*who),
            last_stated=nw.col("stating").max().over(*who),
            last=order.max().over(*who),
        )
        .with_columns(last_stating=nw.coalesce("last_stated", "last"))
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
