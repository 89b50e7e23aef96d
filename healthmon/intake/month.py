"""One month folder of ``data/raw``: found, read, typed and staged.

Nothing here touches ``data/processed``: the month's tables are written into a staging folder,
from which they are published when everything is there.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from healthmon.exports import Table, list_tables, load_exports
from healthmon.intake.faults import Fault, Problem, UnreadableError, faults_table
from healthmon.intake.identity import Pseudonyms
from healthmon.intake.people import IDENTITIES_SCHEMA, Link
from healthmon.intake.reading import CSV_SUFFIXES, Workbook, read_text_file
from healthmon.intake.repeats import set_repeats_aside
from healthmon.intake.sheet import Sheet, clean
from healthmon.intake.typing_rows import Place, type_rows
from healthmon.intake.vault import load_vault_key, seal, write_vault
from healthmon.project import Project
from healthmon.tables import SET_ASIDE


@dataclass
class SheetTally:
    """Rows of one table in one file: read = taken + set aside."""

    source_file: str
    table: str
    rows_read: int
    rows_taken: int = 0
    rows_set_aside: int = 0


@dataclass
class StagedMonth:
    """What reading one month gave.

    Parameters
    ----------
    month : str
    folder : Path
        Where its tables are staged.
    tallies : list of SheetTally
    problems : list of Problem
    faults : list of Fault
    unidentified : dict of str to pyarrow.Table
        Table to its rows that were set aside for their identity number alone; they hold names
        and are written nowhere.
    links : list of Link
        Rows taken by another way than their own valid number.
    """

    month: str
    folder: Path
    tallies: list[SheetTally] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unidentified: dict[str, pa.Table] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    @property
    def vault(self) -> Path:
        """Where the month's vault is staged."""
        return self.folder / f"{self.month}.vault"

    def path(self, table: str) -> Path:
        """Return where a table of the month is staged."""
        return self.folder / f"{table}.parquet"


Expected = dict[str, list[tuple[str, Table]]]
"""Path below data/raw to the tables that the file there holds."""


def expected_files(params: Path, month: str) -> Expected:
    """List the files that must come in a month, with the tables in each."""
    found: Expected = defaultdict(list)
    for department in load_exports(params).values():
        for name, table in department.tables.items():
            for file in table.file_names(month):
                found[f"{month}/{department.folder}/{file}"].append((name, table))
    return dict(sorted(found.items()))


def list_files(raw: Path, month: str) -> list[str]:
    """List what lies in a month folder, as paths below data/raw; hidden and lock files apart."""
    return sorted(
        path.relative_to(raw).as_posix()
        for path in (raw / month).rglob("*")
        if path.is_file() and not path.name.startswith((".", "~$"))
    )


def read_month(project: Project, month: str, pseudonyms: Pseudonyms, folder: Path) -> StagedMonth:
    """Read everything delivered in one month and stage its tables.

    Parameters
    ----------
    project : Project
    month : str
        As in ``2022-06``.
    pseudonyms : Pseudonyms
        Gives persons and households their ids.
    folder : Path
        Where the tables are staged.

    Raises
    ------
    UserError
        When two identity numbers get the same id.
    """
    staged = StagedMonth(month, folder)
    folder.mkdir(parents=True)
    delivered: dict[str, list[tuple[Place, Sheet]]] = defaultdict(list)
    for file, tables in _found_files(project, staged):
        for place, sheet in _open_sheets(project.raw / file, file, tables, staged):
            delivered[place.table].append((place, sheet))
    identities: list[pa.Table] = []
    for name, table in list_tables(project.params).items():
        if sheets := delivered.pop(name, None):
            identities += _stage(sheets, name, table, pseudonyms, staged)
    known = pa.concat_tables([IDENTITIES_SCHEMA.empty_table(), *identities])
    write_vault(seal(known, load_vault_key(project), month), staged.vault)
    tally(staged)
    return staged


def write_rows(rows: pa.Table, path: Path) -> None:
    """Write a table as Parquet; the same rows give the same bytes."""
    texts = [field.name for field in rows.schema if pa.types.is_string(field.type)]
    pq.write_table(
        rows.combine_chunks(),
        path,
        compression="zstd",
        use_dictionary=texts,
        row_group_size=1 << 17,
        store_schema=False,
    )


