"""Files that are broken, missing, or not what they should be: each must be reported.

They stand in the first year and in tables of which each month stands by itself, so that they
spoil no later figure.
"""

from collections.abc import Callable
from pathlib import Path

from healthmon.simulate.planting import FILE
from healthmon.simulate.spoiling.desk import Desk
from healthmon.simulate.spoiling.layouts import FIRST_YEAR
from healthmon.simulate.spoiling.opened import OpenFile

_ENCRYPTED = Path(__file__).parent / "data" / "encrypted.xlsx"
"""A workbook under a password, made once with msoffcrypto-tool: encrypting draws random salts,
and the same seed must give the same bytes."""
_FORMS, _VISITS = "facility_forms", "follow_up_visits"


def _cut(desk: Desk, path: str) -> str:
    full = desk.folder / path
    data = full.read_bytes()
    end = len(data) * 6 // 10
    if not path.endswith(".xlsx"):
        end = data.rindex(b",", 0, end) - 2  # within a row, within a cell
    full.write_bytes(data[:end])
    return path


def _emptied(desk: Desk, path: str) -> str:
    (desk.folder / path).write_bytes(b"")
    return path


def _encrypted(desk: Desk, path: str) -> str:
    (desk.folder / path).write_bytes(_ENCRYPTED.read_bytes())
    return path


def _removed(desk: Desk, path: str) -> str:
    (desk.folder / path).unlink()
    return path


def _of_another_month(kind: str) -> Callable[[Desk, str], str]:
    def change(desk: Desk, path: str) -> str:
        other = _earlier(desk, path, _MONTHS_BACK[kind])
        desk.reserved.add(other)
        (desk.folder / path).write_bytes((desk.folder / other).read_bytes())
        return path

    return change


def _earlier(desk: Desk, path: str, months_back: int) -> str:
    months = desk.world.calendar.months
    return path.replace(path[:7], months[months.index(path[:7]) - months_back])


def _twice(desk: Desk, path: str) -> str:
    stem, dot, suffix = path.rpartition(".")
    copy = f"{stem}(1){dot}{suffix}"
    (desk.folder / copy).write_bytes((desk.folder / path).read_bytes())
    desk.reserved.add(copy)
    return copy


def _shrunk(desk: Desk, path: str) -> str:
    lines = (desk.folder / path).read_bytes().splitlines(keepends=True)
    (desk.folder / path).write_bytes(b"".join(lines[: 1 + len(lines) // 20]))
    return path


def _without_column(header: str) -> Callable[[Desk, str], str]:
    def change(desk: Desk, path: str) -> str:
        file = desk.open(path)
        for sheet in file.sheets:
            if header in sheet.headers:
                place = sheet.column(header)
                del sheet.headers[place]
                for row in sheet.rows:
                    del row[place]
        return _written(file)

    return change


def _renamed_column(old: str, new: str) -> Callable[[Desk, str], str]:
    def change(desk: Desk, path: str) -> str:
        file = desk.open(path)
        sheet = next(sheet for sheet in file.sheets if old in sheet.headers)
        sheet.headers[sheet.column(old)] = new
        return _written(file)

    return change


def _written(file: OpenFile) -> str:
    file.is_changed = True
    return file.path


_MONTHS_BACK = {"wrong_month": 2, "same_as_last_month": 1}
KINDS: dict[str, tuple[tuple[str, Callable[[Desk, str], str]], ...]] = {
    "cut_short": ((_FORMS, _cut), (_VISITS, _cut)),
    "empty_file": ((_FORMS, _emptied), (_VISITS, _emptied)),
    "encrypted_workbook": ((_FORMS, _encrypted),),
    "missing_file": ((_FORMS, _removed), (_VISITS, _removed)),
    "wrong_month": ((_VISITS, _of_another_month("wrong_month")),),
    "same_as_last_month": ((_FORMS, _of_another_month("same_as_last_month")),),
    "same_file_twice": ((_FORMS, _twice), (_VISITS, _twice)),
    "suspiciously_small": ((_VISITS, _shrunk),),
    "missing_required_column": ((_FORMS, _without_column("行政村代码")),),
    "missing_optional_column": ((_FORMS, _without_column("常住人口")),),
    "changed_column": ((_FORMS, _renamed_column("服务常住居民数", "覆盖人群情况")),),
}
"""What is done to files of which tables."""


def break_files(desk: Desk) -> None:
    """Break one file of every kind in each of its tables."""
    for kind, homes in KINDS.items():
        for table, change in homes:
            back = _MONTHS_BACK.get(kind, 0)
            paths = [
                path
                for path in _paths(desk, table, range(1 + back, FIRST_YEAR.stop))
                if not desk.log.of_file(path) and _earlier(desk, path, back) not in desk.reserved
            ]
            if not paths:
                continue
            path = paths[int(desk.rng.integers(len(paths)))]
            desk.reserved.add(path)
            desk.note(change(desk, path), kind, FILE)


def _paths(desk: Desk, table: str, months: range) -> list[str]:
    return desk.files_of("township_hospitals" if table == _FORMS else table, months)
