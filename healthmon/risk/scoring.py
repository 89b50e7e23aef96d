"""The households on the register now: their risks, who is flagged, and why."""

import pandas as pd
from sklearn.pipeline import Pipeline

from healthmon.burden import collect_frame
from healthmon.project import Project
from healthmon.registers import current_households
from healthmon.risk.cohorts import is_above_line, known_by
from healthmon.risk.evaluation import flag_top
from healthmon.risk.features import household_features
from healthmon.risk.model import explain_risk, predict_risk
from healthmon.risk.reasons import attach_values, main_reasons, usual_values
from healthmon.risk.settings import RiskSettings


def score_households(
    project: Project,
    month: str,
    year: int,
    model: Pipeline,
    trained: pd.DataFrame,
    by_rule: pd.Series,
    settings: RiskSettings,
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Score the households on the register now from the last full year, beside the rule now.

    Parameters
    ----------
    project : Project
    month : str
        As in ``2022-06``.
    year : int
        The last full year with incomes.
    model : Pipeline
        Fitted.
    trained : DataFrame
        The households it was fitted to, whose median the reasons are measured from.
    by_rule : Series of bool
        Whom the rule flags this month, by ``household_id``.
    settings : RiskSettings

    Returns
    -------
    scores : DataFrame
        ``household_id``, ``county_code``, ``prefecture_code``, ``risk`` (0 to 1),
        ``is_flagged_by_model`` (as many as the rule flags), ``is_flagged_by_rule``,
        ``is_above_line`` (False also where the income is not known), ``is_income_known``.
    reasons : DataFrame
        As from :func:`healthmon.risk.reasons.attach_values`, for those flagged by either.
    unscored : int
        Households that came after that year: they have no features and no score.
    """
    features = household_features(project, year, known_by(year, month), settings)
    features = features[features.index.isin(by_rule.index)]
    now = current_households(project, month).select(
        "household_id", "county_code", "prefecture_code"
    )
    places = collect_frame(now).set_index("household_id")
    scores = places.loc[features.index].assign(
        risk=predict_risk(model, features, settings),
        is_flagged_by_rule=by_rule.loc[features.index],
        is_above_line=is_above_line(features, settings.poverty_lines.line_fen(year)),
        is_income_known=features["income_per_member_fen"].notna(),
    )
    count = int(scores["is_flagged_by_rule"].sum())
    flags = flag_top(scores["risk"].to_numpy(), scores.index.to_numpy(), count)
    columns = [
        "county_code", "prefecture_code", "risk", "is_flagged_by_model", "is_flagged_by_rule",
        "is_above_line", "is_income_known",
    ]  # fmt: skip
    scores = scores.assign(is_flagged_by_model=flags)[columns]
    flagged = features[scores["is_flagged_by_model"] | scores["is_flagged_by_rule"]]
    parts = pd.DataFrame(columns=list(settings.features), dtype=float)
    if len(flagged):
        parts, _ = explain_risk(model, flagged, settings)
    reasons = main_reasons(parts, settings.reasons.most, settings.reasons.least_odds)
    usual = usual_values(trained[list(settings.features)])
    return scores.reset_index(), attach_values(reasons, flagged, usual), len(by_rule) - len(scores)