def tally(staged: StagedMonth) -> None:
    """Count rows taken and set aside, and write the rows set aside.

    Raises
    ------
    RuntimeError
        When rows read are not rows taken plus rows set aside.
    """
    aside: dict[tuple[str, str], set] = defaultdict(set)
    for fault in staged.faults:
        aside[fault.source_file, fault.table].add((fault.source_sheet, fault.source_row))
    taken: dict[tuple[str, str], int] = {}
    for name in {item.table for item in staged.tallies}:
        if staged.path(name).exists():
            files = pq.read_table(staged.path(name), columns=["source_file"])["source_file"]
            for count in files.value_counts().to_pylist():
                taken[count["values"], name] = count["counts"]
    for item in staged.tallies:
        item.rows_taken = taken.get((item.source_file, item.table), 0)
        item.rows_set_aside = len(aside[item.source_file, item.table])
        if item.rows_read != item.rows_taken + item.rows_set_aside:
            raise RuntimeError(f"counts do not add up: {item}")
    write_rows(faults_table(staged.faults), staged.path(SET_ASIDE))


def _found_files(
    project: Project, staged: StagedMonth
) -> Iterator[tuple[str, list[tuple[str, Table]]]]:
    """Match what lies there with what is expected; say what is missing and what is too much."""
    there, used = list_files(project.raw, staged.month), set()
    for file, tables in expected_files(project.params, staged.month).items():
        suffixes = CSV_SUFFIXES if file.endswith(".csv") else (".xlsx",)
        stem = file.removesuffix(".csv").removesuffix(".xlsx")
        found = [stem + suffix for suffix in suffixes if stem + suffix in there]
        if not found and all(table.optional for _, table in tables):
            continue
        if not found:
            reason = "the file is missing"
            staged.problems.append(Problem(file, None, None, "missing_file", reason))
            continue
        used.add(found[0])
        yield found[0], tables
    for file in there:
        if file not in used:
            reason = "the file is not in the list of exports for this month and was not read"
            staged.problems.append(Problem(file, None, None, "unexpected_file", reason))


def _open_sheets(
    path: Path, file: str, tables: list[tuple[str, Table]], staged: StagedMonth
) -> Iterator[tuple[Place, Sheet]]:
    """Open a file and each sheet asked for; what cannot be read becomes a problem."""
    try:
        book = Workbook(path) if file.endswith(".xlsx") else None
    except UnreadableError as error:
        staged.problems.append(Problem(file, None, None, error.code, error.reason))
        return
    for name, table in tables:
        place = Place(file, table.sheet, name, staged.month)
        try:
            sheet = book.read(table.sheet) if book else _read_text(path, table)
        except UnreadableError as error:
            staged.problems.append(place.problem(error.code, error.reason))
            continue
        yield place, sheet
    for name in _unasked(book, tables):
        reason = "the sheet is not in the list of exports and was not read"
        staged.problems.append(Problem(file, name, None, "unexpected_sheet", reason))


def _unasked(book: Workbook | None, tables: list[tuple[str, Table]]) -> list[str]:
    asked = {clean(table.sheet or "") for _, table in tables}
    return [name for name in book.sheet_names if name not in asked] if book else []


def _read_text(path: Path, table: Table) -> Sheet:
    headers = {
        clean(header)
        for column in table.columns.values()
        for header in (column.header, *column.aliases)
    }
    return read_text_file(path, table.encoding, headers)


def _stage(
    sheets: list[tuple[Place, Sheet]],
    name: str,
    table: Table,
    pseudonyms: Pseudonyms,
    staged: StagedMonth,
) -> list[pa.Table]:
    """Type the sheets of one table, write what is good of them; return identities to keep."""
    typed = type_rows(sheets, table, pseudonyms)
    staged.problems += typed.problems
    staged.tallies += [SheetTally(p.source_file, name, count) for p, count in typed.row_counts]
    rows, repeats = set_repeats_aside(typed.rows, name, table)
    staged.faults += typed.faults + repeats
    if typed.row_counts:
        write_rows(rows, staged.path(name))
    if typed.unidentified is not None:
        staged.unidentified[name] = typed.unidentified
    return [] if typed.identities is None else [typed.identities]
