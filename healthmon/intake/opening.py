"""Open a delivered file and find in it the sheets that are asked for."""

import re
from collections.abc import Iterator
from pathlib import Path

from healthmon.exports import Table
from healthmon.intake.faults import Problem, UnreadableError
from healthmon.intake.headers import known_headers, match_headers
from healthmon.intake.layout import leave_out_what_is_no_row
from healthmon.intake.reading import Workbook, is_workbook, read_text_file
from healthmon.intake.sheet import Conversion, Sheet, clean
from healthmon.intake.typing_rows import Place
from healthmon.intake.words import Words, bare

Tables = list[tuple[str, Table]]

_MONTH = re.compile(r"(20\d\d)\s*(?:年\s*(\d{1,2})\s*月(?!\s*\d)|[-.](\d{2})(?![-.\d]))")
_ABOUT_FILLING_IN = re.compile(
    "填|制表|报送|上报|日期|时间|截至|截止|打印|依据|根据|文件|通知|印发|修订|版"
)


class OpenFile:
    """A delivered file, read sheet by sheet.

    Parameters
    ----------
    path : Path
    file : str
        Its path below ``data/raw``.
    tables : list of (str, Table)
        What it should hold.
    month : str
        The month in whose folder it lies.
    words : Words

    Attributes
    ----------
    problems : list of Problem
        What is wrong with the file and its sheets, complete once :meth:`sheets` is exhausted.
    """

    def __init__(self, path: Path, file: str, tables: Tables, month: str, words: Words) -> None:
        self._path, self._file, self._tables = path, file, tables
        self._month, self._words = month, words
        self.problems: list[Problem] = []

    def sheets(self) -> Iterator[tuple[Place, Sheet]]:
        """Go through the sheets that could be read, each with where it lies."""
        try:
            book = self._open()
        except UnreadableError as error:
            self._say(None, None, error.code, error.reason)
            return
        for name, table in self._tables:
            place, sheet = self._read(book, name, table)
            if sheet is None:
                continue
            if (stated := _stated_month(sheet, table, self._month)) is not None:
                reason = f"its title says {stated}, not {self._month}: it was not read"
                self.problems.append(place.problem("wrong_month", reason))
                continue
            sheet = leave_out_what_is_no_row(sheet, self._words)
            self._judge(place, table, sheet)
            yield place, sheet
        self._name_other_sheets(book)

    def _open(self) -> Workbook | None:
        """Open the file as what it is; None where it is text."""
        self._sheets: dict[str, Sheet] = {}
        self._used: set[str] = set()
        is_text_name = self._file.lower().endswith((".csv", ".gz", ".parquet"))
        try:
            return None if is_text_name and not is_workbook(self._path) else Workbook(self._path)
        except UnreadableError as error:
            if error.code == "text_for_workbook" and len(self._tables) == 1:
                reason = "the file is text (CSV) under the name of a workbook; it was read as such"
                self._say(None, None, "text_for_workbook", reason)
                return None
            raise

    def _read(self, book: Workbook | None, name: str, table: Table) -> tuple[Place, Sheet | None]:
        place = Place(self._file, table.sheet, name, self._month)
        try:
            if book is None:
                place = Place(self._file, None, name, self._month)
                encoding = table.encoding or "utf-8-sig"
                return place, read_text_file(self._path, encoding, known_headers(table))
            found = self._find_sheet(book, name, table)
            # the sheet is called by the name asked for where only spaces differ
            own = found if bare(found) != bare(table.sheet or "") else table.sheet
            return Place(self._file, own, name, self._month), self._load(book, found, table)
        except UnreadableError as error:
            self.problems.append(place.problem(error.code, error.reason))
            return place, None

    def _find_sheet(self, book: Workbook, name: str, table: Table) -> str:
        """Find the sheet of a table by its name, or else the one that has its columns."""
        same = [sheet for sheet in book.names if bare(sheet) == bare(table.sheet or "")]
        if same:
            self._used.add(same[0])
            return same[0]
        asked = {bare(other.sheet or "") for _, other in self._tables}
        likely = [
            sheet
            for sheet in book.names
            if bare(sheet) not in asked
            and sheet not in self._used
            and self._holds(book, sheet, name, table)
        ]
        if len(likely) == 1:
            self._used.add(likely[0])
            if table.sheet is not None:
                reason = f"the sheet {table.sheet} is missing; this has its columns and was read"
                self._say(likely[0], name, "wrong_sheet_name", reason)
            return likely[0]
        if table.sheet is None and len(book.names) == 1:
            return book.names[0]
        hint = f"; {' and '.join(likely)} have its columns: name one of them so" if likely else ""
        raise UnreadableError("missing_sheet", f"the sheet is missing{hint}")

    def _holds(self, book: Workbook, sheet: str, name: str, table: Table) -> bool:
        """Say whether a sheet has the columns of a table, and of none of the others more."""
        shares = {}
        for other, its_table in self._tables:
            try:
                headers = self._load(book, sheet, its_table).headers
            except UnreadableError:
                return False
            match = match_headers(headers, its_table, self._words)
            share = len(match.columns) / len(its_table.columns)
            shares[other] = 0 if match.is_refused else share
        own = shares[name]
        return own >= self._words.sheet_columns_share and own == max(shares.values())

    def _load(self, book: Workbook, sheet: str, table: Table) -> Sheet:
        return book.read(sheet, known_headers(table))

    def _judge(self, place: Place, table: Table, sheet: Sheet) -> None:
        """Say what is odd about a sheet that can be read."""
        if sheet.is_cut_short:
            reason = "the file ends in the middle of a row: it was cut short, send it whole"
            self.problems.append(place.problem("cut_short", reason))
        may_be_empty = table.may_be_empty or (
            table.cadence == "changes" and table.scope == "county"
        )
        if not sheet.row_count and not may_be_empty:
            reason = "there are headers and no rows below them"
            self.problems.append(place.problem("no_rows", reason))

    def _name_other_sheets(self, book: Workbook | None) -> None:
        for sheet in book.names if book else []:
            if sheet in self._used:
                continue
            asked = {bare(table.sheet or ""): name for name, table in self._tables}
            held = [name for name, t in self._tables if self._holds(book, sheet, name, t)]
            if bare(sheet) in asked or held:
                title = dict(self._tables)[held[0] if held else asked[bare(sheet)]].sheet
                reason = (
                    f"the sheet has the columns of {title or 'the one read'} too and was not read"
                )
                self._say(sheet, None, "second_sheet", reason)
            elif not _is_empty(book, sheet):
                reason = "the sheet is not in the list of exports and was not read"
                self._say(sheet, None, "unexpected_sheet", reason)

    def _say(self, sheet: str | None, table: str | None, code: str, reason: str) -> None:
        self.problems.append(Problem(self._file, sheet, table, code, reason))


def said_of_file(file: str, expected: str) -> Conversion | None:
    """Note that a file came in another format than asked for."""
    suffix = "".join(Path(file).suffixes[-2:]) if file.endswith(".gz") else Path(file).suffix
    return None if expected.endswith(suffix) else Conversion("other_format", suffix, 1)


def _is_empty(book: Workbook, sheet: str) -> bool:
    try:
        book.read(sheet)
    except UnreadableError as error:
        return error.code == "empty_sheet"
    return False


def _stated_month(sheet: Sheet, table: Table, month: str) -> str | None:
    """Return the month that a title states, where it is another than the folder's."""
    if table.cadence == "yearly":
        return None
    stated = [
        f"{found[1]}-{int(found[2] or found[3]):02}"
        for line in sheet.title
        # the day on which a form was filled in lies in the next month, rightly
        if not _ABOUT_FILLING_IN.search(line)
        for found in _MONTH.finditer(clean(line))
    ]
    return stated[0] if stated and month not in stated else None
