"""The pipeline on small frames, and whole months on random households."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from healthmon.errors import ParameterError, UserError
from healthmon.fingerprint import take_fingerprint
from healthmon.project import open_project
from healthmon.risk.cohorts import list_income_years
from healthmon.risk.comparison import make_methods
from healthmon.risk.evaluation import GROUPS
from healthmon.risk.inference import estimate_odds_ratios
from healthmon.risk.model import (
    explain_risk,
    fit_model,
    household_folds,
    predict_across_folds,
    predict_risk,
    select_features,
)
from healthmon.risk.run import run_risk
from healthmon.risk.settings import load_risk_settings

from clean_tables import COUNTIES, deliver, make_project, make_random_project

SETTINGS = load_risk_settings(open_project().params)
FEW = SETTINGS.model_copy(
    update={
        "features": {
            name: SETTINGS.features[name]
            for name in ("oop_per_member_fen", "income_per_member_fen", "head_education")
        },
        "evaluation": SETTINGS.evaluation.model_copy(update={"replicates": 20}),
    }
)


def make_cohort(households=4000, seed=2) -> pd.DataFrame:
    """Log odds -3 + 0.5 for each 1,000 yuan of spending, nothing for income."""
    rng = np.random.default_rng(seed)
    spent = rng.uniform(0, 600_000, households)
    risk = 1 / (1 + np.exp(3 - spent / 200_000))
    return pd.DataFrame(
        {
            "oop_per_member_fen": spent,
            "income_per_member_fen": rng.uniform(400_000, 1_500_000, households),
            "head_education": rng.choice(["primary", None], households),
            "county_code": rng.choice(COUNTIES, households),
            "is_fallen": rng.random(households) < risk,
        },
        index=pd.Index(rng.permutation(households) + 1, name="household_id"),
    )


def test_risks_are_probabilities_that_add_up_to_what_happened() -> None:
    """No weights: what a logistic regression with an intercept must give on its own data."""
    cohort = make_cohort()
    risks = predict_risk(fit_model(cohort, FEW), cohort, FEW)
    assert risks.sum() == pytest.approx(cohort["is_fallen"].sum(), rel=1e-3)
    assert ((risks > 0) & (risks < 1)).all()


def test_what_each_feature_adds_and_the_base_are_the_log_odds() -> None:
    cohort = make_cohort()
    model = fit_model(cohort, FEW)
    risks = predict_risk(model, cohort, FEW)
    parts, base = explain_risk(model, cohort, FEW)
    assert list(parts) == list(FEW.features)
    assert list(parts.index) == list(cohort.index)
    total = parts.sum(axis=1).to_numpy() + base
    assert total == pytest.approx(np.log(risks / (1 - risks)), abs=1e-9)
    median = cohort["oop_per_member_fen"].median()
    near = (cohort["oop_per_member_fen"] - median).abs().idxmin()
    assert parts.loc[near, "oop_per_member_fen"] == pytest.approx(0, abs=0.01)


def test_a_category_has_no_direction(tmp_path) -> None:
    made = make_project(tmp_path / "wrong")
    path = made.params / "risk.yml"
    text = path.read_text("utf-8").replace(
        "form: category,", "form: category, monotone: increasing,", 1
    )
    path.write_text(text, "utf-8")
    with pytest.raises(ParameterError, match=r"risk.yml, line \d+: .*no direction"):
        load_risk_settings(made.params)


def test_the_model_finds_what_drives_the_outcome() -> None:
    cohort, later = make_cohort(), make_cohort(seed=5)
    risks = predict_across_folds(cohort, later, FEW)
    true = 1 / (1 + np.exp(3 - later["oop_per_member_fen"] / 200_000))
    assert np.corrcoef(risks, true)[0, 1] > 0.97


def test_no_household_is_on_both_sides() -> None:
    """A household's own outcome, however loud, cannot move its own risk."""
    cohort = make_cohort(households=300)
    loud = cohort.copy()
    fold = household_folds(cohort.index, FEW.model.folds)
    loud.loc[fold == 0, "is_fallen"] = ~loud.loc[fold == 0, "is_fallen"]
    before, after = (predict_across_folds(train, cohort, FEW) for train in (cohort, loud))
    assert (before[fold == 0] == after[fold == 0]).all()
    assert (before[fold != 0] != after[fold != 0]).all()


