"""Small checkouts and executed notebooks for tests of publishing; nothing here runs a kernel."""

import ast
import json
import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from plotly.basedatatypes import BaseFigure

from healthmon.project import Project, open_project
from healthmon.publish.figures import bundle_figure

PLOT = '<div class="hm-figure"><div class="hm-plot"></div></div>'


def make_home(root: Path, notebooks: tuple[str, ...] = ()) -> Project:
    """Copy params and some notebooks, which then open the fake month, into an empty folder."""
    checkout = open_project()
    months = shutil.ignore_patterns("20??-??.yml")
    shutil.copytree(checkout.params, root / "params", ignore=months)
    for folder in ("notebooks", "reports", "data/raw"):
        (root / folder).mkdir(parents=True)
    (root / "data/raw/SIMULATED").write_text("seed: 7\nscale: 0.01\n", encoding="utf-8")
    shutil.copy(checkout.reports / "_quarto.yml", root / "reports")
    for name in notebooks:
        text = (checkout.notebooks / f"{name}.ipynb").read_text(encoding="utf-8")
        text = text.replace("from healthmon.month import", "from fake_month import")
        (root / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    if notebooks:
        _keep_pages(root / "params", notebooks)
    return Project(root)


def _keep_pages(params: Path, notebooks: tuple[str, ...]) -> None:
    """Leave only the pages of these notebooks in the copied parameters."""
    for name, mark in (("publish.yml", "{ notebook: "), ("template.yml", ": {}")):
        path = params / name
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if mark not in line or any(n in line for n in notebooks)]
        path.write_text("".join(kept), encoding="utf-8")


def run_cells(source: Path, target: Path, parameters: dict) -> Path:
    """Execute a notebook in this process, faster than a kernel starts; displays are left out."""
    notebook, names = nbformat.read(source, as_version=4), {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown = _run_cell(cell.source, names)
            cell.outputs = [new_output("display_data", data=shown)] if shown else []
            if "parameters" in cell.metadata.get("tags", []):
                names |= parameters
    notebook.metadata["papermill"] = {"parameters": parameters}
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def _run_cell(source: str, names: dict) -> dict:
    """Run a cell and return what its last expression shows."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    if isinstance(value, BaseFigure):
        return bundle_figure(value)
    if hasattr(value, "_repr_mimebundle_"):
        return value._repr_mimebundle_()
    for kind in ("html", "markdown"):
        shown = getattr(value, f"_repr_{kind}_", lambda: None)()
        if shown:
            return {f"text/{kind}": shown}
    return {}


def write_notebook(path: Path, *cells) -> Path:
    """Write a notebook of the given cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def front(title: str = "标题", **more: object):
    """Make the raw first cell."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in more.items()]
    return new_raw_cell("\n".join(["---", f'title: "{title}"', "lang: zh", *lines, "---"]))


def code(source: str, *tags: str, html: str = "", markdown: str = "", plain: str = ""):
    """Make a code cell with one output."""
    cell = new_code_cell(source)
    if tags:
        cell.metadata["tags"] = list(tags)
    data = {"text/html": html, "text/markdown": markdown, "text/plain": plain}
    data = {kind: text for kind, text in data.items() if text}
    if data:
        cell.outputs = [new_output("display_data", data=data)]
    return cell


def text(source: str):
    """Make a cell of Markdown."""
    return new_markdown_cell(source)
