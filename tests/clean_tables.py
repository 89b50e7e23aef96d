"""Clean tables made by hand, for tests that need a few households and no simulator."""

import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from healthmon.exports import list_tables
from healthmon.project import Project, open_project
from healthmon.tables import table_schema

COUNTIES = ("630102", "632801", "632802")


def make_project(root: Path) -> Project:
    """Make an empty checkout with the real parameters."""
    shutil.copytree(open_project().params, root / "params")
    return Project(root)


def deliver(project: Project, table: str, month: str, rows: list[dict]) -> None:
    """Write what one month brought; columns that are not given are missing."""
    schema = table_schema(list_tables(project.params)[table])
    common = {"source_file": "hand.csv", "delivered_month": month}
    full = [common | {"source_row": n} | row for n, row in enumerate(rows, start=2)]
    if unknown := {key for row in full for key in row} - set(schema.names):
        raise ValueError(f"{table} has no columns {unknown}")
    path = project.processed / table / f"{month}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: [row.get(name) for row in full] for name in schema.names}
    pq.write_table(pa.table(columns, schema=schema), path)


def household(household_id: int, **other: object) -> dict:
    return {
        "household_id": household_id, "village_code": COUNTIES[1] + "100201",
        "household_kind": "lifted", "change": "existing", "change_date": date(2019, 1, 1),
    } | other  # fmt: skip


def person(person_id: int, household_id: int, **other: object) -> dict:
    return {
        "person_id": person_id, "household_id": household_id, "sex": "male",
        "birth_date": date(1980, 7, 1), "change": "existing", "change_date": date(2019, 1, 1),
    } | other  # fmt: skip


def settlement(number: object, person_id: int, day: date, oop_fen: int, **other: object) -> dict:
    """One settlement of which half is left to the household."""
    return {
        "settlement_no": str(number), "person_id": person_id, "settled_date": day,
        "visit_type": "inpatient", "facility_county_code": COUNTIES[1],
        "total_fen": 2 * oop_fen, "basic_paid_fen": oop_fen, "major_illness_paid_fen": 0,
        "assistance_paid_fen": 0, "out_of_scope_fen": 0, "out_of_pocket_fen": oop_fen,
    } | other  # fmt: skip


def income(household_id: int, year: int, fen: int) -> dict:
    return {"household_id": household_id, "year": year, "net_income_per_head_fen": fen}


def make_random_project(root: Path, households: int = 700, until: str = "2022-06") -> Project:
    """Make a project of random households whose spending and income last from year to year.

    Two persons each; incomes and settlements of 2019 up to `until`. Every twentieth household's
    settlements come late, in September of the next year.
    """
    project, rng = make_project(root), np.random.default_rng(11)
    ids = np.arange(1, households + 1)
    counties = rng.choice(COUNTIES, households)
    homes = [
        household(int(i), village_code=f"{c}100201") for i, c in zip(ids, counties, strict=True)
    ]
    born = rng.integers(1935, 2015, 2 * households)
    people = [
        person(
            n + 1,
            n // 2 + 1,
            birth_date=date(int(year), 3, 1),
            relation="head" if n % 2 else "child",
        )
        for n, year in enumerate(born)
    ]
    deliver(project, "registered_households", "2019-01", homes)
    deliver(project, "registered_persons", "2019-01", people)
    deliver(project, "chronic_patients", "2019-01", [])
    deliver(project, "major_disease_cases", "2019-01", [])
    frailty = rng.normal(size=households)
    level = rng.normal(9.0, 0.45, households)
    delivered = defaultdict(list)
    for year in range(2019, int(until[:4]) + 1):
        incomes = np.exp(level + rng.normal(0, 0.2, households)) * 100
        spent = np.exp(6.0 + 1.2 * frailty + rng.normal(0, 0.8, households)) * 100
        delivered["household_incomes", f"{year + 1}-01"] = [
            income(int(i), year, int(fen)) for i, fen in zip(ids, incomes, strict=True)
        ]
        for i, fen, month in zip(ids, spent, rng.choice([3, 10], households), strict=True):
            came = f"{year + 1}-09" if i % 20 == 0 else f"{year}-{month:02d}"
            delivered["settlements", came].append(
                settlement(f"{year}-{i}", int(2 * i), date(year, int(month), 15), int(fen))
            )
    for (table, month), rows in delivered.items():
        if month <= until:
            deliver(project, table, month, rows)
    return project
