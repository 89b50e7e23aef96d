"""The pages in ``docs/`` that are made from parameters and code."""

import json
from pathlib import Path

from healthmon.clause_map import render_clause_map
from healthmon.intake.dictionary import render_dictionary
from healthmon.project import Project
from healthmon.risk.dictionary import render_features
from healthmon.rules.indicator_pages import render_indicators
from healthmon.rules.standards import ScoreStandard


def write_references(project: Project) -> list[Path]:
    """Write the generated pages anew.

    Returns
    -------
    list of Path
        The files written.
    """
    written = []
    for name, text in render_references(project).items():
        path = project.root / "docs" / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def render_references(project: Project) -> dict[str, str]:
    """Return the generated pages by file name."""
    schema = json.dumps(
        ScoreStandard.model_json_schema(by_alias=True), ensure_ascii=False, indent=1
    )
    return {
        "clause-map.md": render_clause_map(project, _commands()),
        "data-dictionary.md": render_dictionary(project.params),
        "indicators.md": render_indicators(project.params),
        "risk-features.md": render_features(project.params),
        "score-standard.schema.json": schema + "\n",
    }


def _commands() -> list[str]:
    """Name the commands; asked for here, as the command line itself asks for these pages."""
    from healthmon.cli import app

    return [command.name or command.callback.__name__ for command in app.registered_commands]
