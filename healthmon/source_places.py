"""The places that the names of delivered files tell."""

import re
from pathlib import PurePosixPath

import narwhals as nw
import pyarrow as pa

from healthmon.tables import connection

_PLACE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


def place_of_file(path: str) -> str | None:
    """Return the division code in a file's name, or None for a province's file."""
    found = _PLACE.search(PurePosixPath(path).name)
    return found[1] if found else None


def file_places(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Map the files that rows come from to the place in their names.

    Returns
    -------
    narwhals.LazyFrame
        ``source_file``, ``file_place`` (six digits, null for a file of the province) and
        ``file_number`` (its place among the names in order).
    """
    found = rows.select("source_file").unique().collect("pyarrow").to_native()
    files = sorted(found["source_file"].to_pylist())
    places = pa.table(
        {
            "source_file": pa.array(files, pa.string()),
            "file_place": pa.array([place_of_file(file) for file in files], pa.string()),
            "file_number": pa.array(range(len(files)), pa.int32()),
        }
    )
    return nw.from_native(connection().from_arrow(places))
