"""One status a person, the changes of a month, and deadlines kept or missed (GZ-1)."""

import datetime
import re

import pandas as pd

from healthmon.exports import list_tables, load_exports
from healthmon.project import Project, check_month
from healthmon.registers import last_day, present_persons
from healthmon.statuses import ASSISTANCE
from healthmon.tables import PERSON_INDEX, read_table

STATUSES = ("poverty_register", "extreme_poverty_support", "subsistence_allowance")
"""In the order in which they count; GZ-1 settles the first before the third."""
_DIRECTIONS = {
    "added": "came", "born": "came",
    "died": "left", "moved_out": "left", "removed": "left", "stopped": "left",
    "updated": "changed",
}  # fmt: skip
_CHANGES = [
    "register", "change", "reason", "change_date", "person_id", "household_id", "county_code",
]  # fmt: skip
_IDS = {"person_id": "Int64", "household_id": "Int64"}


def person_statuses(project: Project, month: str) -> pd.DataFrame:
    """Give each person the one status that counts on the last day of a month.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen.

    Returns
    -------
    DataFrame
        ``person_id``; ``status``, one of :data:`STATUSES`; ``is_on_poverty_register``,
        ``has_extreme_poverty_support``, ``has_subsistence_allowance``. One row for each person
        with any of them, sorted by person.

    Raises
    ------
    UserError
        When `month` is no month.

    References
    ----------
    GZ-1: a person in the poverty register and in the subsistence allowance counts as poverty
    register. That 特困 counts before 低保 is inferred: nobody is granted both.
    """
    kinds = receiving_assistance(project, month)
    named = {
        "is_on_poverty_register": present_persons(project, month)["person_id"],
        "has_extreme_poverty_support": kinds.loc[
            kinds["status"] == "extreme_poverty_support", "person_id"
        ],
        "has_subsistence_allowance": kinds.loc[
            kinds["status"] == "subsistence_allowance", "person_id"
        ],
    }
    everybody = pd.concat(list(named.values())).drop_duplicates().sort_values()
    found = pd.DataFrame({"person_id": everybody.astype("Int64").to_numpy()})
    found["status"] = None
    for status, (flag, persons) in zip(STATUSES, named.items(), strict=True):
        found[flag] = found["person_id"].isin(persons)
        found["status"] = found["status"].where(found["status"].notna() | ~found[flag], status)
    return found[["person_id", "status", *named]]


def receiving_assistance(project: Project, month: str) -> pd.DataFrame:
    """List who receives assistance on the last day of a month.

    A person may have several rows; the one with the later day of change counts, of one day the
    one delivered later.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen.

    Returns
    -------
    DataFrame
        ``person_id``, ``kind`` (as delivered), ``status`` (as in :data:`STATUSES`) and
        ``county_code``, from the file or, where it is stated, the village.

    Raises
    ------
    UserError
        When `month` is no month.
    """
    columns = [
        "person_id", "kind", "village_code", "change", "change_date",
        "source_file", "source_row", "delivered_month",
    ]  # fmt: skip
    rows = read_table(project, "social_assistance", until=month, columns=columns)
    rows = rows[rows["change_date"] <= pd.Timestamp(last_day(month))]
    order = ["change_date", "delivered_month", "source_row"]
    last = rows.sort_values(order, kind="stable").drop_duplicates(
        ["person_id", "kind"], keep="last"
    )
    last = last[last["change"] != "stopped"].sort_values("person_id", kind="stable")
    last = last.assign(
        status=last["kind"].map(ASSISTANCE),
        county_code=_counties(project, "social_assistance", last),
    )
    return last[["person_id", "kind", "status", "county_code"]].reset_index(drop=True)


def list_changes(project: Project, month: str) -> pd.DataFrame:
    """List who came to the registers, left them or changed, as delivered in one month.

    Parameters
    ----------
    project : Project
    month : str

    Returns
    -------
    DataFrame
        ``register`` (``poverty_register``, ``subsistence_allowance`` or
        ``extreme_poverty_support``), ``change`` (``came``, ``left``, ``changed``), ``reason`` (as
        delivered), ``change_date``, ``person_id`` (null for whole households), ``household_id``
        (null for assistance), ``county_code``. Ids only. What stood there when a register first
        came is no change.

    Raises
    ------
    UserError
        When `month` is no month.

    References
    ----------
    GZ-1, monthly changes of the poverty register and the subsistence allowance.
    """
    check_month(month)
    homes = read_table(
        project, "registered_households", until=month, columns=["household_id", "village_code"]
    ).drop_duplicates("household_id", keep="last")
    county_of = homes.set_index("household_id")["village_code"].str[:6]
    persons = read_table(project, "registered_persons", months=[month])
    households = read_table(project, "registered_households", months=[month])
    assisted = read_table(project, "social_assistance", months=[month])
    parts = [
        rows.assign(
            register="poverty_register", county_code=rows["household_id"].map(county_of)
        )
        for rows in (households, persons)
    ]  # fmt: skip
    parts.append(
        assisted.assign(
            register=assisted["kind"].map(ASSISTANCE),
            county_code=_counties(project, "social_assistance", assisted),
        )
    )
    # ids have 63 bits: a column filled with NaN would make floats of them
    parts = [rows.assign(**{key: pd.NA for key in _IDS if key not in rows}) for rows in parts]
    found = pd.concat([rows.astype(_IDS) for rows in parts])
    found = found.assign(reason=found["change"], change=found["change"].map(_DIRECTIONS))
    found = found[found["change"].notna()][_CHANGES]
    return found.sort_values(["county_code", "register", "change", "change_date"], kind="stable",
                             ignore_index=True)  # fmt: skip


