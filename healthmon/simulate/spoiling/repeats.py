"""Settlements delivered in two files: by another prefecture in the same month, and again later."""

from collections.abc import Callable

from healthmon.simulate.planting import SET_ASIDE
from healthmon.simulate.spoiling.desk import Chosen, Desk

KINDS = ("row_in_two_files", "row_in_a_later_month")


def repeat_rows(desk: Desk) -> None:
    """Write some settlements at the end of another file, too."""
    shares = desk.world.settings.table("planted_cell_shares")
    months = desk.world.calendar.months
    for kind in KINDS:
        last = len(months) - (kind == "row_in_a_later_month")
        suits = _suits(desk, kind)
        for one in desk.pick("settlements", desk.how_many(shares[kind]), suits, range(last)):
            other = desk.open(_other(desk, one, kind))
            row = list(one.row)
            other.sheets[0].rows.append(row)
            desk.note(
                other, kind, SET_ASIDE, row=row, value=one.get("结算单号"), right=one.file.path
            )


def _suits(desk: Desk, kind: str) -> Callable[[Chosen], bool]:
    return lambda one: _other(desk, one, kind) is not None


def _other(desk: Desk, one: Chosen, kind: str) -> str | None:
    """Name the file that a row is repeated in: the next prefecture's, or the next month's."""
    months, codes = desk.world.calendar.months, list(desk.world.places.prefectures)
    path, month = one.file.path, one.file.path[:7]
    code = next(code for code in codes if f"_{code}_" in path)
    if kind == "row_in_two_files":
        if code == codes[-1]:
            return None
        other = path.replace(f"_{code}_", f"_{codes[codes.index(code) + 1]}_")
    else:
        other = path.replace(month, months[months.index(month) + 1])
    return other if other not in desk.reserved and (desk.folder / other).is_file() else None
