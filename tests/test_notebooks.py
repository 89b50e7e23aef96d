"""Notebooks as written: one question each, thin, stripped, and runnable by themselves."""

import ast
from pathlib import Path

import nbformat
import pytest

from healthmon.project import open_project

NOTEBOOKS = sorted(open_project().notebooks.glob("*.ipynb"))
EXPECTED = {
    "00_start", "10_score_facilities", "20_household_burden", "30_risk_model", "31_threshold_1560",
    "32_real_data_check", "40_reading_sensitivity", "50_data_quality", "60_services",
    "61_costs_and_caps", "62_deadlines", "80_prefecture_report", "85_supervision_list",
    "90_province_report",
}  # fmt: skip
MOST_LINES = 10
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def tagged(path: Path, tag: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in code_cells(path) if tag in cell.metadata.get("tags", [])]


def test_every_notebook_of_the_suite_is_there() -> None:
    assert {path.stem for path in NOTEBOOKS} >= EXPECTED


@every_notebook
def test_it_is_stripped(path: Path) -> None:
    assert not [c for c in code_cells(path) if c.outputs or c.execution_count]


@every_notebook
def test_it_begins_with_front_matter(path: Path) -> None:
    first = nbformat.read(path, 4).cells[0]
    assert first.cell_type == "raw"
    assert first.source.startswith("---")
    for line in ("title:", "lang: zh", "echo: false"):
        assert line in first.source


@every_notebook
def test_its_parameters_are_explained_and_hidden(path: Path) -> None:
    (cell,) = tagged(path, "parameters")
    first, *rest = cell.source.splitlines()
    assert first == "#| include: false"
    assert rest
    assert all("#" in line for line in rest), "a comment per parameter"
    assert all(isinstance(n, ast.Assign) for n in ast.parse(cell.source).body)


@every_notebook
def test_its_cells_are_thin(path: Path) -> None:
    for cell in code_cells(path):
        lines = [line for line in cell.source.splitlines() if not line.startswith("#|")]
        assert len(lines) <= MOST_LINES, cell.source
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, kinds)]


@every_notebook
def test_its_figures_and_tables_have_captions_and_alternatives(path: Path) -> None:
    for cell in code_cells(path):
        options = {
            line[2:].split(":")[0].strip(): line.split(":", 1)[1].strip()
            for line in cell.source.splitlines()
            if line.startswith("#|")
        }
        label = options.get("label", "")
        if label.startswith("fig-"):
            assert options.get("fig-cap")
            assert options.get("fig-alt")
        if label.startswith("tbl-"):
            assert options.get("tbl-cap")


@every_notebook
def test_headings_begin_at_the_second_level(path: Path) -> None:
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "markdown":
            assert not [line for line in cell.source.splitlines() if line.startswith("# ")]
