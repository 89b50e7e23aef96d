"""Who was newly listed as one of the three kinds of household, when, and what was then done."""

import narwhals as nw
import pandas as pd

from healthmon.deadlines.terms import DeadlineTerms, load_deadline_terms
from healthmon.project import Project
from healthmon.registers import last_day
from healthmon.replay import change_order
from healthmon.tables import read_table, scan_table

RECORDS = "monitored_households"
_SOURCE = ["source_file", "source_sheet", "source_row", "delivered_month"]
_COLUMNS = ["household_id", "kind", "listed_date", "left_date", "village_code", *_SOURCE]


def list_listings(project: Project, month: str) -> pd.DataFrame:
    """List the households that the register newly put into one of the three kinds.

    Parameters
    ----------
    project : Project
    month : str
        Month of the report; only what had been delivered by then is seen.

    Returns
    -------
    DataFrame
        One row a listing, by day and household: ``household_id``, ``kind``, ``listed_date``,
        ``left_date`` (day on which the household was removed or left the three kinds; null while
        it is listed), codes of its village, township, county and prefecture on the day of listing,
        ``source_file``, ``source_sheet``, ``source_row`` and ``delivered_month`` of the register's
        row; then what the health department recorded: ``is_recorded`` (null where no record of
        any household had come by the month), ``first_recorded_date``, and for each deadline its
        day, null when none, and ``is_<day>_strange``: a day before the listing or after the
        month's end, which is taken out.

    Raises
    ------
    UserError
        When the month is none.

    References
    ----------
    KF-2; JL-1 for the three kinds.
    """
    terms = load_deadline_terms(project.params)
    rows = _monitored_rows(project, month, terms)
    listed = rows[rows["is_listing"]].rename(
        columns={"household_kind": "kind", "change_date": "listed_date"}
    )[_COLUMNS]
    village = listed["village_code"]
    listed = listed.assign(
        township_code=village.str[:9], county_code=village.str[:6],
        prefecture_code=village.str[:4] + "00",
    )  # fmt: skip
    recorded = listed.merge(
        _latest_records(project, month), on=["household_id", "listed_date"], how="left"
    )
    is_recorded = recorded["is_recorded"].astype("boolean").fillna(False)
    recorded["is_recorded"] = is_recorded if _has_come(project, month) else pd.NA
    recorded["is_recorded"] = recorded["is_recorded"].astype("boolean")
    end = pd.Timestamp(last_day(month))
    for column in (deadline.column for deadline in terms.deadlines.values()):
        day = recorded[column]
        strange = day.notna() & ((day < recorded["listed_date"]) | (day > end))
        recorded[f"is_{column}_strange"] = strange
        recorded[column] = day.mask(strange)
    return recorded.sort_values(["listed_date", "household_id"], ignore_index=True)


def count_left_out(project: Project, month: str) -> pd.DataFrame:
    """Count what the list of listings cannot hold.

    Parameters
    ----------
    project : Project
    month : str

    Returns
    -------
    DataFrame
        One row: ``undated_count``, households that were of the three kinds already when the
        register first named them; ``unmatched_count``, pairs of household and day of listing that
        the health department recorded and the register does not know.

    Raises
    ------
    UserError
        When the month is none.
    """
    rows = _monitored_rows(project, month, load_deadline_terms(project.params))
    keys = ["household_id", "listed_date"]
    listed = rows.loc[rows["is_listing"]].rename(columns={"change_date": "listed_date"})[keys]
    records = _latest_records(project, month)[keys]
    found = records.merge(listed, on=keys, how="left", indicator=True)
    undated, unmatched = rows["is_undated"].sum(), (found["_merge"] == "left_only").sum()
    return pd.DataFrame({"undated_count": [int(undated)], "unmatched_count": [int(unmatched)]})


def _monitored_rows(project: Project, month: str, terms: DeadlineTerms) -> pd.DataFrame:
    """Return the change rows of every household that was ever of the three kinds, in order.

    ``is_listing``: the row puts it there; ``is_undated``: the register's first row has it there
    without saying since when; ``left_date``: the day of the first later row that takes it out.
    """
    kind, change = nw.col("household_kind"), nw.col("change")
    rows = scan_table(project, "registered_households", month).with_columns(
        order=change_order(), is_monitored=kind.is_in(list(terms.kinds)) & (change != "removed")
    )
    rows = rows.filter(nw.col("change_date") <= nw.lit(last_day(month)))
    some = rows.filter(nw.col("is_monitored")).select("household_id").unique()
    wanted = ["household_id", "household_kind", "change", "change_date", "village_code", *_SOURCE]
    chosen = rows.join(some, on="household_id", how="semi").select(*wanted, "order", "is_monitored")
    found = chosen.collect("pandas").to_native().sort_values(["household_id", "order"])
    found = found.astype({"change_date": "datetime64[s]"}).reset_index(drop=True)
    home, is_in = found["household_id"], found["is_monitored"].astype(bool)
    is_first = ~home.duplicated()
    enters = is_in & (is_first | ~is_in.shift(fill_value=False))
    # a row of the stock, or a change of what nobody had stated, does not say since when
    is_dated = (found["change"] == "added") | ((found["change"] == "updated") & ~is_first)
    left = found["change_date"].where(~is_in).groupby(home).bfill()
    return found.assign(is_listing=enters & is_dated, is_undated=enters & ~is_dated, left_date=left)


def _has_come(project: Project, month: str) -> bool:
    files = (project.processed / RECORDS).glob("????-??.parquet")
    return any(path.stem <= month for path in files)


def _latest_records(project: Project, month: str) -> pd.DataFrame:
    """Return the last row of each household and listing, with the day of the first one."""
    keys = ["household_id", "listed_date"]
    rows = read_table(project, RECORDS, month).dropna(subset=keys)
    rows = rows.sort_values([*keys, "change_date", "delivered_month", "source_row"], kind="stable")
    first = rows.groupby(keys, as_index=False)["change_date"].min()
    last = rows.drop_duplicates(keys, keep="last").drop(columns=["change_date", *_SOURCE])
    first = first.rename(columns={"change_date": "first_recorded_date"})
    return last.merge(first, on=keys).assign(is_recorded=True).astype({"household_id": "int64"})
