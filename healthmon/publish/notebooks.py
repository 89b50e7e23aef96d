"""Which notebooks a month runs, with which parameters, and running them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from healthmon.errors import UserError
from healthmon.parameters import Parameters, load_parameters
from healthmon.places import read_places
from healthmon.project import Project
from healthmon.publish.runner import Job, read_parameters, run_all
from healthmon.show.bulletin import Results
from healthmon.show.publish_terms import Page, load_publish_terms


class MonthParameters(Parameters):
    """What ``params/<month>.yml`` asks of the notebooks."""

    month: str
    prefectures: Literal["all"] | tuple[str, ...] = "all"
    notebooks: dict[str, dict[str, Any]] = Field(default_factory=dict)


def load_month_parameters(project: Project, month: str) -> MonthParameters:
    """Read a month's parameter file; make it from the template when it is missing.

    Raises
    ------
    ParameterError
        When the file is refused.
    UserError
        When the file says another month or names an unknown prefecture.
    """
    path = project.params / f"{month}.yml"
    if not path.exists():
        template = (project.params / "template.yml").read_text(encoding="utf-8")
        path.write_text(template.replace("{month}", month), encoding="utf-8")
    parameters = load_parameters(path, MonthParameters)
    if parameters.month != month:
        raise UserError(f"{path.name}: says month {parameters.month}, expected {month}")
    known = set(read_places("prefectures")["code"])
    if parameters.prefectures != "all" and (unknown := set(parameters.prefectures) - known):
        raise UserError(f"{path.name}: no such prefecture: {', '.join(sorted(unknown))}")
    return parameters


def plan_jobs(project: Project, month: str) -> list[Job]:
    """List the notebooks of a month, in the order of the pages of ``params/publish.yml``.

    Raises
    ------
    UserError
        When a notebook is missing, or the month's file gives parameters to one that is no page.
    """
    asked = load_month_parameters(project, month)
    pages = load_publish_terms(project.params).pages
    if stray := sorted(set(asked.notebooks) - {page.notebook for page in pages}):
        raise UserError(f"{month}.yml: no page is made from the notebook {', '.join(stray)}")
    return [job for page in pages for job in _plan_page(project, page, asked)]


def execute_notebooks(
    month: Results, progress: Callable[[str, float], None] | None = None
) -> list[Path]:
    """Run a month's notebooks, two at a time.

    The executed copies replace those of an earlier run only when every one went through.

    Parameters
    ----------
    month : Month
        The month; its results should be computed already, since notebooks run side by side.
    progress : callable, optional
        Called with the notebook that ended and the share done, 0 to 1.

    Returns
    -------
    list of Path
        Executed copies in ``reports/executed/<month>/``, named as their pages.

    Raises
    ------
    NotebookError
        With the first notebook that fails.
    """
    jobs = plan_jobs(month.project, month.month)
    folder = month.project.reports / "executed" / month.month
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        staged = [job._replace(target=making / job.target.name) for job in jobs]
        run_all(staged, month.project.root, progress=progress)
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return [job.target for job in jobs]


def _plan_page(project: Project, page: Page, asked: MonthParameters) -> list[Job]:
    source = project.notebooks / f"{page.notebook}.ipynb"
    folder = project.reports / "executed" / asked.month
    given = {"month": asked.month, **asked.notebooks.get(page.notebook, {})}
    # a notebook about no month in particular, like the first one, need not declare it
    if "month" not in read_parameters(source):
        del given["month"]
    if page.each != "prefecture":
        return [Job(source, folder / f"{page.page}.ipynb", given)]
    codes = asked.prefectures
    chosen = list(read_places("prefectures")["code"]) if codes == "all" else list(codes)
    return [
        Job(
            source,
            folder / f"{page.page.format(prefecture_code=code)}.ipynb",
            {**given, "prefecture_code": code},
        )
        for code in chosen
    ]
