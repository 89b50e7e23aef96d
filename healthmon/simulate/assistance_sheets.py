"""The civil affairs department's monthly workbooks by county."""

import numpy as np

from healthmon.simulate.assistance import Assistance
from healthmon.simulate.geography import Geography
from healthmon.simulate.months import Calendar
from healthmon.simulate.register_tables import Identity
from healthmon.simulate.words import ASSISTANCE_CHANGES, ASSISTANCE_KINDS, HEADERS, SHEETS
from healthmon.simulate.workbooks import Cells, Sheet


def assistance_sheet(
    assistance: Assistance, places: Geography, identity: Identity, calendar: Calendar
) -> tuple[Sheet, np.ndarray]:
    """Lay out who receives assistance on the first day, who is added and who stops.

    Returns
    -------
    tuple
        The sheet, one row an event, and the county code of each row.
    """
    table = assistance.recipients
    start, stop = table["start_day"].to_numpy(), table["stop_day"].to_numpy()
    every = np.arange(len(table))
    is_old = start < calendar.start
    row = np.r_[every[is_old], every[~is_old], every]
    day = np.r_[np.full(is_old.sum(), calendar.start), start[~is_old], stop]
    change = np.repeat([0, 1, 2], [is_old.sum(), (~is_old).sum(), len(table)])
    kept = np.flatnonzero(day < calendar.end)
    order = kept[np.lexsort((row[kept], day[kept]))]
    row, day, change = row[order], day[order], change[order]
    person = table["person"].to_numpy()[row]
    month = calendar.month_of(day)
    present = month == np.arange(len(calendar.months))[:, None]
    columns = (
        Cells(identity.names.utf8.take(person).to_numpy(zero_copy_only=False).astype(object)),
        Cells(identity.person_numbers.take(person).to_numpy(zero_copy_only=False).astype(object)),
        _dates(table["birth_day"].to_numpy()[row]),
        Cells(table["village"].to_numpy()[row], tuple(places.villages["code"])),
        Cells(table["kind"].to_numpy()[row], ASSISTANCE_KINDS),
        Cells(table["amount_fen"].to_numpy()[row], divisor=100),
        Cells(change, ASSISTANCE_CHANGES),
        _dates(day),
    )
    name = "social_assistance"
    sheet = Sheet(SHEETS[name], HEADERS[name], columns, present)
    return sheet, places.counties["code"].to_numpy()[table["county"].to_numpy()[row]]


def _dates(days: np.ndarray) -> Cells:
    found, place = np.unique(days, return_inverse=True)
    return Cells(place.astype(np.int32), tuple(found.astype("datetime64[D]").astype(str)))
