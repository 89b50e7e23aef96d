"""Errors of every kind, planted in what is delivered, each written down.

The finished files are opened again: the world stays as it was drawn, and a reader that copes with
everything sees the same figures as if nothing had been spoilt.
"""

from concurrent.futures import Executor
from pathlib import Path

from healthmon.simulate.planting import Log
from healthmon.simulate.spoiling.cells import spoil_cells
from healthmon.simulate.spoiling.desk import Desk
from healthmon.simulate.spoiling.disagreements import disagree
from healthmon.simulate.spoiling.layouts import lay_out_anew
from healthmon.simulate.spoiling.links import break_numbers
from healthmon.simulate.spoiling.receipts import register_receipts
from healthmon.simulate.spoiling.repeats import repeat_rows
from healthmon.simulate.spoiling.whole_files import break_files
from healthmon.simulate.world import World

_LONG_RUN = 24
"""Months from which on whole files of the first year are spoilt."""


def spoil_files(world: World, folder: Path, log: Log, row_count: int, pool: Executor) -> None:
    """Plant errors in the files of a run and write the lists of receipts.

    Parameters
    ----------
    folder : Path
        Root of the exports.
    log : Log
        Gets every error; the rows it holds already are kept true.
    row_count : int
        Rows delivered in all, by which the number of errors goes.
    pool : Executor
        Writes the files.
    """
    desk = Desk(world, folder, log, row_count, world.streams["spoiling"])
    if len(world.calendar.months) >= _LONG_RUN:
        break_files(desk)
        lay_out_anew(desk)
    disagree(desk)
    break_numbers(desk)
    repeat_rows(desk)
    spoil_cells(desk)
    desk.close(pool)
    register_receipts(desk)
