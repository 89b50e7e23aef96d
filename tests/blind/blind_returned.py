"""What goes back to the sender: a marked copy of the workbook, or the bad rows of a CSV alone."""

import io
from collections.abc import Iterator
from pathlib import Path

import python_calamine
from blind_case import Delivery, Line, Sheet


def gather_returned(root: Path) -> dict[str, bytes]:
    """Return every file below ``data/private/returns`` by its path there."""
    folder = root / "data" / "private" / "returns"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def list_open_folders(root: Path) -> tuple[str, ...]:
    """Return the folders of returned files that others may look into."""
    folder = root / "data" / "private" / "returns"
    closed = [folder.parent, folder]
    inside = [path for path in folder.rglob("*") if path.is_dir()]
    if any(path.exists() and not path.stat().st_mode & 0o077 for path in closed):
        return ()
    return tuple(path.name for path in inside if path.stat().st_mode & 0o077)


def check_returned(delivery: Delivery, returned: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield (verdict, text) for what is wrong with the file returned for this delivery."""
    if delivery.is_returned is None:
        return
    stem = delivery.name.split(".")[0]
    place = f"{delivery.month}/{delivery.folder}/"
    mine = [name for name in returned if name.startswith(place) and stem in name]
    if not delivery.is_returned:
        if mine:
            yield "wrongly refused", f"a good file was returned: {mine[0]}"
        return
    if not mine:
        yield "missed", f"nothing was returned for {delivery.name}"
        return
    content = returned[mine[0]]
    if delivery.name.endswith(".xlsx"):
        yield from _check_workbook(delivery.sheets, content)
    else:
        yield from _check_rows(delivery.sheets[0], content)


def _check_rows(sheet: Sheet, content: bytes) -> Iterator[tuple[str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    for line in sheet.lines:
        is_there = str(_first(line)) in text
        if line.fate == "aside" and not is_there:
            yield "missed", f"the returned rows lack {_first(line)}"
        if line.fate == "taken" and is_there:
            yield "wrongly refused", f"a good row was returned: {_first(line)}"


def _first(line: Line) -> object:
    return next(iter(line.cells.values()))


def _check_workbook(sheets: tuple[Sheet, ...], content: bytes) -> Iterator[tuple[str, str]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    for sheet in sheets:
        if sheet.sheet_name not in book.sheet_names:
            yield "missed", f"the returned workbook lacks the sheet {sheet.sheet_name}"
            continue
        there = book.get_sheet_by_name(sheet.sheet_name).to_python(skip_empty_area=False)
        cells = {str(cell) for row in there for cell in row}
        sent = {str(cell) for row in sheet.rows() for cell in row if isinstance(cell, str)}
        if lost := sent - cells - {""}:
            yield "missed", f"the returned workbook lost {sorted(lost)[0]}"
        for at, line in enumerate(sheet.lines):
            row = there[sheet.first_row + at - 1]
            beside = {str(cell) for cell in row[sheet.left + len(sheet.columns) :]} - {""}
            if line.fate == "aside" and not beside and b"comments" not in content:
                yield "missed", f"no reason stands beside row {sheet.first_row + at}"
