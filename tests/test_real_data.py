"""The set-up on real people: facts of the data, and the rule's recalls as others found them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from healthmon import fingerprint
from healthmon.month import Month
from healthmon.project import Project, open_project
from healthmon.risk import rand_hie, real_data
from healthmon.risk.evaluation import Method, flag_top, measure_methods
from healthmon.risk.model import build_model
from healthmon.risk.rand_hie import give_folds, has_rand_hie, read_rand_hie, take_full_years
from healthmon.risk.real_data import (
    choose_settings,
    list_options,
    load_real_data_settings,
    make_task,
    predict_families,
)
from healthmon.risk.settings import EvaluationSettings
from healthmon.show import real_data_tables

SETTINGS = load_real_data_settings(open_project().params)
needs_data = pytest.mark.skipif(not has_rand_hie(), reason="the extra real-data is not installed")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return read_rand_hie()


@pytest.fixture(scope="module")
def full(rows) -> pd.DataFrame:
    return take_full_years(rows, SETTINGS.setup.least_time)


@needs_data
def test_the_data_is_the_one_that_was_named(rows, full) -> None:
    assert len(rows) == SETTINGS.setup.person_years == 20_190
    assert full["time"].min() >= 0.999
    second = full.loc[full["year"] == 2, "meddol"]
    assert second.quantile(0.9) == pytest.approx(323.03, abs=0.005)


@needs_data
def test_a_family_shares_site_plan_and_income_unless_income_is_1(full) -> None:
    keys = full.groupby("family")[["site", "plan"]].nunique()
    assert keys.max().tolist() == [1, 1]
    alone = full[full["income"] == 1]
    assert len(alone)
    assert alone.groupby("family")["zper"].nunique().max() == 1


@needs_data
@pytest.mark.parametrize(("name", "recall"), [("a", 0.303), ("b", 0.400), ("c", 0.422)])
def test_the_rule_finds_what_others_found_that_it_does(full, name, recall) -> None:
    """Published for us beside the data; shows that tasks and thresholds are the same."""
    test = make_task(full, SETTINGS.tasks[name], SETTINGS, 2)
    found = (test["is_above"] & test["is_flagged_by_rule"]).sum() / test["is_above"].sum()
    assert found == pytest.approx(recall, abs=0.0005)


@needs_data
@pytest.mark.parametrize("name", ["a", "c"])
def test_what_happens_later_is_in_no_feature(full, name) -> None:
    """Years after the one of the features, changed: only the outcome follows."""
    task = SETTINGS.tasks[name]
    later = full.copy()
    columns = later.columns.drop(["year", "zper", "family", "income", "num"])
    numbers = [column for column in columns if later[column].dtype.kind in "if"]
    later[numbers] = later[numbers].mask(later["year"] > 1, later[numbers] * 3 + 1)
    before, after = (make_task(rows, task, SETTINGS, 1) for rows in (full, later))
    features = list(SETTINGS.features[task.unit])
    pd.testing.assert_frame_equal(before[features], after[features])
    assert (before["next_meddol"] != after["next_meddol"]).any()


@needs_data
def test_every_feature_is_there_and_families_stay_on_one_side(full) -> None:
    for task in SETTINGS.tasks.values():
        frame = make_task(full, task, SETTINGS, 2)
        assert set(SETTINGS.features[task.unit]) <= set(frame)
        folds = pd.Series(give_folds(frame["family"], 5))
        assert folds.groupby(frame["family"].to_numpy()).nunique().max() == 1


def test_folds_are_md5_mod_5() -> None:
    """By hand: md5("a") ends in 0x61 = 97, md5("b") in 0x8f; 16^n is 1 mod 5, so digits add up."""
    digits = {"a": "0cc175b9c0f1b6a831c399e269772661", "b": "92eb5ffee6ae2fec3ad71c777531578f"}
    expected = [sum(int(d, 16) for d in digits[key]) % 5 for key in "abab"]
    assert give_folds(pd.Series(list("abab")), 5).tolist() == expected


def make_families(rows=300, seed=3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    features = SETTINGS.features["family"]
    frame = pd.DataFrame({name: rng.gamma(2, 2, rows) for name in features})
    frame["site"] = rng.integers(1, 4, rows)
    return frame.assign(
        family=[f"f{n}" for n in range(rows)],
        is_above=rng.random(rows) < 0.1 + 0.03 * frame["meddol"],
    )


def test_no_family_is_trained_on_and_tested_on() -> None:
    frame = make_families()
    fold = give_folds(frame["family"], SETTINGS.setup.folds)
    loud = frame.assign(is_above=frame["is_above"] ^ (fold == 0))
    one = SETTINGS.model_copy(update={"penalties": (30.0,)})
    before, after = (
        predict_families(train, frame, one, "family", "model") for train in (frame, loud)
    )
    assert (before[fold == 0] == after[fold == 0]).all()
    assert (before[fold != 0] != after[fold != 0]).any()


def test_the_choice_is_the_option_with_the_least_loss() -> None:
    """Nothing but noise: the strongest penalty must win."""
    frame = make_families()
    frame["is_above"] = np.random.default_rng(0).random(len(frame)) < 0.2
    options = list_options(SETTINGS, "family", "model")
    chosen = choose_settings(frame, options, build_model, 3)
    assert chosen.model.penalty == max(SETTINGS.penalties)


def test_families_drawn_whole_widen_the_interval() -> None:
    """Every person four times: four times the rows, and the interval of one of each."""
    rng = np.random.default_rng(2)
    risks = rng.random(500)
    outcome = rng.random(500) < risks
    settings = EvaluationSettings(replicates=200, seed=1, interval_pct=95, calibration_bins=2)

    def width(times, clusters):
        ranking, happened = np.repeat(risks, times), np.repeat(outcome, times)
        method = Method(flag_top(ranking, np.arange(len(ranking)), 50), ranking)
        found = measure_methods({"model": method}, happened, settings, clusters)[0]
        row = found.set_index("metric").loc["auc"]
        return row["upper"] - row["lower"]

    whole = width(4, np.repeat(np.arange(500), 4))
    assert whole == pytest.approx(width(1, None), rel=1e-6)
    assert width(4, None) < 0.7 * whole


def make_month(found) -> SimpleNamespace:
    return SimpleNamespace(project=open_project(), month="2022-06", real_data=found)


def test_without_the_extra_the_page_says_so(monkeypatch) -> None:
    monkeypatch.setattr(rand_hie, "find_spec", lambda _: None)
    assert not rand_hie.has_rand_hie()
    month = make_month(None)
    assert "没有计算" in real_data_tables.describe_reached(month)
    assert "Not computed" in real_data_tables.describe_reached(month)
    for table in (
        real_data_tables.list_tasks(month), real_data_tables.compare_with_reference(month),
        real_data_tables.list_figures(month, "a"),
    ):  # fmt: skip
        assert "real-data" in table.data
    assert "不是模拟数据" in real_data_tables.describe_data(month)


def test_what_is_lower_is_named() -> None:
    columns = ["task", "method", "metric", "value", "lower", "upper", "reference", "gap"]
    rows = [
        ("a", "model", "auc", 0.70, 0.68, 0.72, 0.754, -0.054),
        ("a", "model", "recall", 0.35, 0.30, 0.40, 0.333, 0.017),
        ("a", "rule", "recall", 0.303, 0.28, 0.33, 0.303, 0.0),
    ]
    found = pd.DataFrame(rows, columns=columns).assign(
        is_reached=[False, True, True], row_count=5417, above_count=610, flagged_count=540
    )
    said = real_data_tables.describe_reached(make_month(found)).splitlines()[0]
    assert "1 / 2" in said
    assert "a AUC -0.054" in said
    assert "recall" not in said.split("：", 1)[1]
    assert "否 no" in real_data_tables.compare_with_reference(make_month(found)).data


def test_it_is_computed_once_for_all_months(tmp_path, monkeypatch) -> None:
    (tmp_path / "params").symlink_to(open_project().params)
    asked = []

    def check(project: Project) -> pd.DataFrame:
        asked.append(project)
        return pd.DataFrame({"value": [0.5]})

    monkeypatch.setattr(real_data, "check_on_real_data", check)
    months = [Month(Project(tmp_path), month) for month in ("2022-05", "2022-06")]
    assert [month.real_data["value"].item() for month in months] == [0.5, 0.5]
    assert len(asked) == 1
    monkeypatch.setattr(fingerprint, "_version", lambda _: "another")
    assert Month(Project(tmp_path), "2022-06").real_data["value"].item() == 0.5
    assert len(asked) == 2
