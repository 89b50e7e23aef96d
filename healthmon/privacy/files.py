"""Persons in files of text: pages, notebooks, JSON, CSV, and in the parts of workbooks."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

from healthmon.privacy.persons import Persons
from healthmon.privacy.text import Finding, kinds_in

_BINARY = {".png", ".jpg", ".ico", ".woff", ".woff2", ".ttf"}


def search_file(path: Path, persons: Persons, shown: str) -> list[Finding]:
    """Search a file line by line; archives and workbooks part by part.

    Parameters
    ----------
    path : Path
    persons : Persons
    shown : str
        The file's name in findings.
    """
    found = []
    for part, content in _parts(path):
        text = content.decode("utf-8", errors="replace")
        if not kinds_in(text, persons):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            place = f"{part}line {number}"
            found += [Finding(shown, place, kind) for kind in sorted(kinds_in(line, persons))]
    return found


def _parts(path: Path) -> Iterator[tuple[str, bytes]]:
    """Go through what a file holds, each with what it is called in findings."""
    if path.suffix in _BINARY:
        return
    if path.suffix == ".gz":
        yield "", gzip.decompress(path.read_bytes())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{name}, ", archive.read(name)
    else:
        yield "", path.read_bytes()
