"""A household's reasons in words that a county can check, Chinese and English.

Every sentence says the value, what is usual, by how much the odds grow, and where to look.
"""

import pandas as pd

from healthmon.exports import Table, list_tables
from healthmon.project import Project
from healthmon.risk.settings import Feature, load_risk_settings
from healthmon.rules.wording import Language

_COLUMNS = {"head_education": "education"}
"""Features that a table calls otherwise."""
_YES = {"zh": ("是", "否"), "en": ("yes", "no")}
_LARGEST = 100
_NOT_STATED = {"zh": "未填", "en": "not stated"}


def say_reasons(project: Project, reasons: pd.DataFrame, language: Language) -> pd.Series:
    """Write every reason as a sentence.

    Parameters
    ----------
    project : Project
    reasons : DataFrame
        As from :func:`healthmon.risk.reasons.attach_values`.
    language : {"zh", "en"}

    Returns
    -------
    Series of str
        By the index of `reasons`.
    """
    features = load_risk_settings(project.params).features
    tables = list_tables(project.params)
    said = [
        _say(features[name], name, value, usual, factor, tables, language)
        for name, value, usual, factor in zip(
            reasons["feature"], reasons["value"], reasons["usual"], reasons["odds_factor"],
            strict=True,
        )
    ]  # fmt: skip
    return pd.Series(said, index=reasons.index, dtype="object")


def write_value(
    feature: Feature, name: str, value: str | None, tables: dict[str, Table], language: Language
) -> str:
    """Write a value as its column in ``params/risk.yml`` says, money in yuan."""
    if value is None or pd.isna(value):
        return _NOT_STATED[language]
    if feature.shown_as == "word":
        return _word(feature, name, value, tables) if language == "zh" else value
    number = float(value)
    match feature.shown_as:
        case "yuan":
            return f"{number / 100:,.0f} 元" if language == "zh" else f"{number / 100:,.0f} yuan"
        case "share":
            return f"{100 * number:.0f}%"
        case "years":
            return f"{number:.0f} 岁" if language == "zh" else f"{number:.0f} years"
        case "yes":
            return _YES[language][0 if number else 1]
        case "count":
            return f"{number:.0f}"
    return f"{number:.1f}"


def _say(
    feature: Feature, name: str, value: str | None, usual: str | None, factor: float,
    tables: dict[str, Table], language: Language,
) -> str:  # fmt: skip
    own, common = (write_value(feature, name, v, tables, language) for v in (value, usual))
    if language == "zh":
        checked = "、".join(tables[table].label.zh for table in feature.tables)
        return (
            f"{feature.label.zh}：{own}（一般户 {common}），"
            f"风险比值{_times(factor, language)}；可查：{checked}"
        )
    checked = ", ".join(tables[table].label.en for table in feature.tables)
    return (
        f"{feature.label.en}: {own} (usual: {common}), "
        f"odds {_times(factor, language)} times the usual; see: {checked}"
    )


def _times(factor: float, language: Language) -> str:
    """Write a factor; far from what the model was trained on its size means nothing."""
    if factor > _LARGEST:
        return f"超过一般户的 {_LARGEST} 倍" if language == "zh" else f"more than {_LARGEST}"
    return f"为一般户的 {factor:.1f} 倍" if language == "zh" else f"{factor:.1f}"


def _word(feature: Feature, name: str, code: str, tables: dict[str, Table]) -> str:
    """Return the word that the department writes for a code."""
    column = _COLUMNS.get(name, name)
    words = {known: word for table in feature.tables if column in tables[table].columns
             for word, known in tables[table].columns[column].values.items()}  # fmt: skip
    return words.get(code, code)