def test_folds_stay_with_the_household_and_hold_about_equally_many() -> None:
    ids = np.random.default_rng(1).integers(0, 2**63 - 1, 10_000)
    folds = household_folds(ids, 5)
    assert (folds[::-1] == household_folds(ids[::-1], 5)).all()
    assert np.bincount(folds).min() > 1_800


def test_the_order_of_households_does_not_matter() -> None:
    cohort = make_cohort(households=500)
    risks = predict_across_folds(cohort, cohort, FEW)
    shuffled = cohort.sample(frac=1, random_state=3)
    again = predict_across_folds(shuffled, shuffled, FEW)
    assert pd.Series(again, shuffled.index)[cohort.index].to_numpy() == pytest.approx(
        risks, abs=1e-6
    )


def test_missing_numbers_and_new_words_get_a_risk() -> None:
    cohort = make_cohort(households=500)
    asked = cohort.iloc[:2].assign(
        income_per_member_fen=[np.nan, -5_000.0], head_education=["college", None]
    )
    assert np.isfinite(predict_risk(fit_model(cohort, FEW), asked, FEW)).all()


def test_one_outcome_for_all_teaches_nothing() -> None:
    with pytest.raises(UserError, match="same for every household"):
        fit_model(make_cohort().assign(is_fallen=False), FEW)


def test_a_feature_that_is_not_computed_is_named() -> None:
    with pytest.raises(UserError, match="head_education"):
        select_features(make_cohort().drop(columns="head_education"), FEW)


def test_odds_ratios_recover_what_the_outcome_was_drawn_from() -> None:
    """exp(0.5) for 1,000 yuan of spending; 1 for income, inside the intervals."""
    found = estimate_odds_ratios(make_cohort(20_000), FEW).set_index("feature")
    spent, earned = found.loc["oop_per_member_fen"], found.loc["income_per_member_fen"]
    assert spent["odds_ratio"] == pytest.approx(np.exp(0.5), rel=0.05)
    assert spent["unit"] == "千元"
    assert earned["odds_ratio"] == pytest.approx(1, abs=0.03)
    assert spent["lower"] < spent["odds_ratio"] < spent["upper"]


def test_intervals_of_odds_ratios_are_clustered_by_county() -> None:
    """Against the sandwich by hand: outcomes that counties share widen the interval."""
    cohort = make_cohort(3_000)
    rng = np.random.default_rng(6)
    county = rng.integers(0, 30, len(cohort))
    shared = rng.normal(size=30)[county]
    cohort["oop_per_member_fen"] = 300_000 + 100_000 * rng.normal(size=30)[county]
    cohort["county_code"] = county.astype(str)
    cohort["is_fallen"] = rng.random(len(cohort)) < 1 / (1 + np.exp(1 - shared))
    found = estimate_odds_ratios(cohort, FEW).set_index("feature").loc["oop_per_member_fen"]
    names = ["oop_per_member_fen", "income_per_member_fen"]
    design = np.column_stack([cohort[names].to_numpy() / 100_000, np.ones(len(cohort))])
    outcome = cohort["is_fallen"].to_numpy(dtype=float)
    at = np.zeros(3)
    for _ in range(25):
        risk = 1 / (1 + np.exp(-design @ at))
        curve = np.linalg.inv(design.T @ (design * (risk * (1 - risk))[:, None]))
        at = at + curve @ design.T @ (outcome - risk)
    scores = np.zeros((30, 3))
    np.add.at(scores, county, design * (outcome - risk)[:, None])
    correction = 30 / 29 * (len(cohort) - 1) / (len(cohort) - 3)
    error = np.sqrt((curve @ scores.T @ scores @ curve)[0, 0] * correction)
    assert error > 3 * np.sqrt(curve[0, 0])
    assert np.log(found["odds_ratio"]) == pytest.approx(at[0], abs=1e-6)
    assert np.log(found["upper"]) == pytest.approx(at[0] + 1.959964 * error, rel=1e-4)


def test_every_method_flags_as_many_as_the_rule_and_the_rule_as_itself() -> None:
    cohort = make_cohort(households=600)
    cohort["oop_fen"] = (cohort["oop_per_member_fen"] * 2).astype(int)
    cohort["remaining_income_fen"] = cohort["income_per_member_fen"] - cohort["oop_per_member_fen"]
    cohort["is_flagged_by_rule"] = cohort["oop_per_member_fen"] > 500_000
    methods = make_methods(cohort, {"model": np.linspace(0, 1, 600)})
    assert {int(one.flags.sum()) for one in methods.values()} == {
        int(cohort["is_flagged_by_rule"].sum())
    }
    assert (methods["rule"].flags == cohort["is_flagged_by_rule"]).all()
    assert methods["rule"].risks is None
    poorest = cohort.loc[methods["remaining_income"].flags, "remaining_income_fen"].max()
    assert poorest <= cohort.loc[~methods["remaining_income"].flags, "remaining_income_fen"].min()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_random_project(tmp_path_factory.mktemp("random"))


