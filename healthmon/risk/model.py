"""The model: smooth curves and a logistic regression, one scikit-learn pipeline.

Households are not weighted by outcome, so that a risk of 5 % means 5 in 100. Folds go by
household: nobody is trained on and tested on.
"""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    SplineTransformer,
    StandardScaler,
)

from healthmon.errors import UserError
from healthmon.risk.settings import RiskSettings

UNSTATED = "unstated"


def build_model(settings: RiskSettings) -> Pipeline:
    """Build the pipeline that ``params/risk.yml`` describes.

    Missing numbers are filled with the median of the training households beside a mark that they
    were missing.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted; takes the frame of :func:`select_features`.
    """
    forms = dict.fromkeys(feature.form for feature in settings.features.values())
    parts = [
        (
            form,
            _build_part(form, settings.model.spline_knots),
            [name for name, feature in settings.features.items() if feature.form == form],
        )
        for form in forms
    ]
    regression = LogisticRegression(
        C=settings.model.regularisation, solver="newton-cholesky", max_iter=100
    )
    return Pipeline(
        [
            ("features", ColumnTransformer(parts)),
            ("scale", StandardScaler()),
            # rows one after the other: the solver's products take half the time
            ("order", FunctionTransformer(np.ascontiguousarray)),
            ("regression", regression),
        ]
    )


def _build_part(form: str, knots: int) -> Pipeline:
    if form == "category":
        return make_pipeline(OneHotEncoder(handle_unknown="ignore", sparse_output=False))
    steps: list = [SimpleImputer(strategy="median", keep_empty_features=True)]
    if form == "linear":
        steps[0].set_params(add_indicator=True)
    if form.startswith("log"):
        steps.append(FunctionTransformer(np.log1p, feature_names_out="one-to-one"))
    if form.endswith("spline"):
        steps.append(
            SplineTransformer(n_knots=knots, degree=3, knots="quantile", extrapolation="linear")
        )
    return make_pipeline(*steps)


def select_features(frame: pd.DataFrame, settings: RiskSettings) -> pd.DataFrame:
    """Return the features of the model, in its units.

    Parameters
    ----------
    frame : DataFrame
        As from :func:`healthmon.risk.features.household_features`.

    Raises
    ------
    UserError
        When ``params/risk.yml`` names a feature that is not computed.
    """
    if unknown := [name for name in settings.features if name not in frame]:
        raise UserError(f"params/risk.yml: no such feature: {', '.join(unknown)}")
    columns = {}
    for name, feature in settings.features.items():
        if feature.form == "category":
            columns[name] = frame[name].astype("object").where(frame[name].notna(), UNSTATED)
            continue
        values = frame[name].astype("float64") / feature.per
        # below nothing a logarithm says nothing: an income under 0 counts as 0 there
        columns[name] = values.clip(lower=0) if feature.form.startswith("log") else values
    return pd.DataFrame(columns, index=frame.index)


def household_folds(household_ids: pd.Index, folds: int) -> np.ndarray:
    """Give each household a fold, 0 to folds - 1, always the same one.

    Ids are keyed hashes, so that their remainder is as good as drawn by lot.
    """
    return np.asarray(household_ids, dtype=np.int64) % folds


def fit_model(cohort: pd.DataFrame, settings: RiskSettings) -> Pipeline:
    """Fit the model to one cohort, or several stacked.

    Parameters
    ----------
    cohort : DataFrame
        Features and ``is_fallen``.

    Raises
    ------
    UserError
        When the outcome is the same for all households, so that nothing can be learned.
    """
    outcome = cohort["is_fallen"].to_numpy(dtype=int)
    if outcome.min() == outcome.max():
        raise UserError("the outcome is the same for every household: no model can be trained")
    return build_model(settings).fit(select_features(cohort, settings), outcome)


def predict_risk(model: Pipeline, frame: pd.DataFrame, settings: RiskSettings) -> np.ndarray:
    """Return the risk (0 to 1) of each household of a frame of features."""
    return model.predict_proba(select_features(frame, settings))[:, 1]


def predict_across_folds(
    train: pd.DataFrame, test: pd.DataFrame, settings: RiskSettings
) -> np.ndarray:
    """Predict each household of `test` by a model that has never seen it.

    For each fold the model is trained on the households of `train` outside the fold and predicts
    those of `test` inside it.

    Parameters
    ----------
    train, test : DataFrame
        Cohorts, by ``household_id``; the same one for a cross-validation within it.

    Returns
    -------
    ndarray
        Risks, 0 to 1, in the order of `test`.

    Raises
    ------
    UserError
        When a training part has only one outcome.
    """
    folds = settings.model.folds
    of_train, of_test = household_folds(train.index, folds), household_folds(test.index, folds)
    risks = np.full(len(test), np.nan)
    for fold in range(folds):
        inside = of_test == fold
        if inside.any():
            model = fit_model(train[of_train != fold], settings)
            risks[inside] = predict_risk(model, test[inside], settings)
    return risks
