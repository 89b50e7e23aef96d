"""The command line: ``healthmon <verb>``."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from healthmon import __version__
from healthmon.errors import UserError
from healthmon.progress import Steps
from healthmon.project import Project, open_project

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Health-poverty monitoring: from department exports to published pages.",
)
_OF_THE_MACHINE = (
    errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS,
)  # fmt: skip
DEFAULT_MONTH = "2022-06"
SEED = 20200518
_Month = Annotated[str, typer.Argument(help="Month, as 2022-06.", envvar="MONTH")]
_Home = Annotated[Path | None, typer.Option(help="The checkout to work in.")]
_Scale = Annotated[float, typer.Option(min=0.001, max=10, help="1 is the whole province.")]


@app.command()
def report(
    month: _Month = DEFAULT_MONTH,
    publisher: Annotated[str, typer.Option(help="auto, quarto or builtin.")] = "auto",
    scale: _Scale = 1.0,
    home: _Home = None,
) -> None:
    """Publish a month: intake, results, notebooks, pages; simulates where data/raw is empty."""
    from healthmon.pipeline import report_month
    from healthmon.processes import one_run_at_a_time

    project, steps = open_project(home), Steps()
    with one_run_at_a_time(project):
        page = report_month(
            project,
            month,
            steps,
            simulate=lambda project, steps: _simulate(project, steps, SEED, scale),
            publisher=publisher,
        )
    steps.console.print(f"\nOpen [bold]{page}[/]", highlight=False, soft_wrap=True)


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = SEED,
    scale: _Scale = 1.0,
    home: _Home = None,
) -> None:
    """Write the simulated province's exports into data/raw."""
    from healthmon.processes import one_run_at_a_time

    project = open_project(home)
    with one_run_at_a_time(project):
        _simulate(project, Steps(), seed, scale)


@app.command()
def intake(month: _Month = DEFAULT_MONTH, home: _Home = None) -> None:
    """Take in the exports delivered up to a month and say what was set aside."""
    from healthmon.pipeline import intake as run_intake
    from healthmon.pipeline import require_exports
    from healthmon.processes import one_run_at_a_time

    project, steps = open_project(home), Steps()
    require_exports(project, month)
    with one_run_at_a_time(project):
        steps.console.print(run_intake(project, month, steps).summary(), highlight=False)


@app.command()
def privacy(month: _Month = DEFAULT_MONTH, home: _Home = None) -> None:
    """Search stored tables, executed notebooks and the site for names and numbers of persons."""
    from healthmon.privacy import check_privacy

    check_privacy(open_project(home), month)
    Steps().console.print(
        "no identity number, telephone number or name of a person was found "
        "(docs/privacy.md says what cannot be found)"
    )


@app.command()
def explain(
    code: Annotated[str, typer.Argument(help="County (6 digits), township (9), village (12).")],
    month: Annotated[str, typer.Option(envvar="MONTH")] = DEFAULT_MONTH,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    home: _Home = None,
) -> None:
    """Say why a county, township or village stands where it stands, cell by cell."""
    from healthmon.explain import Explainer
    from healthmon.explain_text import render_explanation
    from healthmon.month import open_month

    if language not in ("zh", "en"):
        raise UserError(f"'{language}' is not a language: zh or en")
    explained = Explainer(open_month(month, home), language).explain(code)
    typer.echo(render_explanation(explained, language))


@app.command()
def differences(month: _Month = DEFAULT_MONTH, home: _Home = None) -> None:
    """Write the lists of differences between departments, a file a county, into data/private."""
    from healthmon.county_lists import list_folder, write_county_lists
    from healthmon.month import open_month
    from healthmon.processes import one_run_at_a_time

    opened = open_month(month, home)
    with one_run_at_a_time(opened.project):
        written = write_county_lists(opened)
    folder = list_folder(opened.project, month).relative_to(opened.project.root)
    Steps().console.print(f"wrote {len(written)} lists to {folder}", highlight=False)


@app.command()
def warnings(month: _Month = DEFAULT_MONTH, home: _Home = None) -> None:
    """Write the households that rule or model flag, with reasons, a file a county, privately."""
    from healthmon.county_lists import list_folder, write_warning_lists
    from healthmon.month import open_month
    from healthmon.processes import one_run_at_a_time

    opened = open_month(month, home)
    with one_run_at_a_time(opened.project):
        written = write_warning_lists(opened)
    folder = list_folder(opened.project, month, "warnings").relative_to(opened.project.root)
    Steps().console.print(f"wrote {len(written)} lists to {folder}", highlight=False)


@app.command()
def backlog(month: _Month = DEFAULT_MONTH, home: _Home = None) -> None:
    """Write what is not done yet, a file a county and a sheet a kind of work, privately."""
    from healthmon.county_lists import list_folder, write_backlog_lists
    from healthmon.month import open_month
    from healthmon.processes import one_run_at_a_time

    opened = open_month(month, home)
    with one_run_at_a_time(opened.project):
        written = write_backlog_lists(opened)
    folder = list_folder(opened.project, month, "backlog").relative_to(opened.project.root)
    Steps().console.print(f"wrote {len(written)} lists to {folder}", highlight=False)


@app.command()
def lab(home: _Home = None) -> None:
    """Open JupyterLab on the notebooks."""
    notebooks = open_project(home).notebooks
    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(notebooks)]))


@app.command()
def docs(home: _Home = None) -> None:
    """Write the generated pages in docs/ anew."""
    from healthmon.references import write_references

    for path in write_references(open_project(home)):
        Steps().console.print(f"wrote {path.name}")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _simulate(project: Project, steps: Steps, seed: int, scale: float) -> None:
    from healthmon.simulate import simulate as run

    with steps.step("Simulating the province's exports") as report:
        run(project, seed=seed, scale=scale, progress=report)


def main() -> None:
    """Run the command line; a user's mistake is printed without a traceback, exit code 2."""
    try:
        app()
    except UserError as error:
        _stop(str(error))
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            raise
        where = f" ({error.filename})" if error.filename else ""
        _stop(
            f"{error.strerror}{where}: nothing was published and what was there before is whole. "
            "Make room or give access, then run the same command again"
        )


def _stop(message: str) -> None:
    Console(stderr=True).print(f"healthmon: {message}", style="red", markup=False, soft_wrap=True)
    raise SystemExit(2) from None
