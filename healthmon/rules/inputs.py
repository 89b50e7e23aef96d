"""Inputs that no form states: counted over the rows of a county, township or village."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import model_validator

from healthmon.exports import list_tables
from healthmon.parameters import Label, Parameters, load_parameters
from healthmon.rules.conditions import LEAST, Condition


class DerivedInput(Parameters):
    """What an input is and which rows it is made from."""

    label: Label
    table: str
    column: str | None = None
    """The column of the table that it is, where it is one row's value."""
    sum: str | None = None
    count: tuple[Condition, ...] | None = None
    facility_levels: tuple[str, ...] = ()
    household_kinds: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "DerivedInput":
        if self.sum is not None and self.count is not None:
            raise ValueError("an input is a sum or a count")
        return self

    def derive(self, rows: pd.DataFrame, unit: str) -> pd.DataFrame:
        """Derive the input for each unit that has rows.

        Parameters
        ----------
        rows : DataFrame
            Rows of the input's table.
        unit : str
            Column of the unit, such as ``township_code``.

        Returns
        -------
        DataFrame
            Whole numbers by unit: `value`, missing where a missing value leaves it open, and
            `least`, what it is at least.
        """
        units = rows[unit]
        if self.sum is not None:
            column = rows[self.sum].astype("Int64").groupby(units)
            least, is_open = column.sum(), column.count() < column.size()
        else:
            surely = possibly = np.ones(len(rows), dtype=bool)
            if self.count:
                surely, possibly = Condition(all=self.count).evaluate(rows)
            least, most = (
                pd.Series(s, rows.index).groupby(units).sum() for s in (surely, possibly)
            )
            is_open = least != most
        least = least.astype("Int64")
        return pd.DataFrame({"value": least.mask(is_open), "least": least})


class _DerivedInputs(Parameters):
    inputs: dict[str, DerivedInput]


@cache
def load_inputs(params: Path) -> dict[str, DerivedInput]:
    """Read the derived inputs.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "standards" / "inputs.yml", _DerivedInputs).inputs


@cache
def input_words(params: Path) -> dict[str, dict[str, str]]:
    """Collect the Chinese words for the codes of inputs that are categories."""
    tables = list_tables(params)
    words = {
        name: {code: word for word, code in column.values.items()}
        for table in tables.values()
        for name, column in table.columns.items()
        if column.values
    }
    for name, item in load_inputs(params).items():
        if item.column and tables[item.table].columns[item.column].values:
            words[name] = words[item.column]
    return words


@cache
def input_labels(params: Path) -> dict[str, Label]:
    """Collect the labels of all inputs: headers of the exports, and the derived ones."""
    # where tables share a name, the first one's header stands: hospitals come before villages
    stated = {
        name: Label(zh=column.header, en=column.label)
        for table in reversed(list_tables(params).values())
        for name, column in table.columns.items()
    }
    return stated | {name: item.label for name, item in load_inputs(params).items()}


def add_inputs(
    units: pd.DataFrame,
    unit: str,
    names: list[str],
    rows: pd.DataFrame,
    params: Path,
    incomplete: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Add derived inputs of one table to a frame of units.

    A unit without rows has a sum or count of 0, unless its prefecture delivered no row of the
    table at all, or rows of it were set aside that name no division: then nothing is known. Nor
    is it for a unit of which a row was set aside; what is open carries its least value in
    ``<input>_at_least``.

    Parameters
    ----------
    units : DataFrame
        With the column `unit` (a division code).
    names : list of str
        Inputs to add; all from the table that `rows` belong to.
    incomplete : frozenset of str
        Divisions of which rows of the table were set aside; a prefecture for those unread.
    """
    prefectures = units[unit].str[:4]
    unread = {code[:4] for code in incomplete if len(code) == 6 and code.endswith("00")}
    known = set(rows[unit].str[:4].unique()) - unread
    delivered = prefectures.map(dict.fromkeys(known, True)).notna().to_numpy()
    is_open = units[unit].map(dict.fromkeys(incomplete, True)).notna().to_numpy()
    inputs = load_inputs(params)
    added = {}
    for name in names:
        derived = inputs[name].derive(rows, unit)
        values, least = (units[unit].map(derived[end]).astype("Int64") for end in derived)
        none = delivered & least.isna().to_numpy()
        added[name] = values.mask(none, 0).mask(is_open)
        if added[name].isna().any():
            added[f"{name}{LEAST}"] = least
    return units.assign(**added)
