"""What only the simulator knows: what would have happened without help.

Only for simulated data. Nothing here feeds the model; it is what model and rule are held against
a second time, since a household that was flagged and helped looks like a false alarm.
"""

from pathlib import Path

import pandas as pd

from healthmon.intake.identity import Pseudonyms, load_key
from healthmon.project import Project
from healthmon.risk.cohorts import is_below


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
    columns = [
        "household_no", "year", "member_count", "oop_fen",
        "net_income_per_head_without_help_fen",
    ]  # fmt: skip
    truth = pd.read_parquet(_path(project), columns=columns)
    truth = truth[truth["year"] == year]
    pseudonyms = Pseudonyms(load_key(project), simulated=True)
    ids = [pseudonyms.household_id(number) for number in truth["household_no"]]
    income = truth["net_income_per_head_without_help_fen"]
    below = is_below(income, truth["member_count"], truth["oop_fen"], line_fen)
    return pd.Series(below.to_numpy(), index=ids, dtype="boolean").reindex(household_ids)


def _path(project: Project) -> Path:
    return project.raw / "truth" / "outcomes.parquet"
