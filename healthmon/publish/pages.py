"""Executed notebooks read as pages: titles filled in, cells with their options."""

from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from healthmon.errors import NotebookError
from healthmon.places import place_names
from healthmon.show.headlines import month_zh
from healthmon.show.publish_terms import PublishTerms

HIDDEN_TAGS = {"remove-cell", "parameters", "injected-parameters"}


class Link(NamedTuple):
    """One entry of the navigation."""

    page: str
    text: str
    group: str

    @property
    def href(self) -> str:
        """File of the page, beside every other page."""
        return f"{self.page}.html"


@dataclass
class Cell:
    """One cell: its kind, options, text without the options, outputs."""

    kind: str
    source: str
    options: dict[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    outputs: list[NotebookNode] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Label for references, or nothing."""
        return str(self.options.get("label", ""))

    @property
    def is_hidden(self) -> bool:
        """Whether the cell leaves nothing on the page."""
        return self.options.get("include") is False or bool(self.tags & HIDDEN_TAGS)


@dataclass
class Page:
    """One executed notebook on its way to a page."""

    name: str
    title: str
    cells: list[Cell]
    notebook: NotebookNode
    front: dict[str, Any] = field(default_factory=dict)


def read_page(path: Path, terms: PublishTerms, month: str) -> Page:
    """Read an executed notebook; placeholders in its title are filled in.

    Parameters
    ----------
    path : Path
        The executed notebook; its name becomes that of the page.
    terms : PublishTerms
        For the province's name.
    month : str
        As in ``2022-06``.

    Raises
    ------
    NotebookError
        When the front matter is missing or cannot be read.
    """
    notebook = nbformat.read(path, as_version=4)
    if not notebook.cells or notebook.cells[0].cell_type != "raw":
        raise NotebookError(f"notebook {path.stem}: the first cell is not raw front matter")
    asked = notebook.metadata.get("papermill", {}).get("parameters", {})
    filled = notebook.cells[0].source
    for name, value in _placeholders(terms, month, asked).items():
        filled = filled.replace(f"{{{name}}}", value)
    notebook.cells[0].source = filled
    front = _read_yaml(filled.strip().strip("-"), f"notebook {path.stem}, cell 1")
    if not front.get("title"):
        raise NotebookError(f"notebook {path.stem}, cell 1: the front matter has no title")
    cells = [_read_cell(cell, path.stem, n) for n, cell in enumerate(notebook.cells[1:], start=2)]
    return Page(path.stem, str(front["title"]), cells, notebook, front)


def list_links(pages: list[Page], terms: PublishTerms) -> list[Link]:
    """List the navigation over the pages that there are, in the order of the terms."""
    names = {page.name for page in pages}
    links = []
    for entry in (page for page in terms.pages if page.in_navigation):
        if entry.each == "prefecture":
            wanted = [
                Link(entry.page.format(prefecture_code=code), name, "prefecture")
                for code, name in place_names("prefectures").items()
            ]
        else:
            group = "province" if entry.page == "index" else "method"
            wanted = [Link(entry.page, entry.nav or entry.page, group)]
        links += [link for link in wanted if link.page in names]
    return links


def _placeholders(terms: PublishTerms, month: str, asked: dict[str, Any]) -> dict[str, str]:
    code = asked.get("prefecture_code")
    prefecture = place_names("prefectures", short=False).get(code, "") if code else ""
    return {"province": terms.site.province, "prefecture": prefecture, "month": month_zh(month)}


def _read_cell(cell: NotebookNode, name: str, number: int) -> Cell:
    tags = frozenset(cell.metadata.get("tags", []))
    if cell.cell_type != "code":
        return Cell(cell.cell_type, cell.source, tags=tags)
    lines = cell.source.splitlines()
    option_lines = []
    while lines and lines[0].startswith("#| "):
        option_lines.append(lines.pop(0)[3:])
    options = _read_yaml("\n".join(option_lines), f"notebook {name}, cell {number}")
    return Cell("code", "\n".join(lines).strip(), options, tags, list(cell.outputs))


def _read_yaml(text: str, where: str) -> dict[str, Any]:
    try:
        read = YAML(typ="safe").load(StringIO(text)) or {}
    except YAMLError as error:
        raise NotebookError(f"{where}: options are not YAML: {error}") from error
    if not isinstance(read, dict):
        raise NotebookError(f"{where}: options are not `key: value` lines")
    return read
