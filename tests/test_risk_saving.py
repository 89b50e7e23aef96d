"""A saved model predicts the same, runs nothing, and says what it is."""

import json
import re
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from skops import io
from test_risk_model import FEW, SETTINGS, make_cohort

from healthmon.errors import UserError
from healthmon.risk.card import keep_model, render_card
from healthmon.risk.model import build_challenger, explain_risk, fit_model, predict_risk
from healthmon.risk.result import RiskResult
from healthmon.risk.saving import fingerprint_rows, load_model, save_model


class Stranger(LogisticRegression):
    """A type that nobody has said is to be trusted."""


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return make_cohort(households=600)


@pytest.fixture(scope="module")
def model(cohort):
    return fit_model(cohort, FEW)


def test_a_model_read_back_predicts_and_explains_the_same(model, cohort, tmp_path) -> None:
    save_model(model, tmp_path / "there" / "model.skops")
    again = load_model(tmp_path / "there" / "model.skops")
    assert (predict_risk(again, cohort, FEW) == predict_risk(model, cohort, FEW)).all()
    pd.testing.assert_frame_equal(
        explain_risk(again, cohort, FEW)[0], explain_risk(model, cohort, FEW)[0]
    )


def test_the_same_model_is_the_same_file_without_places_in_memory(model, cohort, tmp_path) -> None:
    for name, one in (("a", model), ("b", fit_model(cohort, FEW))):
        save_model(one, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    schema = ZipFile(tmp_path / "a").read("schema.json").decode()
    assert not re.search(r"(?<![\d.])\d{11,}", schema)
    assert json.loads(schema)


def test_a_type_that_is_not_named_is_refused(cohort, tmp_path) -> None:
    values = cohort[["oop_per_member_fen"]] / 1e5
    io.dump(Stranger().fit(values, cohort["is_fallen"]), tmp_path / "stranger.skops")
    with pytest.raises(UserError, match=r"stranger.skops is refused: .*Stranger"):
        load_model(tmp_path / "stranger.skops")


def test_a_broken_or_missing_file_is_a_mistake_with_a_name(tmp_path) -> None:
    (tmp_path / "broken.skops").write_bytes(b"no model")
    with pytest.raises(UserError, match=r"broken.skops is no model"):
        load_model(tmp_path / "broken.skops")
    with pytest.raises(UserError, match="there is no such model"):
        load_model(tmp_path / "missing.skops")


def test_the_fingerprint_follows_the_data_and_not_its_order(cohort) -> None:
    first = fingerprint_rows(cohort)
    assert fingerprint_rows(cohort.sample(frac=1, random_state=1)) == first
    changed = cohort.copy()
    changed.iloc[0, 0] += 1
    assert fingerprint_rows(changed) != first
    assert fingerprint_rows(cohort.rename(columns={"county_code": "code"})) != first


@pytest.fixture(scope="module")
def result(model) -> RiskResult:
    facts = {
        "final_years": [2019, 2020], "final_count": 600, "data_fingerprint": "abc",
        "is_simulated": True, "message_zh": "说明。", "message_en": "Said.",
    }  # fmt: skip
    metrics = [
        ("observed", method, metric, 0.75, 0.7, 0.8)
        for method in ("model", "challenger")
        for metric in (
            "auc", "average_precision", "brier", "calibration_slope", "calibration_intercept",
        )
    ]  # fmt: skip
    columns = ["outcome", "method", "metric", "value", "lower", "upper"]
    return RiskResult("tested", facts, {"metrics": pd.DataFrame(metrics, columns=columns)}, model)


def test_the_card_says_data_settings_versions_and_that_it_is_simulated(result) -> None:
    card = render_card("2022-06", result, SETTINGS)
    for said in (
        "模拟数据", "Simulated data", "`abc`", "600", f"{SETTINGS.model.penalty:g}",
        "scikit-learn", "skops", "0.750 (0.700, 0.800)", "never falls", "推断", "inferred",
        "healthmon.risk.additive.AdditiveLogit", *SETTINGS.features,
    ):  # fmt: skip
        assert said in card
    assert "recall" not in card.lower()  # it could give away a small count


def test_real_data_is_not_called_simulated(result) -> None:
    real = RiskResult("tested", result.facts | {"is_simulated": False}, result.frames)
    assert "imulated" not in render_card("2022-06", real, SETTINGS)


def test_without_a_model_nothing_is_kept(project_of_none, tmp_path) -> None:
    keep_model(project_of_none, "2020-12", RiskResult("no_outcome", {}), tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.fixture
def project_of_none():
    from healthmon.project import open_project

    return open_project()


def test_model_and_card_lie_beside_each_other(project_of_none, result, tmp_path) -> None:
    keep_model(project_of_none, "2022-06", result, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"model.skops", "model_card.md"}


@pytest.mark.parametrize("build", [None, build_challenger], ids=["additive", "boosting"])
@pytest.mark.parametrize(
    ("feature", "direction"), [("oop_per_member_fen", 1), ("income_per_member_fen", -1)]
)
def test_the_risk_never_turns_along_a_declared_feature(cohort, build, feature, direction) -> None:
    """The truth here runs against it: spending protects, income harms."""
    rng = np.random.default_rng(8)
    spent, earned = cohort["oop_per_member_fen"] / 3e5, cohort["income_per_member_fen"] / 1e6
    falls = rng.random(len(cohort)) < 1 / (1 + np.exp(1 + np.sin(4 * spent) - earned))
    against = cohort.assign(is_fallen=falls)
    model = fit_model(against, FEW, *([build] if build else []))
    asked = pd.concat([against.iloc[:40]] * 60)
    asked[feature] = np.repeat(np.linspace(-1e5, 4e6, 60), 40)
    risks = predict_risk(model, asked, FEW).reshape(60, 40)
    assert (direction * np.diff(risks, axis=0) >= -1e-12).all()
