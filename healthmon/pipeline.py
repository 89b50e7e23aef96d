"""The one path from department exports to published pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from healthmon.errors import UserError
from healthmon.facilities.scores import load_score_standard
from healthmon.intake import IntakeReport, take_in
from healthmon.month import Month
from healthmon.privacy import check_privacy
from healthmon.progress import Steps
from healthmon.project import Project, check_month, list_raw_months
from healthmon.results import compute_results


def report_month(
    project: Project,
    month: str,
    steps: Steps,
    *,
    simulate: Callable[[Project, Steps], None],
    publisher: str = "auto",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Path:
    """Take in, compute, run the notebooks and publish one month.

    Parameters
    ----------
    month : str
        As in ``2022-06``.
    simulate : callable
        Called when ``data/raw`` is empty, to fill it.
    publisher : {"auto", "quarto", "builtin"}
        "auto" takes Quarto where it is found.

    Returns
    -------
    Path
        The page to open.

    Raises
    ------
    UserError
        When the month has no exports, with the first notebook that fails, or when a person could
        be recognised; the site published before stays whole.
    """
    # here, because reading notebooks brings a grammar of web addresses: seconds for every intake
    from healthmon.figures_workbook import name_workbook, render_figures
    from healthmon.publish.notebooks import execute_notebooks, plan_jobs
    from healthmon.publish.site import choose_publisher, describe_publisher, publish_month

    check_month(month)
    plan_jobs(project, month)  # refuses bad parameter files before anything long begins
    publishing = describe_publisher(choose_publisher(publisher))
    if not list_raw_months(project):
        simulate(project, steps)
    require_exports(project, month)
    for kind in ("county", "township"):
        load_score_standard(project, month, kind)  # refuses a month before it is in force
    steps.console.print(intake(project, month, steps).summary(), highlight=False, markup=False)
    opened = Month(project, month)
    with steps.step("Results") as report:
        compute_results(opened, report)
        opened.forget_stale()
    with steps.step("Notebooks") as report:
        executed = execute_notebooks(opened, report)
    with steps.step(f"Pages by {publishing['name']} {publishing['version']}"):
        return publish_month(
            opened,
            executed,
            publisher=publisher,
            created=clock(),
            downloads={name_workbook(month): render_figures(opened)},
            check=lambda folder: check_before_publishing(project, month, folder),
        )


def intake(project: Project, month: str, steps: Steps) -> IntakeReport:
    """Take in every export delivered up to and with `month`."""
    with steps.step(f"Intake up to {month}") as report:
        return take_in(project, month, progress=report)


def check_before_publishing(project: Project, month: str, site: Path) -> None:
    """Raise UserError when a person could be recognised in what is stored or to be published."""
    executed = project.reports / "executed" / month
    check_privacy(project, month, (project.processed, executed, site))


def require_exports(project: Project, month: str) -> None:
    """Raise UserError when `month`, or one between the first and it, has no exports at all.

    A month left out would count as a month without spending or changes.
    """
    months = list_raw_months(project)
    if month not in months:
        there = f"{months[0]} to {months[-1]}" if months else "none"
        raise UserError(f"data/raw holds no exports for {month} (there: {there})")
    expected = pd.period_range(months[0], month, freq="M").astype(str)
    if gaps := [name for name in expected if name not in months]:
        raise UserError(
            f"data/raw holds no exports for {', '.join(gaps)}: what was not delivered would "
            "count as nothing spent; lay the folders there, empty if need be, to go on without"
        )