@pytest.fixture(scope="module")
def tested(project):
    return run_risk(project, "2022-06")


def test_a_tested_month(tested) -> None:
    facts = tested.facts
    assert tested.state == "tested"
    assert (facts["train_year"], facts["test_year"], facts["score_year"]) == (2019, 2020, 2021)
    assert facts["final_years"] == [2019, 2020]
    assert 0 < facts["prevalence"] < 0.5
    assert "2019" in facts["message_zh"]
    assert json.loads(json.dumps(facts)) == facts


def test_metrics_are_inside_their_intervals_and_bounds(tested) -> None:
    metrics = tested.frames["metrics"]
    # not simulated: no truth to hold against
    assert set(metrics["outcome"]) == {"before_flags", "observed"}
    plain = {"model", "rule", "spending", "remaining_income"}
    by_outcome = metrics.groupby("outcome")["method"].agg(set)
    assert by_outcome.to_dict() == {"before_flags": plain, "observed": plain | {"challenger"}}
    assert (metrics["lower"] <= metrics["upper"]).all()
    shares = metrics[metrics["metric"].isin(["recall", "precision", "auc", "brier"])]
    assert shares["value"].between(0, 1).all()
    assert not metrics.duplicated(["outcome", "method", "metric"]).any()


def test_scores_hold_every_household_once_and_equal_flags(tested) -> None:
    scores = tested.frames["household_scores"]
    assert scores["household_id"].is_unique
    assert scores["risk"].between(0, 1).all()
    assert scores["is_flagged_by_model"].sum() == scores["is_flagged_by_rule"].sum()
    assert scores["is_flagged_by_model"].sum() == tested.facts["flagged_count"] > 0
    assert set(scores["county_code"]) == set(COUNTIES)


def test_groups_and_bins_add_up_to_the_test_cohort(tested) -> None:
    facts, frames = tested.facts, tested.frames
    expected = {
        "observed": ("households", "fallen_count", "test_flagged_count"),
        "before_flags": ("first_households", "first_fallen_count", "first_flagged_count"),
    }
    for outcome, names in expected.items():
        households, fallen, flagged = (facts[name] for name in names)
        groups, bins, parts = (
            frames[name][frames[name]["outcome"] == outcome]
            for name in ("groups", "calibration", "subgroups")
        )
        assert set(groups["group"]) == set(GROUPS)
        assert groups["household_count"].sum() == households
        assert groups["outcome_count"].sum() == fallen
        by_rule = groups[groups["group"].isin(["both", "rule_only"])]
        assert by_rule["household_count"].sum() == flagged
        assert bins["household_count"].sum() == households
        parts = parts[parts["method"] == "rule"]
        sums = parts.groupby("dimension")[["household_count", "flagged_household_count"]].sum()
        assert (sums == [households, flagged]).all(axis=None)
    assert facts["first_year"] < facts["test_year"]


def test_reasons_are_those_of_the_flagged(tested) -> None:
    scores, reasons = tested.frames["household_scores"], tested.frames["reasons"]
    flagged = scores[scores["is_flagged_by_model"] | scores["is_flagged_by_rule"]]
    assert len(reasons) and set(reasons["household_id"]) <= set(flagged["household_id"])
    assert (reasons["odds_factor"] >= 1.1).all()
    assert reasons.groupby("household_id")["place"].max().le(3).all()


@pytest.mark.parametrize(
    ("month", "state"),
    [("2020-12", "no_outcome"), ("2021-01", "one_cohort")],
)
def test_states_of_earlier_months(project, month, state) -> None:
    result = run_risk(project, month)
    assert result.state == state
    assert bool(result.frames) == (state == "one_cohort")
    assert result.facts["message_zh"] and result.facts["message_en"]
    if state == "one_cohort":
        assert result.facts["train_year"] == result.facts["test_year"] == 2019


