"""The risk model of one month, from clean tables to what the notebooks show."""

import pandas as pd

from healthmon.burden import SpendingRule, household_burden, load_rule
from healthmon.errors import UserError
from healthmon.project import Project, check_month
from healthmon.risk.cohorts import list_cohorts, list_income_years, make_cohort
from healthmon.risk.comparison import hold_against
from healthmon.risk.inference import estimate_odds_ratios
from healthmon.risk.model import (
    build_challenger,
    fit_model,
    predict_across_folds,
    select_features,
)
from healthmon.risk.result import RiskResult
from healthmon.risk.saving import fingerprint_rows
from healthmon.risk.scoring import give_reasons, score_households
from healthmon.risk.settings import RiskSettings, load_risk_settings
from healthmon.risk.threshold_settings import load_threshold_settings
from healthmon.risk.truth import has_truth, read_untreated


def run_risk(project: Project, month: str, burden: pd.DataFrame | None = None) -> RiskResult:
    """Train, test beside the rule and score, with what had been delivered by `month`.

    Parameters
    ----------
    project : Project
    month : str
        As in ``2022-06``.
    burden : DataFrame, optional
        That of the month, as from :func:`healthmon.burden.household_burden`, where it is there.

    Returns
    -------
    RiskResult

    Raises
    ------
    ParameterError
        When ``params/risk.yml`` or the rule is refused.
    UserError
        When `month` is no month, the rule is not in force in it, a cohort has only one outcome,
        or the truth of simulated data belongs to other households.

    References
    ----------
    QH-5, channel 1; the outcome is inferred.
    """
    check_month(month)
    settings, rule = load_risk_settings(project.params), load_rule(project.params)
    years = list_income_years(project, month)
    cohort_years = list_cohorts(years, rule.first_year)
    if not cohort_years:
        return RiskResult("no_outcome", _say_no_outcome(project, month, rule))
    known = {year: make_cohort(project, month, year, settings, rule) for year in cohort_years}
    cohorts = {year: _above_line(cohort, year) for year, cohort in known.items()}
    facts, frames = _test(project, cohorts, settings)
    stacked = pd.concat(list(cohorts.values()))
    model = fit_model(stacked, settings)
    burden = household_burden(project, month) if burden is None else burden
    by_rule = burden[burden["is_rule_year"]].groupby("household_id")["is_flagged_by_rule"].any()
    features, scores = score_households(project, month, max(years), model, by_rule, settings)
    # the earliest cohort is the one least touched by the help that flags bring
    frames["coefficients"] = estimate_odds_ratios(cohorts[cohort_years[0]], settings)
    frames["household_scores"] = scores
    frames["reasons"] = give_reasons(features, scores, model, stacked, settings)
    below = known[facts["test_year"]].query("not is_above_line")
    facts |= {
        "test_below_line_count": len(below),
        "test_flagged_below_line_count": int(below["is_flagged_by_rule"].sum()),
        "coefficients_year": cohort_years[0],
        "final_years": cohort_years,
        "final_count": len(stacked),
        "data_fingerprint": fingerprint_rows(
            select_features(stacked, settings).assign(is_fallen=stacked["is_fallen"])
        ),
        "score_year": max(years),
        "unscored_count": len(by_rule) - len(scores),
        "is_simulated": project.is_simulated,
        **_count_scores(scores),
    }
    state = "tested" if len(cohort_years) > 1 else "one_cohort"
    return RiskResult(state, facts | _say(state, facts), frames, model)


def _above_line(cohort: pd.DataFrame, year: int) -> pd.DataFrame:
    """Keep the households that can fall below the line."""
    above = cohort[cohort["is_above_line"]]
    if above.empty:
        raise UserError(
            f"no household of {year} has an income and an outcome: look at the incomes delivered "
            "and at the poverty line in params/risk.yml"
        )
    return above


