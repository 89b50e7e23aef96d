"""Which of the files in a month folder is which: by their names in the list of exports."""

import difflib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from healthmon.exports import Table, load_exports
from healthmon.intake.faults import Problem
from healthmon.intake.reading import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from healthmon.intake.words import bare
from healthmon.project import Project

Expected = dict[str, list[tuple[str, Table]]]
"""Path below data/raw to the tables that the file there holds."""

_SUFFIXES = sorted((*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES), key=len, reverse=True)
_SIMILAR = 0.8
_NOT_READ = "the file is not in the list of exports for this month and was not read"


@dataclass
class FoundFiles:
    """What lies in a month folder.

    Parameters
    ----------
    files : dict
        Path below data/raw of each file that is expected, to the name under which it is and the
        tables in it.
    problems : list of Problem
        Files that are missing or were not asked for.
    """

    files: dict[str, tuple[str, list[tuple[str, Table]]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def expected_files(params: Path, month: str) -> Expected:
    """List the files that must come in a month, with the tables in each."""
    found: Expected = defaultdict(list)
    for department in load_exports(params).values():
        for name, table in department.tables.items():
            for file in table.file_names(month):
                found[f"{month}/{department.folder}/{file}"].append((name, table))
    return dict(sorted(found.items()))


def list_files(raw: Path, month: str) -> list[str]:
    """List what lies in a month folder, as paths below data/raw; hidden and lock files apart."""
    return sorted(
        path.relative_to(raw).as_posix()
        for path in (raw / month).rglob("*")
        if path.is_file() and not path.name.startswith((".", "~$"))
    )


def find_files(project: Project, month: str) -> FoundFiles:
    """Match what lies in a month folder with what is expected there."""
    found, used = FoundFiles(), set()
    # capitals, spaces and full-width signs in a name do not matter
    there = {bare(file): file for file in list_files(project.raw, month)}
    expected = expected_files(project.params, month)
    for file, tables in expected.items():
        suffixes = TEXT_SUFFIXES + WORKBOOK_SUFFIXES if file.endswith(".csv") else WORKBOOK_SUFFIXES
        stem = file.removesuffix(".csv").removesuffix(".xlsx")
        matching = [there[n] for n in (bare(stem + suffix) for suffix in suffixes) if n in there]
        if not matching and all(table.optional for _, table in tables):
            continue
        if not matching:
            found.problems.append(_problem(file, "missing_file", "the file is missing"))
            continue
        found.files[matching[0]] = (file, tables)
        used.update(matching)
        for other in matching[1:]:
            reason = f"the file was not read: {matching[0]} came as well and was read in its place"
            found.problems.append(_problem(other, "second_file", reason))
    missing = [file for file in expected if not any(e == file for e, _ in found.files.values())]
    for file in there.values():
        if file not in used:
            code, hint = _explain(project.params, file, month, missing)
            found.problems.append(_problem(file, code, _NOT_READ + hint))
    return found


def same_files(hashes: dict[str, dict[str, str]]) -> dict[str, str]:
    """Find files that came before, in the same month or an earlier one.

    Parameters
    ----------
    hashes : dict
        Month to the SHA-256 of each of its files.

    Returns
    -------
    dict
        File to the first one with the same bytes.
    """
    first: dict[str, str] = {}
    same = {}
    for _, files in sorted(hashes.items()):
        for file, digest in sorted(files.items()):
            if first.setdefault(digest, file) != file:
                same[file] = first[digest]
    return same


def _explain(params: Path, file: str, month: str, missing: list[str]) -> tuple[str, str]:
    """Say what a file may be that nobody asked for."""
    name = file.rsplit("/", 1)[-1]
    stem = _stem(name)
    for department in load_exports(params).values():
        for table in department.tables.values():
            named = re.fullmatch(table.file_pattern().pattern.replace(r"\.csv", "")
                                 .replace(r"\.xlsx", ""), stem)  # fmt: skip
            stated = named and named.groupdict().get("month")
            if stated and stated != month:
                return "wrong_month", f": its name says {stated}, and it lies in {month}"
    for other in missing:
        if _stem(other.rsplit("/", 1)[-1]) == stem:
            if other.rsplit("/", 1)[0] != file.rsplit("/", 1)[0]:
                return "wrong_folder", f": it belongs into {other.rsplit('/', 1)[0]}"
            return "wrong_suffix", f": it should be {other.rsplit('/', 1)[-1]}"
    stems = {_stem(other.rsplit("/", 1)[-1]): other for other in missing}
    near = difflib.get_close_matches(stem, sorted(stems), 1, _SIMILAR)
    if near:
        return "unexpected_file", f"; did you mean {stems[near[0]].rsplit('/', 1)[-1]}?"
    return "unexpected_file", ""


def _stem(name: str) -> str:
    suffix = next((s for s in _SUFFIXES if name.lower().endswith(s)), "")
    return name[: len(name) - len(suffix)]


def _problem(file: str, code: str, reason: str) -> Problem:
    return Problem(file, None, None, code, reason)