def test_a_month_that_has_passed_stays_as_it_was(project, tmp_path) -> None:
    """2021-06 with and without the year that was delivered after it."""
    alone = make_project(tmp_path / "alone")
    shutil.copytree(project.processed, alone.processed)
    for path in alone.processed.glob("*/*.parquet"):
        if path.stem > "2021-06":
            path.unlink()
    then, now = run_risk(alone, "2021-06"), run_risk(project, "2021-06")
    assert then.facts == now.facts
    for name, frame in then.frames.items():
        pd.testing.assert_frame_equal(frame, now.frames[name])


def test_the_truth_of_simulated_data_is_a_second_outcome(project, tmp_path) -> None:
    """With help for nobody, both outcomes are the same and so is every measure."""
    copy = make_project(tmp_path / "simulated")
    shutil.copytree(project.processed, copy.processed)
    numbers = {household: f"H{household}" for household in range(1, 701)}
    write_truth(copy, numbers)
    result = run_risk(copy, "2022-06")
    outcomes = {"before_flags", "observed", "untreated"}
    assert set(result.frames["metrics"]["outcome"]) == outcomes
    assert 0 < result.facts["untreated_prevalence"] < 1


def write_truth(project, numbers) -> None:
    """Give the households of a project the ids of simulated ones, and their truth."""
    from healthmon.intake.identity import DEMONSTRATION_KEY, Pseudonyms

    (project.raw / "truth").mkdir(parents=True)
    (project.raw / "SIMULATED").touch()
    pseudonyms = Pseudonyms(DEMONSTRATION_KEY, simulated=True)
    ids = {old: pseudonyms.household_id(number) for old, number in numbers.items()}
    for path in project.processed.glob("*/*.parquet"):
        rows = pd.read_parquet(path)
        if "household_id" in rows and len(rows):
            rows["household_id"] = rows["household_id"].map(ids)
            deliver(project, path.parent.name, path.stem, rows_of(rows))
    rng = np.random.default_rng(4)
    truth = pd.DataFrame({"household_no": list(numbers.values()), "year": 2021})
    truth["member_count"], truth["oop_fen"] = 2, 100_000
    truth["net_income_per_head_without_help_fen"] = rng.integers(300_000, 1_200_000, len(truth))
    truth.to_parquet(project.raw / "truth" / "outcomes.parquet")


def rows_of(frame: pd.DataFrame) -> list[dict]:
    return [
        {key: value for key, value in row.items() if not pd.isna(value)}
        for row in frame.to_dict("records")
    ]


def test_a_mistake_in_the_parameters_names_its_line(tmp_path) -> None:
    made = make_project(tmp_path / "wrong")
    path = made.params / "risk.yml"
    text = path.read_text("utf-8").replace("form: category,", "form: cubic,", 1)
    path.write_text(text, "utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "cubic" in row)
    with pytest.raises(ParameterError, match=rf"risk.yml, line {line}: features\.head_education"):
        load_risk_settings(made.params)


def test_incomes_that_come_in_march_are_not_seen_in_a_february(project, tmp_path) -> None:
    """Neither of this year nor of an earlier one: else an earlier cohort would be empty."""
    copy = make_project(tmp_path / "late")
    shutil.copytree(project.processed, copy.processed)
    for path in sorted((copy.processed / "household_incomes").glob("*-01.parquet")):
        rows = pd.read_parquet(path)
        late = path.stem[:4] + "-03"
        rows["delivered_month"] = late
        rows.to_parquet(path.with_name(f"{late}.parquet"))
        path.unlink()
    assert list_income_years(copy, "2022-02") == []
    assert run_risk(copy, "2022-02").state == "no_outcome"
    assert list_income_years(copy, "2022-03") == list_income_years(project, "2022-03") != []


def test_results_are_made_anew_when_the_truth_or_the_mark_changes(project, tmp_path) -> None:
    copy = make_project(tmp_path / "marked")
    shutil.copytree(project.processed, copy.processed)
    seen = {take_fingerprint(copy, "2022-06")}
    copy.raw.mkdir(parents=True, exist_ok=True)
    (copy.raw / "SIMULATED").touch()
    seen.add(take_fingerprint(copy, "2022-06"))
    (copy.raw / "truth").mkdir()
    (copy.raw / "truth/outcomes.parquet").write_bytes(b"1")
    seen.add(take_fingerprint(copy, "2022-06"))
    (copy.raw / "truth/outcomes.parquet").write_bytes(b"22")
    seen.add(take_fingerprint(copy, "2022-06"))
    assert len(seen) == 4