def _count_scores(scores: pd.DataFrame) -> dict[str, int]:
    is_known = scores["is_income_known"]
    return {
        "scored_count": len(scores),
        "flagged_count": int(scores["is_flagged_by_rule"].sum()),
        "below_line_count": int((is_known & ~scores["is_above_line"]).sum()),
        "income_unknown_count": int((~is_known).sum()),
    }


def _test(
    project: Project, cohorts: dict[int, pd.DataFrame], settings: RiskSettings
) -> tuple[dict, dict[str, pd.DataFrame]]:
    """Test on the latest cohort, trained on the earlier ones, or on other households of it."""
    *earlier, test_year = sorted(cohorts)
    train_years = earlier or [test_year]
    train, test = pd.concat([cohorts[year] for year in train_years]), cohorts[test_year]
    risks = {
        "model": predict_across_folds(train, test, settings),
        "challenger": predict_across_folds(train, test, settings, build_challenger),
    }
    facts = {
        "train_years": train_years,
        "train_year": train_years[-1],
        "test_year": test_year,
        "households": len(test),
        "fallen_count": int(test["is_fallen"].sum()),
        "prevalence": float(test["is_fallen"].mean()),
        "test_flagged_count": int(test["is_flagged_by_rule"].sum()),
    }
    parts = []
    flags_from = load_threshold_settings(project.params).discontinuity.flags_from_year
    if earlier and earlier[0] < flags_from:
        # before any household was flagged and helped: nothing that helps looks like a false alarm
        first = cohorts[earlier[0]]
        within = {"model": predict_across_folds(first, first, settings)}
        parts.append(hold_against(first, within, first["is_fallen"], "before_flags", settings))
        facts |= {
            "first_year": earlier[0],
            "first_households": len(first),
            "first_fallen_count": int(first["is_fallen"].sum()),
            "first_flagged_count": int(first["is_flagged_by_rule"].sum()),
        }
    parts += [hold_against(test, risks, test["is_fallen"], "observed", settings)]
    if has_truth(project):
        line = settings.poverty_lines.line_fen(test_year + 1)
        untreated = read_untreated(project, test_year + 1, test.index, line)
        known = untreated.notna().to_numpy()
        if not known.any():
            raise UserError(
                "data/raw/truth holds none of the households taken in: run `healthmon intake` again"
            )
        parts.append(
            hold_against(
                test[known],
                {name: values[known] for name, values in risks.items()},
                untreated[known],
                "untreated",
                settings,
            )
        )
        facts["untreated_prevalence"] = float(untreated[known].astype(bool).mean())
    names = parts[0]
    return facts, {name: pd.concat([part[name] for part in parts]) for name in names}


def _say_no_outcome(project: Project, month: str, rule: SpendingRule) -> dict:
    first = rule.first_year
    return {
        "is_simulated": project.is_simulated,
        "message_zh": f"截至 {month[:4]} 年 {int(month[5:])} 月，"
        f"还没有一个年度既有当年特征又有下一年结果（最早为 {first} 年特征、{first + 1} 年结果），"
        "模型尚不能训练，本月只用规则。",
        "message_en": f"By {month} no year has both features and the next year's outcome "
        f"(the first will be {first} with {first + 1}): no model can be trained yet, the rule "
        "stands alone.",
    }


def _say(state: str, facts: dict) -> dict[str, str]:
    train, test = "、".join(map(str, facts["train_years"])), facts["test_year"]
    if state == "one_cohort":
        return {
            "message_zh": f"只有 {test} 年特征、{test + 1} 年结果这一批，"
            "模型在同一批内按户交叉检验，没有经过以后年度的检验。",
            "message_en": f"Only one cohort ({test}, outcome of {test + 1}): tested across "
            "households within it, not on a later year.",
        }
    return {
        "message_zh": f"用 {train} 年特征训练、{test} 年特征及 {test + 1} 年结果检验；"
        "同一户不同时用于训练和检验。",
        "message_en": f"Trained on features of {train.replace('、', ', ')}, tested on features of "
        f"{test} and the outcome of {test + 1}; no household is on both sides.",
    }
