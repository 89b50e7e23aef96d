"""The simulated province: writes into ``data/raw`` what the departments would deliver.

Nothing here is real but the divisions and the published figures that it is shaped by. It shares
no code and no list with the intake: who plants an error must not also be who finds it.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from healthmon import __version__
from healthmon.errors import UserError
from healthmon.project import Project, list_raw_months
from healthmon.simulate.calibration import measure
from healthmon.simulate.delivery import deliver, open_workers
from healthmon.simulate.months import make_calendar
from healthmon.simulate.settings import load_settings
from healthmon.simulate.spoiling import spoil_files
from healthmon.simulate.truth import write_truth
from healthmon.simulate.world import make_world

MARKER = "SIMULATED"
TRUTH = "truth"
WORKERS = 2


@dataclass(frozen=True)
class SimulationReport:
    """What was written.

    ``rows``: rows by table; ``achieved``: what the targets of ``params/simulation.yml`` came
    to, by name, in their unit.
    """

    folder: Path
    months: tuple[str, ...]
    seed: int
    scale: float
    household_count: int
    person_count: int
    settlement_count: int
    planted_error_count: int
    rows: dict[str, int]
    achieved: dict[str, float]


def simulate(
    project: Project,
    *,
    seed: int = 20200518,
    scale: float = 1.0,
    months: list[str] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> SimulationReport:
    """Write the simulated exports into ``data/raw``, replacing earlier simulated ones.

    Parameters
    ----------
    seed : int
        The same seed, scale and months give the same bytes.
    scale : float
        1 is the whole province: about 160,000 households; 0.02 is a fiftieth, in which every
        county keeps one facility of each kind.
    months : list of str, optional
        Months without a gap, as 2022-06; without it 2019-01 to 2022-06.
    progress : callable, optional
        Called with what is being done and how far it is, 0 to 1.

    Raises
    ------
    UserError
        When ``data/raw`` holds months that are not simulated, or the months have a gap.
    ParameterError
        When ``params/simulation.yml`` is refused.
    """
    calendar = make_calendar(months)
    if scale <= 0:
        raise UserError("scale must be more than 0: 1 is the whole province")
    _restore_interrupted(project)
    _refuse_real(project)
    settings = load_settings(project.params)
    tell = progress or (lambda what, share: None)
    folder = project.raw.with_name(f".{project.raw.name}_simulating")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with open_workers(WORKERS) as pool:
            world = make_world(
                settings, seed, scale, calendar, lambda what, share: tell(what, 0.45 * share)
            )
            rows, log, sheets = deliver(
                world, folder, pool, lambda what, share: tell(what, 0.45 + 0.5 * share)
            )
            tell("planting errors", 0.95)
            spoil_files(world, folder, log, sum(rows.values()), pool)
        errors = log.to_frame()
        write_truth(world, errors, folder / TRUTH)
        _mark(folder, seed, scale, calendar.months)
        tell("moving into place", 0.98)
        _put_in_place(folder, project)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tell("done", 1.0)
    return SimulationReport(
        project.raw, calendar.months, seed, scale, len(world.households),
        int(np.sum(world.persons.joined_day < calendar.end)), rows["settlements"], len(errors),
        rows, measure(world, sheets, scale),
    )  # fmt: skip


def _restore_interrupted(project: Project) -> None:
    """Put back exports whose exchange was broken off: they hold files that are not simulated."""
    old = _replaced(project)
    if old.is_dir() and not project.raw.exists():
        old.rename(project.raw)


def _replaced(project: Project) -> Path:
    return project.raw.with_name(f".{project.raw.name}_replaced")


def _refuse_real(project: Project) -> None:
    months = list_raw_months(project)
    if months and not project.is_simulated:
        raise UserError(
            f"{project.raw} holds {months[0]} and is not marked as simulated: simulated and real "
            "exports are never mixed. Move the real ones away, or simulate in another checkout"
        )


def _mark(folder: Path, seed: int, scale: float, months: tuple[str, ...]) -> None:
    text = f"""模拟数据：本文件夹内的全部户、人、机构情况和费用均由程序生成，不代表任何真实情况。
SIMULATED: every household, person, facility record and amount below this folder was made by a
program. None of it is real; only the names of places and the published totals it follows are.

program: healthmon {__version__}
seed: {seed}
scale: {scale:g}
months: {months[0]} to {months[-1]}
"""
    (folder / MARKER).write_text(text, encoding="utf-8", newline="\n")


def _put_in_place(folder: Path, project: Project) -> None:
    """Exchange the finished folder for ``data/raw``, taking along what is not of the simulation."""
    raw = project.raw
    old = _replaced(project)
    shutil.rmtree(old, ignore_errors=True)
    if raw.exists():
        written = {MARKER, TRUTH, *list_raw_months(project)}
        for path in raw.iterdir():
            if path.name in written:
                continue
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, folder / path.name)
        raw.rename(old)
    folder.rename(raw)
    shutil.rmtree(old, ignore_errors=True)
