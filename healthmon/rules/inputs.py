"""Inputs that no form states: counted over the rows of a county, township or village."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import model_validator

from healthmon.exports import list_tables
from healthmon.parameters import Label, Parameters, load_parameters
from healthmon.rules.conditions import Condition


class DerivedInput(Parameters):
    """What an input is and which rows it is made from."""

    label: Label
    table: str
    sum: str | None = None
    count: tuple[Condition, ...] | None = None
    facility_levels: tuple[str, ...] = ()
    household_kinds: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "DerivedInput":
        if self.sum is not None and self.count is not None:
            raise ValueError("an input is a sum or a count")
        return self

    def derive(self, rows: pd.DataFrame, unit: str) -> pd.Series:
        """Derive the input for each unit that has rows.

        Parameters
        ----------
        rows : DataFrame
            Rows of the input's table.
        unit : str
            Column of the unit, such as ``township_code``.

        Returns
        -------
        Series
            Whole numbers by unit, missing where a missing value leaves them open.
        """
        units = rows[unit]
        if self.sum is not None:
            column = rows[self.sum].astype("Int64").groupby(units)
            return column.sum().mask(column.count() < column.size())
        surely = possibly = np.ones(len(rows), dtype=bool)
        if self.count:
            surely, possibly = Condition(all=self.count).evaluate(rows)
        counts = [pd.Series(side, rows.index).groupby(units).sum() for side in (surely, possibly)]
        return counts[0].astype("Int64").mask(counts[0] != counts[1])


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
def input_labels(params: Path) -> dict[str, Label]:
    """Collect the labels of all inputs: headers of the exports, and the derived ones."""
    stated = {
        name: Label(zh=column.header, en=column.label)
        for table in list_tables(params).values()
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
    table at all, or rows of it were set aside: then nothing is known.

    Parameters
    ----------
    units : DataFrame
        With the column `unit` (a division code).
    names : list of str
        Inputs to add; all from the table that `rows` belong to.
    incomplete : frozenset of str
        Prefectures of which rows of the table were set aside.
    """
    prefectures = units[unit].str[:4]
    delivered = prefectures.isin(set(rows[unit].str[:4])).to_numpy()
    delivered = delivered & ~prefectures.isin({code[:4] for code in incomplete}).to_numpy()
    inputs = load_inputs(params)
    added = {}
    for name in names:
        derived = inputs[name].derive(rows, unit)
        values = units[unit].map(derived).astype("Int64")
        none = delivered & ~units[unit].isin(derived.index).to_numpy()
        added[name] = values.mask(none, 0)
    return units.assign(**added)
