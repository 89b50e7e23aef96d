"""Nobody exposed: whatever is stored in the open or published is searched for persons.

What it finds and what it cannot find is said in ``docs/privacy.md``.
"""

from collections.abc import Sequence
from pathlib import Path

from healthmon.errors import UserError
from healthmon.privacy.files import search_file
from healthmon.privacy.persons import gather_persons
from healthmon.privacy.stored import ParquetSearch
from healthmon.privacy.text import Finding
from healthmon.project import Project

_SHOWN = 20
_OWN = (".lock", "plotly.min.js")
"""A lock holds nothing, and the library of figures comes as published, byte for byte."""


def find_exposed(
    project: Project, month: str, folders: Sequence[Path] | None = None
) -> list[Finding]:
    """Search for identity numbers, telephone numbers and names of persons.

    Parameters
    ----------
    project : Project
    month : str
        Persons delivered up to it are looked for.
    folders : sequence of Path, optional
        Where; by default ``data/processed``, executed notebooks and the site.

    Returns
    -------
    list of Finding
        Where and of what kind, never the value itself.

    Raises
    ------
    UserError
        When the vault cannot be opened: without it names cannot be looked for.
    """
    if folders is None:
        reports = project.reports
        folders = (project.processed, reports / "executed", reports / "site")
    persons = gather_persons(project, month)
    stored, found = ParquetSearch(persons), []
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in _OWN):
            inside = path.is_relative_to(project.root)
            shown = path.relative_to(project.root).as_posix() if inside else path.name
            if path.suffix == ".parquet":
                found += stored.search(path, shown)
            else:
                found += search_file(path, persons, shown)
    return found


def check_privacy(project: Project, month: str, folders: Sequence[Path] | None = None) -> None:
    """Raise UserError when :func:`find_exposed` finds anything, naming the places.

    Raises
    ------
    UserError
        Naming files, places in them and kinds; or when the vault cannot be opened.
    """
    found = find_exposed(project, month, folders)
    if not found:
        return
    lines = [finding.message() for finding in found[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN:,} more places"] * (len(found) > _SHOWN)
    raise UserError(
        "\n".join(["persons could be recognised, so that nothing is published:", *lines, *more])
    )
