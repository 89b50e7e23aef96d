"""Rows without a valid identity number, linked to a person known by then where one is clearly best.

The months have been read and staged by then, each by itself; here they are gone through in their
order, so that a row sees the persons delivered up to its own month and no later ones.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from healthmon.exports import Table, list_tables
from healthmon.intake.known import KnownPersons, Wanted, wanted_of
from healthmon.intake.linkage import Described, LinkSettings, agree, load_link_settings, score
from healthmon.intake.month import StagedMonth, tally, write_rows
from healthmon.intake.names import normalise_name
from healthmon.intake.people import (
    WRITTEN_NAME,
    WRITTEN_NUMBER,
    Link,
    column_of_type,
    counties_of_files,
)
from healthmon.intake.repeats import set_repeats_aside
from healthmon.intake.vault import list_vaults, load_vault_key, unseal
from healthmon.project import Project
from healthmon.tables import LINKS, LINKS_SCHEMA

_SCORE_DECIMALS = 6
_UNDECIDED = "fits more than one known person: send the row again with the identity number"


Scored = tuple[float, int, str]
"""Score, person and kind of link."""


@dataclass
class _Task:
    """The rows of one table in one month that have to be linked."""

    item: StagedMonth
    name: str
    table: Table
    rows: pa.Table

    def persons_there(self, position: int, persons: list[int]) -> list[int]:
        """Return which persons have a row with the rest of this row's key in the same month."""
        column = column_of_type(self.table, "identity_number")
        if column not in self.table.key:
            return []
        there = pq.read_table(self.item.path(self.name), columns=list(self.table.key))
        there = there.filter(pc.is_in(there[column], pa.array(persons, pa.int64())))
        rest = [key for key in self.table.key if key != column]
        own = self.rows.select(rest).slice(position, 1).to_pylist()[0]
        return [row[column] for row in there.to_pylist() if {k: row[k] for k in rest} == own]

    def described(self) -> Iterator[Described]:
        """Describe the persons that the rows speak of."""
        columns = self.rows.to_pydict()
        nothing = [None] * self.rows.num_rows
        counties = counties_of_files(self.table, self.rows).to_pylist()
        for name, number, born, village, county, home in zip(
            columns[WRITTEN_NAME], columns[WRITTEN_NUMBER], columns.get("birth_date", nothing),
            columns.get("village_code", nothing), counties, columns.get("household_id", nothing),
            strict=True,
        ):  # fmt: skip
            birth = f"{born:%Y%m%d}" if born else None
            yield Described(normalise_name(name), number or None, birth, village or county, home)


def link_unidentified(project: Project, staged: list[StagedMonth]) -> None:
    """Link rows set aside for their identity number alone; changes the staged months.

    Rows that are linked are taken and stand in ``links``; where several persons fit, the reason
    in ``set_aside`` becomes ``undecided_person``; everything else stays as it is.

    Parameters
    ----------
    project : Project
    staged : list of StagedMonth

    Raises
    ------
    UserError
        When the vault of an earlier month does not open.
    ParameterError
        When ``params/linkage.yml`` is refused.

    References
    ----------
    JL-3, the same persons in the registers of several departments.
    """
    settings, tables = load_link_settings(project.params), list_tables(project.params)
    tasks = {
        item.month: [
            _Task(item, name, tables[name], rows) for name, rows in item.unidentified.items()
        ]
        for item in sorted(staged, key=lambda item: item.month)
    }
    rows = [row for of_month in tasks.values() for task in of_month for row in task.described()]
    if rows:
        with ThreadPoolExecutor(2) as pool:
            known = _KnownByMonth(project, staged, wanted_of(rows), pool)
            # months are chosen for in their order; writing one goes on beside the next
            written = [
                pool.submit(_write_month, _choose_month(of_month, known.until(month), settings))
                for month, of_month in tasks.items()
                if of_month
            ]
        for done in written:
            done.result()
    for item in staged:
        write_rows(_links_table(item.links), item.path(LINKS))


def drop_links(item: StagedMonth, sources: set[tuple]) -> None:
    """Take out the links of rows that were set aside after all, by file, sheet, row and table."""
    kept = [link for link in item.links if link[:4] not in sources]
    if len(kept) < len(item.links):
        item.links = kept
        write_rows(_links_table(kept), item.path(LINKS))


class _KnownByMonth:
    """The persons known, brought forward from month to month; one vault is opened ahead."""

    def __init__(
        self, project: Project, staged: list[StagedMonth], wanted: Wanted, pool: Executor
    ) -> None:
        self._key = load_vault_key(project)
        self._left: dict[str, Path] = list_vaults(project)
        self._left |= {item.month: item.vault for item in staged}
        self._known, self._pool = KnownPersons(wanted), pool
        self._next = self._open_next()

    def until(self, month: str) -> KnownPersons:
        """Return the persons known with what came up to and with a month."""
        while self._next is not None and self._next[0] <= month:
            _, opened = self._next
            self._next = self._open_next()
            self._known.add(opened.result())
        return self._known

    def _open_next(self) -> tuple[str, Future[pa.Table]] | None:
        if not self._left:
            return None
        month = min(self._left)
        return month, self._pool.submit(self._open, month, self._left.pop(month))

    def _open(self, month: str, path: Path) -> pa.Table:
        return unseal(path.read_bytes(), self._key, month, path)


