"""The person index: who is known, since when, from which departments; it only grows.

Each month's file holds a row for every person whom a department names for the first time.
"""

from healthmon.exports import load_exports
from healthmon.intake.month import StagedMonth, write_rows
from healthmon.intake.people import column_of_type
from healthmon.project import Project
from healthmon.tables import PERSON_INDEX, PERSON_INDEX_SCHEMA, connection


def index_persons(project: Project, staged: list[StagedMonth]) -> None:
    """Stage the person index of months that are read anew.

    Parameters
    ----------
    project : Project
    staged : list of StagedMonth
        With their tables as they will be published.
    """
    columns = {
        name: (department, column)
        for department, about in load_exports(project.params).items()
        for name, table in about.tables.items()
        if (column := column_of_type(table, "identity_number"))
    }
    by_month = {item.month: item for item in staged}
    opened = connection()
    opened.execute("CREATE OR REPLACE TEMP TABLE indexed (person_id BIGINT, department VARCHAR)")
    published = {p.stem: p for p in (project.processed / PERSON_INDEX).glob("????-??.parquet")}
    for month in sorted(by_month | published.keys()):
        if month > max(by_month):
            break
        path = published.get(month)
        if month in by_month:
            path = by_month[month].path(PERSON_INDEX)
            _write_month(by_month[month], columns)
        opened.execute(
            "INSERT INTO indexed SELECT person_id, department FROM read_parquet(?)", [str(path)]
        )
    opened.execute("DROP TABLE indexed")


def _write_month(item: StagedMonth, columns: dict[str, tuple[str, str]]) -> None:
    """Write who is new in a month: the first table by name that names them, by department."""
    parts = [
        f"SELECT DISTINCT {column} AS person_id, '{department}' AS department, "
        f"'{name}' AS first_table FROM read_parquet('{_quoted(item, name)}')"
        for name, (department, column) in sorted(columns.items())
        if item.path(name).exists()
    ]
    rows = PERSON_INDEX_SCHEMA.empty_table()
    if parts:
        rows = (
            connection()
            .sql(f"""
            SELECT person_id, department, '{item.month}' AS first_month,
                   min(first_table) AS first_table
            FROM ({" UNION ALL ".join(parts)}) AS named
            ANTI JOIN indexed USING (person_id, department)
            WHERE person_id IS NOT NULL
            GROUP BY ALL ORDER BY person_id, department
        """)
            .to_arrow_table()
            .cast(PERSON_INDEX_SCHEMA)
        )
    write_rows(rows, item.path(PERSON_INDEX))


def _quoted(item: StagedMonth, name: str) -> str:
    return str(item.path(name)).replace("'", "''")
