"""What only the simulator knows: what would have happened without help.

Only for simulated data. Nothing here feeds the model; it is what model and rule are held against
a second time, since a household that was flagged and helped looks like a false alarm.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from healthmon.intake.identity import Pseudonyms, load_key
from healthmon.project import Project
from healthmon.risk.cohorts import is_below

_WITH, _WITHOUT = "net_income_per_head_fen", "net_income_per_head_without_help_fen"


def has_truth(project: Project) -> bool:
    """Say whether the data is simulated and comes with its truth."""
    return project.is_simulated and _path(project).exists()


def read_untreated(
    project: Project, year: int, household_ids: pd.Index, line_fen: int
) -> pd.Series:
    """Read whether households would have been below the line in a year without any help.

    Parameters
    ----------
    project : Project
        With :func:`has_truth`.
    year : int
        Year of the outcome.
    household_ids : Index
        Households asked about.
    line_fen : int
        Poverty line of that year per person.

    Returns
    -------
    Series
        Nullable boolean by household id; missing for households that the truth does not hold.
    """
    truth = _read_years(project, [year], [_WITHOUT])
    below = is_below(truth[_WITHOUT], truth["member_count"], truth["oop_fen"], line_fen)
    return below.astype("boolean").reindex(household_ids)


def read_help(project: Project, line_fen: dict[int, int]) -> pd.DataFrame:
    """Read who was helped, and income and outcome with and without that help.

    Parameters
    ----------
    project : Project
        With :func:`has_truth`.
    line_fen : dict
        Year of the outcome to the poverty line of that year per person.

    Returns
    -------
    DataFrame
        By ``year`` and ``household_id``: ``untreated_income_fen`` and ``treated_income_fen``
        (per member), ``is_helped``, ``is_fallen_untreated`` and ``is_fallen_treated`` (below
        the line, whatever the household was before).
    """
    truth = _read_years(project, [*line_fen], [_WITH, _WITHOUT, "is_helped"])
    line = truth["year"].map(line_fen)
    spent = truth["member_count"], truth["oop_fen"]
    found = pd.DataFrame(
        {
            "untreated_income_fen": truth[_WITHOUT].astype("Int64"),
            "treated_income_fen": truth[_WITH].astype("Int64"),
            "is_helped": truth["is_helped"].astype("boolean"),
            "is_fallen_untreated": is_below(truth[_WITHOUT], *spent, line).astype("boolean"),
            "is_fallen_treated": is_below(truth[_WITH], *spent, line).astype("boolean"),
        }
    )
    return found.set_index(truth["year"], append=True).swaplevel()


def _read_years(project: Project, years: list[int], columns: list[str]) -> pd.DataFrame:
    """Read the truth of some years by household id, with year, members and spending."""
    wanted = ["household_no", "year", "member_count", "oop_fen", *columns]
    truth = pd.read_parquet(_path(project), columns=wanted)
    truth = truth[truth["year"].isin(years)]
    pseudonyms = Pseudonyms(load_key(project), simulated=True)
    # to hash the numbers takes a second; most households come in every year
    places, numbers = pd.factorize(truth["household_no"])
    ids = np.array([pseudonyms.household_id(number) for number in numbers], dtype=np.int64)
    return truth.set_index(pd.Index(ids[places], name="household_id"))


def _path(project: Project) -> Path:
    return project.raw / "truth" / "outcomes.parquet"
