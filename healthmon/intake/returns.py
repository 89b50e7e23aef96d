"""What goes back to the departments: their bad rows with the reasons, for their eyes only.

The files hold what the departments sent, names and numbers included: they lie in
``data/private/returns/<month>/<department>/``, which only the owner can open and git ignores.
"""

import csv
import hashlib
import io
import shutil
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from healthmon.exports import Table, list_tables
from healthmon.intake.faults import Fault
from healthmon.intake.headers import known_headers, match_headers
from healthmon.intake.marked_workbook import Mark, mark_workbook
from healthmon.intake.reading import Workbook, is_workbook
from healthmon.intake.returned_rows import returned_rows
from healthmon.intake.wording import Wording, load_wording
from healthmon.intake.words import bare, load_words
from healthmon.private_files import write_private
from healthmon.project import Project
from healthmon.tables import SET_ASIDE

_MARKER = ".made"


def returns_folder(project: Project) -> Path:
    """Return where the files lie that go back, one folder for each month."""
    return project.root / "data" / "private" / "returns"


def refresh_returns(project: Project, entries: dict[str, dict], until: str) -> None:
    """Lay out what goes back for the newest months, and remove what is no longer true.

    Parameters
    ----------
    project : Project
    entries : dict
        Month to its entry in the manifest (:func:`healthmon.intake.manifest.read_manifest`).
    until : str
        Last month that was looked at; what belongs to later ones stays.
    """
    folder = returns_folder(project)
    for made in sorted(folder.glob("????-??")):
        entry = entries.get(made.name)
        if made.name <= until and (entry is None or _mark_of(made) != _state(project, entry)):
            shutil.rmtree(made)
    newest = sorted(month for month in entries if month <= until)
    for month in newest[len(newest) - load_words(project.params).returned_months :]:
        entry = entries[month]
        if not (folder / month).exists() and (entry["reasons"] or entry["problems"]):
            write_returns(project, month, entry)


def write_returns(project: Project, month: str, entry: dict) -> Path:
    """Write everything that goes back for a month, whole or not at all.

    Parameters
    ----------
    project : Project
    month : str
    entry : dict
        Of the month in the manifest.

    Returns
    -------
    Path
        The folder, with one folder for each department.
    """
    wording = load_wording(project.params)
    target = returns_folder(project) / month
    making = target.with_name(f".making-{month}")
    shutil.rmtree(making, ignore_errors=True)
    faults = _faults(project, month)
    for file, found in faults.items():
        department, name = file.split("/", 1)[1].rsplit("/", 1)
        content, suffix = _returned(project, file, found, wording)
        write_private(making / department / f"{_stem(name)}_{wording.returned}{suffix}", content)
    for department, content in _lists(faults, entry["problems"], wording).items():
        write_private(making / department / f"{wording.list.name}_{month}.csv", content)
    write_private(making / _MARKER, _state(project, entry).encode())
    shutil.rmtree(target, ignore_errors=True)
    making.rename(target)
    return target


def _state(project: Project, entry: dict) -> str:
    """Tell apart what is returned: by the month taken in and the wording."""
    wording = (project.params / "intake_wording.yml").read_bytes()
    return hashlib.sha256(entry["fingerprint"].encode() + wording).hexdigest()


def _mark_of(folder: Path) -> str | None:
    marker = folder / _MARKER
    return marker.read_text() if marker.is_file() else None


def _faults(project: Project, month: str) -> dict[str, list[Fault]]:
    path = project.processed / SET_ASIDE / f"{month}.parquet"
    tables = list_tables(project.params)

    def place(fault: Fault) -> tuple:
        keys = list(tables[fault.table].columns)
        column = (fault.column or "").split(", ")[0]
        # within a row as the columns stand in the list of exports
        at = keys.index(column) if column in keys else -1
        return fault.source_sheet or "", fault.source_row, at

    found: dict[str, list[Fault]] = defaultdict(list)
    for row in pq.read_table(path).to_pylist():
        found[row["source_file"]].append(Fault(**row))
    return {file: sorted(faults, key=place) for file, faults in found.items()}


def _returned(
    project: Project, file: str, faults: list[Fault], wording: Wording
) -> tuple[bytes, str]:
    """Return what goes back of one file, and the suffix it is saved under."""
    path, tables = project.raw / file, list_tables(project.params)
    if is_workbook(path):
        return _marked(project, path, faults, tables, wording), ".xlsx"
    reasons: dict[int, list[str]] = defaultdict(list)
    for fault in faults:
        reasons[fault.source_row].append(_sentence(fault, wording))
    joined = {row: "；".join(dict.fromkeys(said)) for row, said in sorted(reasons.items())}
    return returned_rows(path, tables[faults[0].table], joined, wording), ".csv"


def _marked(
    project: Project, path: Path, faults: list[Fault], tables: dict[str, Table], wording: Wording
) -> bytes:
    book, words = Workbook(path), load_words(project.params)
    marks, headings, columns = [], {}, {}
    for fault in faults:
        asked = bare(fault.source_sheet or "")
        name = next(sheet for sheet in book.names if bare(sheet) == asked)
        if name not in headings:
            table = tables[fault.table]
            sheet = book.read(name, known_headers(table))
            headings[name] = (sheet.header_row, wording.columns.reason)
            columns[name] = match_headers(sheet.headers, table, words).columns
        keys = (fault.column or "").split(", ")
        at = tuple(columns[name][key] for key in keys if key in columns[name])
        marks.append(Mark(name, fault.source_row, at, _sentence(fault, wording)))
    return mark_workbook(path, marks, headings)


def _sentence(fault: Fault, wording: Wording) -> str:
    said = wording.chinese(fault.reason_code, fault.reason)
    return f"{fault.header}：{said}" if fault.header else said


def _lists(
    faults: dict[str, list[Fault]], problems: list[dict], wording: Wording
) -> dict[str, bytes]:
    """Write for each department everything that is wrong in its files."""
    rows: dict[str, list[tuple]] = defaultdict(list)
    for problem in problems:
        _, department, *name = problem["file"].split("/")
        about = ("/".join(name), problem["sheet"], None, None)
        said = wording.chinese(problem["code"], problem["reason"]), problem["reason"]
        rows[department if name else ""].append((*about, *said))
    for file, found in faults.items():
        department, name = file.split("/", 1)[1].rsplit("/", 1)
        for fault in found:
            about = (name, fault.source_sheet, fault.source_row, fault.header)
            said = wording.chinese(fault.reason_code, fault.reason), fault.reason
            rows[department].append((*about, *said))
    return {department: _csv([wording.list.headers, *of]) for department, of in rows.items()}


def _csv(rows: list[tuple]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def _stem(name: str) -> str:
    for suffix in (".csv.gz", ".csv", ".parquet", ".xlsx", ".xls", ".xlsm"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
