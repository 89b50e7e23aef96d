"""Which counties, townships and villages a standard looks at."""

from collections.abc import Iterable
from typing import Literal

import pandas as pd

from healthmon.places import read_places
from healthmon.project import Project
from healthmon.tables import SET_ASIDE, read_table

Unit = Literal["county", "township", "village"]
_DIGITS = {"county_code": 6, "township_code": 9}


def list_units(
    project: Project,
    month: str,
    unit: Unit,
    kinds: tuple[str, ...] = (),
    with_form: Iterable[str] = (),
) -> pd.DataFrame:
    """List the units under monitoring.

    Counties are all of the province. Villages are those of each prefecture's latest list up to
    `month`. Townships are those of the given kinds in which such villages lie, and any that sent
    a form.

    Parameters
    ----------
    kinds : tuple of str
        Kinds of township, as in 乡, 镇; all where empty.
    with_form : iterable of str
        Codes of townships that sent a form.

    Returns
    -------
    DataFrame
        ``<unit>_code`` and the codes above it, in order.
    """
    if unit == "county":
        codes = read_places("counties")["code"]
    else:
        codes = _listed_villages(project, month)
    if unit == "township":
        townships = read_places("townships")
        wanted = set(codes.str[:9])
        if kinds:
            wanted &= set(townships.loc[townships["kind"].isin(kinds), "code"])
        codes = pd.Series(sorted(wanted | set(with_form)), dtype="str")
    name = f"{unit}_code"
    frame = pd.DataFrame({name: sorted(codes)}, dtype="str")
    return add_codes_above(frame, name)


def list_incomplete(project: Project, month: str, table: str) -> frozenset[str]:
    """List the divisions of which rows of a table were set aside in a month.

    A row names its own division where that could be read. Where it could not, the prefecture of
    its file stands for it (a code that ends in 00): no row of a unit there no longer means none.
    """
    aside = read_table(project, SET_ASIDE, months=[month])
    aside = aside[(aside["table"] == table) & (aside["reason_code"] != "repeated")]
    files = aside["source_file"].str.extract(r"_(\d{6})_", expand=False)
    return frozenset(aside["place_code"].fillna(files).dropna())


def add_codes_above(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Add the codes of the divisions above the one in column `name`."""
    codes = frame[name]
    added = {above: codes.str[:digits] for above, digits in _DIGITS.items() if above != name}
    if name == "county_code":
        added.pop("township_code")
    return frame.assign(**added, prefecture_code=codes.str[:4] + "00")


def _listed_villages(project: Project, month: str) -> pd.Series:
    lists = read_table(project, "monitored_villages", until=month)
    latest = lists.groupby(lists["village_code"].str[:4])["delivered_month"].transform("max")
    return lists.loc[lists["delivered_month"] == latest, "village_code"].drop_duplicates()
