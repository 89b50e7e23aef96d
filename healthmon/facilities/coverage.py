"""Any standard that flags counties, townships or villages by counts of their facilities."""

import pandas as pd

from healthmon.facilities.units import list_incomplete, list_units
from healthmon.project import Project
from healthmon.rules.inputs import add_inputs, load_inputs
from healthmon.rules.standards import FlagStandard, list_inputs, load_standard, require_in_force
from healthmon.tables import read_table


def flag_units(project: Project, month: str, name: str) -> pd.DataFrame:
    """Flag the units of a standard whose inputs are all derived from forms.

    Parameters
    ----------
    name : str
        The standard, as in ``KF/county_coverage``.

    Returns
    -------
    DataFrame
        One row a unit: its code and those above, the inputs, one column a flag (missing where
        undetermined).

    Raises
    ------
    UserError
        When the standard is not yet in force in `month`.

    References
    ----------
    KF-1, KF-7.
    """
    standard = load_standard(project.params, name, FlagStandard)
    require_in_force(standard, month)
    units = list_units(project, month, standard.unit, standard.unit_kinds)
    unit = f"{standard.unit}_code"
    inputs = load_inputs(project.params)
    wanted = list_inputs(standard)
    for table in dict.fromkeys(inputs[name].table for name in wanted):
        rows = read_table(project, table, months=[month])
        names = [name for name in wanted if inputs[name].table == table]
        incomplete = list_incomplete(project, month, table)
        units = add_inputs(units, unit, names, rows, project.params, incomplete)
    flags = {key: flag.when.evaluate(units).as_flags() for key, flag in standard.flags.items()}
    return units.assign(**flags)
