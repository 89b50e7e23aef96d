"""``docs/risk-features.md``: what the model knows of a household, made from ``params/risk.yml``."""

from pathlib import Path

from healthmon.exports import list_tables
from healthmon.risk.settings import GROUPS, Feature, load_risk_settings

_HEAD = """# What the risk model knows of a household

Generated from `params/risk.yml` by `healthmon docs`; computed in `healthmon/risk/features.py`.

Everything describes one calendar year. Registers are those delivered by its December; settlements
and incomes of the year, which come late, are taken as delivered by the month of the next year that
the report is for. Nothing that happened after the year goes in. Predicts (inferred): {outcome}.
"""
_SHOWN = {
    "yuan": "fen", "share": "0 to 1", "count": "number", "years": "years", "yes": "0 or 1",
    "word": "category", "number": "number",
}  # fmt: skip
_FORMS = {"log_spline": "spline of the logarithm", "log": "logarithm"}
_DIRECTIONS = {"increasing": "never falls", "decreasing": "never rises", None: "free"}


def render_features(params: Path) -> str:
    """Return the page as Markdown."""
    settings, tables = load_risk_settings(params), list_tables(params)
    parts = [_HEAD.format(outcome=settings.outcome.label.en)]
    for group, title in GROUPS.items():
        parts += [
            f"\n## {title.zh} {title.en}\n",
            "| feature | name | unit | in the model | risk along it | from |",
            "|---|---|---|---|---|---|",
            *(
                _row(name, feature, [tables[table].label.en for table in feature.tables])
                for name, feature in settings.features.items()
                if feature.group == group
            ),
        ]
    return "\n".join(parts) + "\n"


def _row(name: str, feature: Feature, tables: list[str]) -> str:
    label = f"{feature.label.zh} {feature.label.en}"
    form = {"log_spline": "spline of the logarithm", "log": "logarithm"}.get(
        feature.form, feature.form
    )
    return (
        f"| {label} | `{name}` | {_SHOWN[feature.shown_as]} | {form} "
        f"| {_DIRECTIONS[feature.monotone]} | {', '.join(tables)} |"
    )