def count_changes(project: Project, month: str) -> pd.DataFrame:
    """Count the persons of :func:`list_changes` by county.

    Returns
    -------
    DataFrame
        ``county_code``, ``prefecture_code``, ``register``, ``change``, ``person_count``: each
        person once. Households by themselves are not counted.
    """
    rows = list_changes(project, month).dropna(subset=["person_id", "county_code"])
    by = ["county_code", "register", "change"]
    counts = rows.groupby(by)["person_id"].nunique().rename("person_count").reset_index()
    prefectures = counts["county_code"].str[:4] + "00"
    counts.insert(1, "prefecture_code", prefectures)
    return counts.astype({"person_count": "int64"})


def judge_deadlines(project: Project, month: str) -> pd.DataFrame:
    """Say for each file of a month that has a deadline whether it came in time.

    Parameters
    ----------
    project : Project
    month : str
        The month of the files; their deadline lies in the month after. Receipts are those noted
        in the folders up to and with `month`.

    Returns
    -------
    DataFrame
        ``month``, ``department``, ``table``, ``file_name``, ``place_code`` (county or prefecture;
        null for the province), ``deadline_date``, ``received_date`` (the first, where a file was
        sent again), ``state`` (``kept``, ``missed``; ``undetermined`` without a receipt),
        ``clause``.

    Raises
    ------
    UserError
        When `month` is no month.

    References
    ----------
    GZ-1: changes of the registers by the 10th, matched by the insurance department by the 15th.
    """
    receipts = read_table(project, "receipts", until=check_month(month))
    stems = receipts["file_name"].str.split("/").str[-1].str.split(".").str[0]
    first = receipts["received_date"].groupby(stems).min()
    rows = [
        {
            "month": month,
            "department": department,
            "table": name,
            "file_name": file,
            "place_code": _place_of(table.file_pattern().fullmatch(file)),
            "deadline_date": _following(month, table.deadline.day),
            "received_date": first.get(file.split(".")[0], pd.NaT),
            "clause": table.deadline.clause,
        }
        for department, about in load_exports(project.params).items()
        for name, table in about.tables.items()
        if table.deadline
        for file in table.file_names(month)
    ]
    found = pd.DataFrame(rows)
    found["deadline_date"] = pd.to_datetime(found["deadline_date"])
    found["received_date"] = pd.to_datetime(found["received_date"])
    late = found["received_date"] > found["deadline_date"]
    state = pd.Series("kept", index=found.index).mask(late, "missed")
    found.insert(7, "state", state.mask(found["received_date"].isna(), "undetermined"))
    return found


def read_person_index(project: Project, until: str) -> pd.DataFrame:
    """Read the person index: one row for everybody whom any department has named.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is seen.

    Returns
    -------
    DataFrame
        ``person_id``, ``first_month``, ``first_table`` (the first by name in that month) and for
        each department ``known_to_<department>``. Sorted by person.

    Raises
    ------
    UserError
        When `until` is no month.
    """
    rows = read_table(project, PERSON_INDEX, until=until)
    rows = rows.sort_values(["person_id", "first_month", "first_table"], ignore_index=True)
    index = rows.drop_duplicates("person_id")[["person_id", "first_month", "first_table"]]
    index = index.reset_index(drop=True)
    for department in _naming_departments(project):
        known = rows.loc[rows["department"] == department, "person_id"]
        index[f"known_to_{department}"] = index["person_id"].isin(known)
    return index


def _naming_departments(project: Project) -> list[str]:
    """List the departments that deliver any table with identity numbers."""
    return sorted(
        name
        for name, department in load_exports(project.params).items()
        for columns in [[c for t in department.tables.values() for c in t.columns.values()]]
        if any(column.type == "identity_number" for column in columns)
    )


def _counties(project: Project, name: str, rows: pd.DataFrame) -> pd.Series:
    """Return the county of each row: of the village stated, else the one its file is from."""
    pattern = list_tables(project.params)[name].file_pattern()
    files = rows["source_file"].drop_duplicates()
    of_file = {file: _place_of(pattern.search(file.rsplit("/", 1)[-1])) for file in files}
    return rows["village_code"].str[:6].combine_first(rows["source_file"].map(of_file))


def _place_of(found: re.Match[str] | None) -> str | None:
    groups = found.groupdict() if found else {}
    return groups.get("county") or groups.get("prefecture")


def _following(month: str, day: int) -> datetime.date:
    return last_day(month) + datetime.timedelta(days=day)
