"""Net income of households as departments state it."""

import pandas as pd

from healthmon.project import Project
from healthmon.tables import read_table


def read_incomes(project: Project, year: int, known_by: str) -> pd.DataFrame:
    """Read net income per member of one year, as last stated by `known_by`.

    Returns
    -------
    DataFrame
        ``income_per_member_fen`` by ``household_id``.
    """
    columns = ["household_id", "year", "net_income_per_head_fen", "delivered_month", "source_row"]
    rows = read_table(project, "household_incomes", known_by, columns=columns)
    rows = rows[rows["year"] == year].sort_values(["delivered_month", "source_row"])
    last = rows.drop_duplicates("household_id", keep="last").astype({"household_id": "int64"})
    return last.set_index("household_id")[["net_income_per_head_fen"]].set_axis(
        ["income_per_member_fen"], axis=1
    )
