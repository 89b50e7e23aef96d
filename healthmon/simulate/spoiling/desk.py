"""Where files are opened, rows chosen and errors written down."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from healthmon.simulate import words
from healthmon.simulate.planting import Log
from healthmon.simulate.spoiling.opened import OpenFile, OpenSheet, Row, write_opened
from healthmon.simulate.world import World

_FORMS = "facility_forms"
_LARGEST = 40 * 2**20
"""Bytes of a file that is not opened again: the whole register's, delivered in the first month."""
_FILES_A_KIND = 3
_TRIED = 40
"""Files looked into before fewer rows than wanted are taken."""


@dataclass(frozen=True)
class Chosen:
    """A row chosen to be spoilt."""

    file: OpenFile
    sheet: OpenSheet
    row: Row

    def get(self, header: str) -> object:
        """Return a cell."""
        return self.row[self.sheet.column(header)]

    def put(self, header: str, value: object) -> None:
        """Write a cell."""
        self.row[self.sheet.column(header)] = value


@dataclass
class Desk:
    """The exports of a run, opened one by one where errors are planted.

    Parameters
    ----------
    reserved : set of str
        Files that take no further error: something is wrong with them as a whole.
    """

    world: World
    folder: Path
    log: Log
    row_count: int
    rng: np.random.Generator
    reserved: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        identity, persons = self.world.identity, self.world.persons
        numbers = identity.person_numbers.slice(0, len(persons)).to_pylist()
        self.on_register = {number: place for place, number in enumerate(numbers)}
        exact = np.unique(self.world.exact["household"].to_numpy())
        self.spared = {numbers[i] for i in np.flatnonzero(np.isin(persons.household, exact))}
        self.spared |= {identity.household_numbers[int(i)].as_py() for i in exact}
        self._open: dict[str, OpenFile] = {}
        self._listed = {
            (file, number): self._list(file, month)
            for file in words.FILES
            for number, month in enumerate(self.world.calendar.months)
        }

    def how_many(self, share: float) -> int:
        """Return how many errors a kind gets: a share of all rows delivered, but at least some."""
        least = self.world.settings.number("planted_least")
        return max(int(least), round(share * self.row_count))

    def files_of(self, table: str, months: range | None = None) -> list[str]:
        """List the files of a table, by month, that may still be spoilt."""
        file = _FORMS if table in _FORM_SHEETS else table
        months = range(len(self.world.calendar.months)) if months is None else months
        return [p for m in months for p in self._listed[file, m] if p not in self.reserved]

    def _list(self, file: str, month: str) -> list[str]:
        department, pattern = words.FILES[file]
        pattern = pattern.format(month=month, year="*", prefecture="*", county="*")
        paths = sorted((self.folder / month / department).glob(pattern))
        return [
            path.relative_to(self.folder).as_posix()
            for path in paths
            if path.stat().st_size <= _LARGEST
        ]

    def open(self, path: str) -> OpenFile:
        """Open a file, once."""
        if path not in self._open:
            self._open[path] = OpenFile(self.folder, path, self.log)
        return self._open[path]

    def pick(
        self, table: str, count: int, suits: Callable[[Chosen], bool], months: range | None = None
    ) -> list[Chosen]:
        """Choose rows of a table that suit and have no error yet, out of a few files.

        Households exactly on the line are spared.
        """
        found: list[Chosen] = []
        paths = self.files_of(table, months)
        if not paths:
            return found
        opened = 0
        order = [paths[place] for place in self.rng.permutation(len(paths)).tolist()]
        if table in _FORM_SHEETS:
            # these take long to write: those that are opened anyway come first
            order.sort(key=lambda path: path not in self._open)
        for path in order[:_TRIED]:
            wanted = -(-(count - len(found)) // max(_FILES_A_KIND - opened, 1))
            got = self._pick_in(path, table, wanted, suits)
            opened += bool(got)
            found += got
            if len(found) >= count:
                break
        return found[:count]

    def _pick_in(
        self, path: str, table: str, count: int, suits: Callable[[Chosen], bool]
    ) -> list[Chosen]:
        file = self.open(path)
        sheet = file.sheet(words.SHEETS.get(table))
        found = []
        for place in self.rng.permutation(len(sheet.rows)).tolist():
            row = sheet.rows[place]
            one = Chosen(file, sheet, row)
            if id(row) in file.used or not self.spared.isdisjoint(map(str, row)):
                continue
            if suits(one):
                file.used.add(id(row))
                found.append(one)
            if len(found) == count:
                break
        return found

    def note(
        self, file: OpenFile | str, kind: str, class_: str, *, sheet: str | None = None,
        row: Row | None = None, column: str | None = None, value: object = None,
        right: object = None,
    ) -> None:  # fmt: skip
        """Write an error down."""
        path = file if isinstance(file, str) else file.path
        note = self.log.note(
            month=path[:7], file=path, sheet=sheet, row=None, column=column, kind=kind,
            value=value, right=right, class_=class_,
        )  # fmt: skip
        if isinstance(file, OpenFile):
            file.note(row, note)

    def spoil_cell(
        self, one: Chosen, kind: str, class_: str, header: str, value: object,
        right: object | None = None,
    ) -> None:  # fmt: skip
        """Write something else into a cell and note it."""
        was = one.get(header)
        one.put(header, value)
        self.note(
            one.file, kind, class_, sheet=one.sheet.name, row=one.row, column=header, value=value,
            right=was if right is None else right,
        )  # fmt: skip

    def close(self, pool: Executor) -> None:
        """Write all opened files in which something was changed."""
        files = [self._open[path].close() for path in sorted(self._open)]
        self._open.clear()
        for _ in pool.map(write_opened, filter(None, files)):
            pass


_FORM_SHEETS = frozenset(words.SHEETS) - {"social_assistance"}