_Choice = tuple[_Task, dict[int, Scored], list[int]]
"""Rows, the person of each that was linked, and those that are undecided."""


def _choose_month(tasks: list[_Task], known: KnownPersons, settings: LinkSettings) -> list[_Choice]:
    return [(task, *_choose(task, known, settings)) for task in tasks]


def _write_month(choices: list[_Choice]) -> None:
    """Take the linked rows of a month, table by table, and note the undecided."""
    item = choices[0][0].item
    for task, linked, undecided in choices:
        if linked:
            _take(task, linked)
        if undecided:
            sources = set(_sources(task.rows.take(pa.array(undecided)), task.name))
            item.faults = [
                fault._replace(reason_code="undecided_person", reason=_UNDECIDED)
                if fault[:4] in sources
                else fault
                for fault in item.faults
            ]
    if any(linked or undecided for _, linked, undecided in choices):
        tally(item)


def _choose(
    task: _Task, known: KnownPersons, settings: LinkSettings
) -> tuple[dict[int, Scored], list[int]]:
    """Find the person of each row: position to score, person and kind; and what is undecided."""
    linked, undecided = {}, []
    for position, row in enumerate(task.described()):
        village = known.village(row.household_id)
        placed = row._replace(place=village) if village and len(row.place or "") < 12 else row
        agreements = {
            person_id: found
            for person_id in known.candidates(placed)
            if (found := agree(placed, known.persons[person_id], known.shares, settings))
        }
        scored = score(agreements, known.shares, settings)
        if _is_known(scored, settings) and scored[0][0] < settings.accept:
            # who has a row of their own there is another one than this row's
            for person_id in task.persons_there(position, list(agreements)):
                del agreements[person_id]
            scored = score(agreements, known.shares, settings)
        if scored and scored[0][0] >= settings.accept:
            linked[position] = scored[0]
        elif _is_known(scored, settings):
            undecided.append(position)
    return linked, undecided


def _is_known(scored: list[Scored], settings: LinkSettings) -> bool:
    """Say whether the row is about one of the candidates, whichever."""
    return sum(chance for chance, _, _ in scored) >= settings.accept


def _take(task: _Task, linked: dict[int, Scored]) -> None:
    """Add linked rows to the staged table; one that is there already keeps its fault."""
    item, column = task.item, column_of_type(task.table, "identity_number")
    rows = task.rows.take(pa.array(list(linked))).drop_columns([WRITTEN_NAME, WRITTEN_NUMBER])
    persons = pa.array([person for _, person, _ in linked.values()], pa.int64())
    rows = rows.set_column(rows.schema.get_field_index(column), column, persons)
    path = item.path(task.name)
    there = pq.read_table(path).cast(rows.schema)
    kept = _without_repeats(there, rows, task)
    taken = set(_sources(kept, task.name))
    item.links += [
        Link(*source, person, kind, round(chance, _SCORE_DECIMALS))
        for source, (chance, person, kind) in zip(
            _sources(rows, task.name), linked.values(), strict=True
        )
        if source in taken
    ]
    item.faults = [fault for fault in item.faults if fault[:4] not in taken]
    order = [("source_file", "ascending"), ("source_row", "ascending")]
    write_rows(pa.concat_tables([there, kept]).sort_by(order), path)


def _without_repeats(there: pa.Table, rows: pa.Table, task: _Task) -> pa.Table:
    """Leave out linked rows whose key another row has; of those, only few are looked at."""
    first = task.table.key[0]
    same = there.filter(pc.is_in(there[first], rows[first].combine_chunks()))
    kept, _ = set_repeats_aside(pa.concat_tables([same, rows]), task.name, task.table)
    return kept.slice(same.num_rows)


def _sources(rows: pa.Table, name: str) -> Iterator[tuple[str, str | None, int, str]]:
    """Go through where rows stand, as the first four fields of a fault or link."""
    columns = (rows[key].to_pylist() for key in ("source_file", "source_sheet", "source_row"))
    return zip(*columns, [name] * rows.num_rows, strict=True)


def _links_table(links: list[Link]) -> pa.Table:
    ordered = sorted(links, key=lambda link: (link.source_file, link.table, link.source_row))
    columns = list(zip(*ordered, strict=True)) or [()] * len(LINKS_SCHEMA)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, LINKS_SCHEMA, strict=True)],
        schema=LINKS_SCHEMA,
    )
