"""From department exports to clean tables: typed, without names, with the source of every row.

:func:`take_in` is the way in. Months are read into a staging folder and published one by one,
the manifest last: a run that is killed leaves nothing half, and the next one gives the same bytes.
"""

import filecmp
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow.parquet as pq

from healthmon.exports import list_tables
from healthmon.intake.faults import Problem
from healthmon.intake.finding import same_files
from healthmon.intake.identity import load_key
from healthmon.intake.linking import drop_links, link_unidentified
from healthmon.intake.manifest import (
    SeenFiles,
    fingerprints,
    is_current,
    list_outputs,
    month_entry,
    output_path,
    published_months,
    read_manifest,
    sync,
    write_manifest,
)
from healthmon.intake.month import StagedMonth, tally, write_rows
from healthmon.intake.person_index import index_persons
from healthmon.intake.repeats import find_repeats, take_out
from healthmon.intake.report import IntakeReport, report_of
from healthmon.intake.returns import refresh_returns
from healthmon.intake.vault import list_vaults, load_vault_key, vault_path
from healthmon.intake.workers import stage_months
from healthmon.private_files import write_private
from healthmon.project import Project, check_month, list_raw_months

Progress = Callable[[str, float], None]


def take_in(project: Project, until: str, *, progress: Progress | None = None) -> IntakeReport:
    """Take in everything delivered up to a month.

    Months that are as they were when last taken in are not read again.

    Parameters
    ----------
    project : Project
    until : str
        Last month delivered that is taken in, as in ``2022-06``; later ones stay as they are.
    progress : callable, optional
        Called with what is being done and the share done, 0 to 1.

    Returns
    -------
    IntakeReport
        What was read, taken and set aside, and which files had problems.

    Raises
    ------
    UserError
        When `until` is no month or the key cannot be used. Bad files and rows do not raise: they
        are in the report and in ``data/processed/set_aside``.
    """
    progress = progress or (lambda what, share: None)
    months = list_raw_months(project, check_month(until))
    manifest = read_manifest(project)
    entries = manifest["months"]
    _forget(project, manifest, until, set(months))
    if not months:
        return report_of({}, until, [])
    key, seen = load_key(project), SeenFiles(project)
    progress("looking for changes", 0.0)
    secret = key + load_vault_key(project)
    states = {month: rest for month, *rest in fingerprints(project, until, secret, seen)}
    seen.save()
    to_do = [m for m in months if not is_current(project, m, entries.get(m), states[m][0])]
    if to_do:
        _redo(project, to_do, key, manifest, states, progress)
    progress("laying out what goes back", 0.99)
    refresh_returns(project, entries, until)
    progress("done", 1.0)
    return report_of({month: entries[month] for month in months}, until, to_do)


def _redo(
    project: Project,
    months: list[str],
    key: bytes,
    manifest: dict,
    states: dict[str, list],
    progress: Progress,
) -> None:
    """Read months anew and publish them, the manifest last."""
    staging = _fresh_staging(project)
    staged = stage_months(project, months, key, staging, progress)
    _name_same_files(staged, states)
    progress("linking rows without a valid number", 0.95)
    link_unidentified(project, staged)
    progress("looking for rows delivered before", 0.97)
    _set_earlier_repeats_aside(project, staged)
    index_persons(project, staged)
    # until it is published anew, a month does not count as taken in
    for month in months:
        manifest["months"].pop(month, None)
    write_manifest(project, manifest)
    for item in staged:
        manifest["months"][item.month] = month_entry(item, *states[item.month])
        _publish(project, item)
    write_manifest(project, manifest)
    shutil.rmtree(staging)


def _name_same_files(staged: list[StagedMonth], states: dict[str, list]) -> None:
    """Name files that came before byte for byte; those without rows may well be the same."""
    same = same_files({month: hashes for month, (_, hashes) in states.items()})
    for item in staged:
        empty = {tally.source_file for tally in item.tallies if not tally.rows_read}
        empty |= {problem.source_file for problem in item.problems if problem.code == "empty_file"}
        for file, first in same.items():
            if file.startswith(f"{item.month}/") and file not in empty:
                reason = f"the file is the same, byte for byte, as {first}"
                item.problems.append(Problem(file, None, None, "same_file", reason))


def _fresh_staging(project: Project) -> Path:
    """Return a staging folder of this process's own; what killed runs left is removed.

    A worker of a killed run may still write for a moment: never into the folder of the next.
    """
    for left in project.processed.glob(".making*"):
        shutil.rmtree(left, ignore_errors=True)
    return project.processed / f".making-{os.getpid()}"


def _set_earlier_repeats_aside(project: Project, staged: list[StagedMonth]) -> None:
    """Take out rows that may come once only and came in an earlier month."""
    by_month = {item.month: item for item in staged}
    last = max(by_month)
    for name, table in list_tables(project.params).items():
        if not table.delivered_once:
            continue
        published = (project.processed / name).glob("????-??.parquet")
        paths = {p.stem: p for p in published if p.stem <= last and p.stem not in by_month}
        paths |= {m: item.path(name) for m, item in by_month.items() if item.path(name).exists()}
        for month, repeats in sorted(find_repeats(table.key, paths, set(by_month)).items()):
            item = by_month[month]
            rows, faults = take_out(pq.read_table(item.path(name)), repeats, name, table)
            write_rows(rows, item.path(name))
            item.faults += faults
            tally(item)
            drop_links(item, {fault[:4] for fault in faults})


def _publish(project: Project, staged: StagedMonth) -> None:
    """Move a month's tables into place; those that did not change keep their file."""
    stale = set(list_outputs(project, staged.month))
    for path in sorted(staged.folder.glob("*.parquet")):
        target = output_path(project, path.stem, staged.month)
        stale.discard(target)
        if target.is_file() and filecmp.cmp(path, target, shallow=False):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        sync(path)  # its bytes before its name: after a power cut no file is there but empty
        path.replace(target)
    vault, sealed = vault_path(project, staged.month), staged.vault.read_bytes()
    if not vault.is_file() or vault.read_bytes() != sealed:
        write_private(vault, sealed)
    _unlink(stale)


def _forget(project: Project, manifest: dict, until: str, months: set[str]) -> None:
    """Remove what was made of months up to `until` that no longer lie in ``data/raw``."""
    known = published_months(project) | set(manifest["months"]) | set(list_vaults(project))
    gone = sorted(month for month in known - months if month <= until)
    if not gone:
        return
    for month in gone:
        _unlink(list_outputs(project, month))
        vault_path(project, month).unlink(missing_ok=True)
        manifest["months"].pop(month, None)
    write_manifest(project, manifest)


def _unlink(paths: Iterable) -> None:
    for path in paths:
        path.unlink()
