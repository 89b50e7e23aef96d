"""One month folder of ``data/raw``: found, read, typed and staged.

Nothing here touches ``data/processed``: the month's tables are written into a staging folder,
from which they are published when everything is there.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from healthmon.exports import Table, list_tables
from healthmon.intake.faults import Fault, Problem, faults_table
from healthmon.intake.finding import find_files
from healthmon.intake.identity import Pseudonyms
from healthmon.intake.opening import OpenFile, said_of_file
from healthmon.intake.people import IDENTITIES_SCHEMA, Link
from healthmon.intake.repeats import set_repeats_aside
from healthmon.intake.sheet import Conversion, Sheet
from healthmon.intake.typing_rows import Place, type_rows
from healthmon.intake.vault import load_vault_key, seal
from healthmon.intake.words import Words, load_words
from healthmon.private_files import write_private
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
    conversions : list of tuple
        Place, key of the column (None for a sheet as a whole) and what was understood there.
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
    conversions: list[tuple[Place, str | None, Conversion]] = field(default_factory=list)
    unidentified: dict[str, pa.Table] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    @property
    def vault(self) -> Path:
        """Where the month's vault is staged."""
        return self.folder / f"{self.month}.vault"

    def path(self, table: str) -> Path:
        """Return where a table of the month is staged."""
        return self.folder / f"{table}.parquet"


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
    delivered, words = _read_files(project, staged), load_words(project.params)
    identities: list[pa.Table] = []
    for name, table in list_tables(project.params).items():
        if sheets := delivered.pop(name, None):
            identities += _stage(sheets, name, table, pseudonyms, staged, words)
    known = pa.concat_tables([IDENTITIES_SCHEMA.empty_table(), *identities])
    write_private(staged.vault, seal(known, load_vault_key(project), month))
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


def _read_files(project: Project, staged: StagedMonth) -> dict[str, list[tuple[Place, Sheet]]]:
    """Open every file that is expected; what is wrong with files becomes problems."""
    delivered: dict[str, list[tuple[Place, Sheet]]] = defaultdict(list)
    words, found = load_words(project.params), find_files(project, staged.month)
    staged.problems += found.problems
    for file, (expected, tables) in found.files.items():
        opened = OpenFile(project.raw / file, file, tables, staged.month, words)
        for place, sheet in opened.sheets():
            if (said := said_of_file(file, expected)) is not None:
                sheet.conversions.append(said)
            delivered[place.table].append((place, sheet))
        staged.problems += opened.problems
    return delivered


def _stage(
    sheets: list[tuple[Place, Sheet]],
    name: str,
    table: Table,
    pseudonyms: Pseudonyms,
    staged: StagedMonth,
    words: Words,
) -> list[pa.Table]:
    """Type the sheets of one table, write what is good of them; return identities to keep."""
    typed = type_rows(sheets, table, pseudonyms, words)
    staged.problems += typed.problems + _other_months(typed.rows, name, table, staged.month, words)
    staged.conversions += typed.conversions
    staged.tallies += [SheetTally(p.source_file, name, count) for p, count in typed.row_counts]
    rows, repeats = set_repeats_aside(typed.rows, name, table)
    staged.faults += typed.faults + repeats
    if typed.row_counts:
        write_rows(rows, staged.path(name))
    if typed.unidentified is not None:
        staged.unidentified[name] = typed.unidentified
    return [] if typed.identities is None else [typed.identities]


def _other_months(
    rows: pa.Table, name: str, table: Table, month: str, words: Words
) -> list[Problem]:
    """Name the files whose dated rows all lie in one other month."""
    if table.dated_by is None or not rows.num_rows:
        return []
    by_file = rows.select(["source_file", table.dated_by]).rename_columns(["file", "dated"])
    found = by_file.group_by("file").aggregate([("dated", f) for f in ("min", "max", "count")])
    problems = []
    for about in found.to_pylist():
        if about["dated_count"] < words.wrong_month_rows:
            continue
        first, last = about["dated_min"], about["dated_max"]
        stated = f"{first:%Y-%m}"
        if stated == f"{last:%Y-%m}" != month:
            header = table.columns[table.dated_by].header
            reason = f"all its rows are of {stated} by {header}, and it came for {month}"
            problems.append(Problem(about["file"], None, name, "rows_of_another_month", reason))
    return problems
