"""Which clause is served by what: ``docs/clause-map.md``, with every reference looked up."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import Field, model_validator

from healthmon.consistency.terms import load_consistency_terms
from healthmon.errors import ParameterError
from healthmon.parameters import Cited, Label, Parameters, load_parameters
from healthmon.project import Project
from healthmon.rules.indicators import load_indicators

_FILE = "clauses.yml"
_CLAUSE = re.compile(r"\b[A-Z]{2}-\d+\b")
_HEAD = """# Clauses and what serves them

Generated from `params/clauses.yml`, the indicators and the comparisons by `healthmon docs`; a test
fails when this page is not current, and a clause id that is not listed here is refused wherever it
stands in `params/`. The wording is ours and short; what counts is the document.
"""


class Document(Parameters):
    """One of the five documents."""

    title: Cited
    place: Label
    binds: Label


class Served(Parameters):
    """What serves a clause beside the indicators and comparisons that name it themselves."""

    standards: tuple[str, ...] = ()
    comparisons: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    notebooks: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()


class Clause(Parameters):
    """What a clause asks for, what serves it, and what does not."""

    says: Label
    served: Served = Served()
    missing: Cited | None = None


class Clauses(Parameters):
    """Everything in ``params/clauses.yml``."""

    documents: dict[str, Document] = Field(min_length=1)
    clauses: dict[str, Clause] = Field(min_length=1)

    @model_validator(mode="after")
    def _of_documents(self) -> "Clauses":
        if unknown := [name for name in self.clauses if name.split("-")[0] not in self.documents]:
            raise ValueError(f"of no document: {', '.join(unknown)}")
        return self


def load_clauses(params: Path) -> Clauses:
    """Read ``clauses.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused, or a clause id that it does not have stands anywhere in the
        folder: each with file and line.
    """
    clauses = load_parameters(params / _FILE, Clauses)
    unknown = [
        f"{path.relative_to(params)}, line {number}: no clause {name} in {_FILE}"
        for path in sorted(params.rglob("*.yml"))
        for number, name in _clause_ids(path)
        if name.split("-")[0] in clauses.documents and name not in clauses.clauses
    ]
    if unknown:
        raise ParameterError("\n".join(unknown))
    return clauses


def _clause_ids(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for name in _CLAUSE.findall(line):
            yield number, name


def render_clause_map(project: Project, commands: Collection[str]) -> str:
    """Write which clause is served by what, as Markdown.

    Parameters
    ----------
    project : Project
    commands : collection of str
        Names of the commands that there are.

    Returns
    -------
    str
        One section a document, one row a clause.

    Raises
    ------
    ParameterError
        When something that is said to serve a clause does not exist, or nothing serves a clause
        and nothing is said to be missing: each with its line.
    """
    clauses = load_clauses(project.params)
    named = _by_clause(project.params)
    _require_references(project, clauses, commands, named)
    parts = [_HEAD]
    for short, document in clauses.documents.items():
        parts.append(
            f"\n## {short}: {document.title}\n\n{document.place.zh} {document.place.en}. "
            f"Binds: {document.binds.zh} ({document.binds.en}).\n\n"
            "| clause | asks for | served by | missing |\n|---|---|---|---|"
        )
        for name, clause in clauses.clauses.items():
            if name.split("-")[0] == short:
                served = _served(clause.served, named.get(name, {}))
                says = f"{clause.says.zh}<br>{clause.says.en}"
                parts.append(f"| {name} | {says} | {served} | {clause.missing or ''} |")
    return "\n".join(parts) + "\n"


def _by_clause(params: Path) -> dict[str, dict[str, list[str]]]:
    """List the indicators and comparisons that name each clause."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, indicator in load_indicators(params).items():
        for clause in indicator.clause_ids:
            found.setdefault(clause, {}).setdefault("indicators", []).append(name)
    for name, comparison in load_consistency_terms(params).comparisons.items():
        clause = comparison.source.split()[0]
        found.setdefault(clause, {}).setdefault("comparisons", []).append(name)
    return found


def _served(served: Served, named: dict[str, list[str]]) -> str:
    comparisons = dict.fromkeys([*named.get("comparisons", []), *served.comparisons])
    kinds = {
        "standard": [f"`params/standards/{name}.yml`" for name in served.standards],
        "indicator": [f"`{name}`" for name in named.get("indicators", [])],
        "comparison": [f"`{name}`" for name in comparisons],
        "list": [f"`healthmon {name}`" for name in served.commands],
        "notebook": [f"`{name}`" for name in served.notebooks],
        "page": [f"[{name}]({name})" for name in served.docs],
    }
    said = [
        f"{kind}{'s' if len(names) > 1 else ''}: {', '.join(names)}"
        for kind, names in kinds.items()
        if names
    ]
    return "; ".join(said) or "**not yet**"


def _require_references(
    project: Project,
    clauses: Clauses,
    commands: Collection[str],
    named: dict[str, dict[str, list[str]]],
) -> None:
    """Raise ParameterError for everything named that does not exist, and for silence."""
    comparisons = load_consistency_terms(project.params).comparisons
    messages = []
    for name, clause in clauses.clauses.items():
        served = clause.served
        lacking = [
            *(
                one
                for one in served.standards
                if not (project.params / "standards" / f"{one}.yml").is_file()
            ),
            *(one for one in served.comparisons if one not in comparisons),
            *(one for one in served.commands if one not in commands),
            *(
                one
                for one in served.notebooks
                if not (project.notebooks / f"{one}.ipynb").is_file()
            ),
            *(one for one in served.docs if not (project.root / "docs" / one).is_file()),
        ]
        messages += [f"{name}: there is no {one}" for one in lacking]
        if not any(getattr(served, kind) for kind in Served.model_fields) and not (
            named.get(name) or clause.missing
        ):
            messages.append(f"{name}: nothing serves it, and nothing is said to be missing")
    if messages:
        lines = (project.params / _FILE).read_text(encoding="utf-8").splitlines()
        at = {line.strip().rstrip(":"): number for number, line in enumerate(lines, start=1)}
        raise ParameterError(
            "\n".join(f"{_FILE}, line {at[text.split(':')[0]]}: {text}" for text in messages)
        )
