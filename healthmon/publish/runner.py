"""Notebooks run by papermill, with the kernel of this interpreter and no other."""

import ast
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from healthmon.errors import NotebookError, UserError

CELL_TIMEOUT_SECONDS = 600


class Job(NamedTuple):
    """One notebook to run: where it lies, where its executed copy goes, what it is asked."""

    source: Path
    target: Path
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the executed copy, for progress and messages."""
        return self.target.stem


def _kernel_of_this_interpreter(home: Path) -> type[AsyncKernelManager]:
    """Make a manager of kernels run by this interpreter, whatever kernels a user registered."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {"HEALTHMON_HOME": str(home), "PYTHONPATH": os.pathsep.join(paths)}
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]

    class ThisInterpreter(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            # households travel between notebook and kernel: not in plain text
            super().__init__(**{"transport_encryption": "auto", **options})

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(
                argv=argv,
                display_name="Python 3",
                language="python",
                env=environment,
                metadata={"supported_encryption": ["curve"]},
            )

    return ThisInterpreter


def run_all(
    jobs: Sequence[Job],
    home: Path,
    workers: int = 2,
    progress: Callable[[str, float], None] | None = None,
) -> list[Path]:
    """Run notebooks, some at a time; stop with the first that fails.

    Parameters
    ----------
    jobs : sequence of Job
        Run in this order.
    home : Path
        The checkout that the notebooks open.
    workers : int
        How many at a time; two pay on two cores.
    progress : callable, optional
        Called with the notebook that ended and the share done, 0 to 1.

    Returns
    -------
    list of Path
        The executed copies, in the order of the jobs.

    Raises
    ------
    UserError
        When a notebook cannot take its parameters; nothing has run then.
    NotebookError
        With the first failure; notebooks not yet begun are left out.
    """
    for job in jobs:
        check_parameters(job.source, job.parameters)
    with ThreadPoolExecutor(workers) as pool:
        futures: dict[Future, Job] = {pool.submit(run_notebook, *job, home): job for job in jobs}
        waiting = set(futures)
        while waiting:
            ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            if any(future.exception() for future in ended):
                pool.shutdown(cancel_futures=True)
            for future in ended:
                future.result()
                if progress:
                    progress(futures[future].name, 1 - len(waiting) / len(jobs))
    return [job.target for job in jobs]


def run_notebook(source: Path, target: Path, parameters: dict[str, Any], home: Path) -> Path:
    """Run one notebook; its executed copy appears only when every cell went through.

    Parameters
    ----------
    source, target : Path
        The notebook and where its executed copy goes.
    parameters : dict
        Values for names that its parameters cell declares.
    home : Path
        The checkout that the notebook opens.

    Returns
    -------
    Path
        `target`.

    Raises
    ------
    UserError
        When the notebook is missing, has no parameters cell, or does not know a parameter.
    NotebookError
        Naming notebook, cell and error.
    """
    import papermill
    from papermill.exceptions import PapermillException

    check_parameters(source, parameters)
    target.parent.mkdir(parents=True, exist_ok=True)
    running = target.with_name(f"{target.stem}.running-{os.getpid()}.ipynb")
    begun: list[int] = []
    try:
        # the folder goes to the kernel: papermill's own cwd would move every thread of this process
        papermill.execute_notebook(
            source.resolve(),
            running.resolve(),
            parameters,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            start_timeout=120,
            execution_timeout=CELL_TIMEOUT_SECONDS,
            kernel_manager_class=_kernel_of_this_interpreter(home.resolve()),
            resources={"metadata": {"path": str(source.resolve().parent)}},
            # saving at every cell costs more than running it; the hook knows where we are
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            shutdown_kernel="immediate",
            on_cell_start=lambda cell, cell_index: begun.append(cell_index),
        )
        _forget_paths(running)
        running.replace(target)
    except (PapermillException, TimeoutError, RuntimeError) as error:
        raise NotebookError(_describe_failure(target.stem, source, begun, error)) from error
    finally:
        running.unlink(missing_ok=True)
    return target


def _forget_paths(executed: Path) -> None:
    """Take this machine's paths out of papermill's metadata: notebooks are passed on."""
    notebook = nbformat.read(executed, as_version=4)
    for name in ("input_path", "output_path"):
        notebook.metadata.get("papermill", {}).pop(name, None)
    nbformat.write(notebook, executed)


def read_parameters(source: Path) -> dict[str, Any]:
    """Read the names and defaults in a notebook's parameters cell.

    Raises
    ------
    UserError
        When the notebook is missing, unreadable or has no parameters cell, or the cell holds
        anything but plain values.
    """
    try:
        notebook = nbformat.read(source, as_version=4)
    except FileNotFoundError as error:
        raise UserError(f"{source.name}: no such notebook in {source.parent}") from error
    except Exception as error:
        raise UserError(f"{source.name}: not a notebook ({error})") from error
    for number, cell in enumerate(notebook.cells, start=1):
        if "parameters" in cell.metadata.get("tags", []):
            return _parse_parameters(cell.source, f"{source.name}, cell {number}")
    raise UserError(f"{source.name}: no cell is tagged `parameters`; add one with the month")


def check_parameters(source: Path, parameters: dict[str, Any]) -> None:
    """Raise UserError when a notebook does not declare one of the parameters."""
    declared = read_parameters(source)
    if unknown := sorted(set(parameters) - set(declared)):
        raise UserError(
            f"{source.name}: does not know the parameter {', '.join(unknown)} "
            f"(its parameters cell declares {', '.join(declared) or 'none'})"
        )


def _parse_parameters(code: str, where: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    try:
        for statement in ast.parse(code).body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign):
                raise ValueError("only assignments belong there")
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                values[target.id] = ast.literal_eval(statement.value)  # type: ignore[union-attr]
    except (SyntaxError, ValueError, AttributeError, TypeError) as error:
        raise UserError(f"{where}: not a plain parameters cell: {error}") from error
    return values


def _describe_failure(name: str, source: Path, begun: list[int], error: Exception) -> str:
    """Say which cell failed and how, from the exception; metadata may still say completed."""
    number = getattr(error, "cell_index", begun[-1] if begun else None)
    if hasattr(error, "ename"):
        said = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
    else:
        lines = [line for line in str(error).splitlines() if line.strip()]
        said = f"{type(error).__name__}: {lines[-1] if lines else 'no message'}"
    page = "" if name == source.stem else f" (page {name})"
    return f"notebook {source.stem}{page}{_name_cell(source, number)}: {said}"


def _name_cell(source: Path, executed_number: int | None) -> str:
    """Name a cell by its number in the notebook as written, from 1, and by its label."""
    if executed_number is None:
        return ""
    cells = nbformat.read(source, as_version=4).cells
    tagged = [n for n, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", [])]
    # papermill puts a cell of its own behind the parameters cell
    number = executed_number - (tagged[0] < executed_number)
    lines = cells[number].source.splitlines() if number < len(cells) else []
    labels = [line.split(":", 1)[1].strip() for line in lines if line.startswith("#| label:")]
    return f", cell {number + 1}" + (f" ({labels[0]})" if labels else "")
