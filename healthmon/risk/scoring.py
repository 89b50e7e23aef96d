"""The households on the register now: their risks, who is flagged, and why."""

import pandas as pd
from sklearn.pipeline import Pipeline

from healthmon.project import Project
from healthmon.registers import current_households
from healthmon.risk.cohorts import is_above_line, known_by
from healthmon.risk.evaluation import flag_top
from healthmon.risk.features import household_features
from healthmon.risk.model import explain_risk, predict_risk
from healthmon.risk.reasons import attach_values, main_reasons, usual_values
from healthmon.risk.settings import RiskSettings
from healthmon.tables import collect_frame

_COLUMNS = [
    "county_code", "prefecture_code", "risk", "is_flagged_by_model", "is_flagged_by_rule",
    "is_above_line", "is_income_known",
]  # fmt: skip


def score_households(
    project: Project, month: str, year: int, model: Pipeline, by_rule: pd.Series,
    settings: RiskSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Score the households on the register now from the last full year, beside the rule now.

    Households that came after that year have no features and no score.

    Parameters
    ----------
    project : Project
    month : str
        As in ``2022-06``.
    year : int
        The last full year with incomes.
    model : Pipeline
        Fitted.
    by_rule : Series of bool
        Whom the rule flags this month, by ``household_id``.
    settings : RiskSettings

    Returns
    -------
    features : DataFrame
        Of the households scored, as from :func:`healthmon.risk.features.household_features`.
    scores : DataFrame
        In the same order: ``household_id``, ``county_code``, ``prefecture_code``, ``risk``
        (0 to 1), ``is_flagged_by_model`` (as many as the rule flags), ``is_flagged_by_rule``,
        ``is_above_line`` (False also where the income is not known), ``is_income_known``.
    """
    features = household_features(project, year, known_by(year, month), settings)
    features = features[features.index.isin(by_rule.index)]
    now = current_households(project, month).select(
        "household_id", "county_code", "prefecture_code"
    )
    risks, flags = predict_risk(model, features, settings), by_rule.loc[features.index]
    scores = (
        collect_frame(now)
        .set_index("household_id")
        .loc[features.index]
        .assign(
            risk=risks,
            is_flagged_by_model=flag_top(risks, features.index.to_numpy(), int(flags.sum())),
            is_flagged_by_rule=flags,
            is_above_line=is_above_line(features, settings.poverty_lines.line_fen(year)),
            is_income_known=features["income_per_member_fen"].notna(),
        )
    )
    return features, scores[_COLUMNS].reset_index()


def give_reasons(
    features: pd.DataFrame,
    scores: pd.DataFrame,
    model: Pipeline,
    trained: pd.DataFrame,
    settings: RiskSettings,
) -> pd.DataFrame:
    """Say what raises the risk of each household that model or rule flags.

    Parameters
    ----------
    features, scores : DataFrame
        As from :func:`score_households`.
    model : Pipeline
        Fitted.
    trained : DataFrame
        The households it was fitted to, whose median the reasons are measured from.
    settings : RiskSettings

    Returns
    -------
    DataFrame
        As from :func:`healthmon.risk.reasons.attach_values`.
    """
    is_flagged = scores["is_flagged_by_model"] | scores["is_flagged_by_rule"]
    flagged = features[is_flagged.to_numpy()]
    parts = pd.DataFrame(columns=list(settings.features), dtype=float)
    if len(flagged):
        parts, _ = explain_risk(model, flagged, settings)
    reasons = main_reasons(parts, settings.reasons.most, settings.reasons.least_odds)
    return attach_values(reasons, flagged, usual_values(trained[list(settings.features)]))
