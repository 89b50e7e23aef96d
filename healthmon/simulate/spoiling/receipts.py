"""The monitoring office's own list of when each file came."""

import numpy as np

from healthmon.simulate import words
from healthmon.simulate.planting import FILE
from healthmon.simulate.spoiling.desk import Desk

_DUE = {"建档立卡户": 10, "建档立卡人口": 10, "社会救助": 10, "医保结算": 15}
"""Days of the following month by which the departments must deliver (GZ-1)."""
_USUAL = 15
KINDS = ("late_file", "file_not_registered")


def register_receipts(desk: Desk) -> None:
    """Write the lists: most files came in time, some late, a few are not registered.

    A late or unregistered file is planted and written down only where there is a day it is due.
    """
    rng = desk.world.streams["receipts"]
    late, unregistered = desk.world.settings.numbers("receipt_shares")
    names: list[str] = []
    department, pattern = words.FILES["receipts"]
    for number, month in enumerate(desk.world.calendar.months):
        files = sorted(p for p in (desk.folder / month).rglob("*") if p.is_file())
        draws, days = rng.random(len(files)), rng.random(len(files))
        first = np.datetime64(int(desk.world.calendar.starts[number + 1]), "D")
        lines = [words.HEADERS["receipts"]]
        for path, draw, share in zip(files, draws, days, strict=True):
            due = next((day for name, day in _DUE.items() if path.name.startswith(name)), None)
            name = path.relative_to(desk.folder).as_posix()
            names.append(name)
            is_late = due is not None and draw < late
            if due is not None and late <= draw < late + unregistered:
                desk.note(name, "file_not_registered", FILE)
                continue
            day = int(1 + share * (due or _USUAL)) + (due or 0) * is_late
            date = str(first + (day - 1))
            lines.append((path.name, date))
            if is_late:
                desk.note(name, "late_file", FILE, value=date)
        text = "".join(f"{','.join(line)}\n" for line in lines)
        target = desk.folder / month / department / pattern.format(month=month)
        target.write_bytes(text.encode("utf-8-sig"))
