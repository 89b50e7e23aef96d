"""Quarto, where it is installed: a website project over the executed notebooks."""

import copy
import os
import re
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path

import nbformat

from healthmon.errors import UserError
from healthmon.publish.figures import LIBRARY_FOLDER, SCRIPTS, write_libraries
from healthmon.publish.frame import Frame
from healthmon.publish.pages import Page

TIMEOUT_SECONDS = 900
_ERROR = re.compile(r"(?i)\berror\b")


def find_quarto() -> Path | None:
    """Find the program: ``QUARTO_PATH`` (the program or its folder), else on PATH.

    Raises
    ------
    UserError
        When ``QUARTO_PATH`` is set and leads to no program.
    """
    told = os.environ.get("QUARTO_PATH")
    if not told:
        found = shutil.which("quarto")
        return Path(found) if found else None
    candidates = [
        Path(told),
        Path(told) / "quarto",
        Path(told) / "bin" / "quarto",
        Path(told) / "quarto.exe",
    ]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise UserError(f"QUARTO_PATH is {told}, where no quarto program is: mend it or unset it")


def read_version(quarto: Path) -> str:
    """Return Quarto's version.

    Raises
    ------
    UserError
        When the program does not start.
    """
    return _run([str(quarto), "--version"], Path.cwd()).strip()


def render_site(
    quarto: Path, pages: list[Page], frame: Frame, project_file: Path, folder: Path
) -> None:
    """Render executed notebooks as a Quarto website into a folder.

    The stored outputs are used; nothing is executed. The website project is laid out in a
    temporary folder, where each notebook has the name of its page.

    Parameters
    ----------
    quarto : Path
        The program.
    pages : list of Page
        Executed notebooks.
    frame : Frame
        What stands around every page.
    project_file : Path
        ``reports/_quarto.yml``.
    folder : Path
        Exists and is empty; gets the site.

    Raises
    ------
    UserError
        When Quarto fails or leaves a page out.
    """
    with tempfile.TemporaryDirectory(prefix="healthmon-quarto-") as name:
        work = Path(name)
        lay_out(pages, frame, project_file, work)
        _run([str(quarto), "render", str(work)], work)
        missing = [
            page.name for page in pages if not (work / "_site" / f"{page.name}.html").is_file()
        ]
        if missing:
            raise UserError(f"Quarto ended without an error but left out: {', '.join(missing)}")
        shutil.copytree(work / "_site", folder, dirs_exist_ok=True)


def lay_out(pages: list[Page], frame: Frame, project_file: Path, work: Path) -> None:
    """Write the website project: settings, notebooks, style, banner, footer, libraries."""
    shutil.copyfile(project_file, work / "_quarto.yml")
    for page in pages:
        nbformat.write(_with_month(page, frame.month_zh), work / f"{page.name}.ipynb")
    template = files("healthmon.publish") / "template"
    style = (template / "content.css").read_text(encoding="utf-8")
    (work / "healthmon.css").write_text(style, encoding="utf-8")
    scripts = [f'<script defer src="{LIBRARY_FOLDER}/{name}"></script>' for name in SCRIPTS]
    (work / "_head.html").write_text("\n".join(scripts) + "\n", encoding="utf-8")
    (work / "_before.html").write_text(frame.banner_html() + "\n", encoding="utf-8")
    footer = f'<footer class="hm-footer">{frame.footer_html()}</footer>'
    (work / "_after.html").write_text(footer, encoding="utf-8")
    write_libraries(work)


def _with_month(page: Page, month: str) -> nbformat.NotebookNode:
    """Return the notebook with the month as subtitle and without what papermill noted."""
    notebook = copy.deepcopy(page.notebook)
    notebook.metadata.pop("papermill", None)
    front = notebook.cells[0].source.strip().removesuffix("---").rstrip()
    notebook.cells[0].source = f'{front}\nsubtitle: "{month}"\n---'
    return notebook


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"Quarto did not run ({type(error).__name__}): {error}") from error
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        telling = [line for line in lines if _ERROR.search(line)] or lines[-3:] or ["no message"]
        raise UserError(
            f"Quarto ended with exit code {done.returncode}: {' '.join(telling[:3]).strip()} "
            "(the site published before is untouched; --publisher builtin does without Quarto)"
        )
    return done.stdout
