"""The model in use and its challenger, as scikit-learn pipelines, and risks of the unseen.

Both take the same inputs and obey the same directions. Households are not weighted by outcome,
so that a risk of 5 % means 5 in 100. Folds go by household: nobody is trained on and tested on.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

from healthmon.errors import UserError
from healthmon.risk.additive import AdditiveLogit
from healthmon.risk.reasons import UNSTATED
from healthmon.risk.settings import FeatureSettings

_SIGNS = {"increasing": 1, "decreasing": -1, None: 0}

Build = Callable[[FeatureSettings], Pipeline]


def build_model(settings: FeatureSettings) -> Pipeline:
    """Build the model in use: additive, monotone where stated, its reasons exact.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted; takes the frame of :func:`select_features`.
    """
    names, features = order_inputs(settings), settings.features
    additive = AdditiveLogit(
        straight_features=[j for j, n in enumerate(names) if features[n].form in ("linear", "log")],
        knots=settings.model.spline_knots,
        penalty=settings.model.penalty,
        **_describe_columns(settings),
    )
    return Pipeline([("inputs", _build_inputs(settings)), ("model", additive)])


def build_challenger(settings: FeatureSettings) -> Pipeline:
    """Build the challenger: gradient boosting, which also finds what features do together.

    A missing value counts as the median of the training households.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted; takes the frame of :func:`select_features`.
    """
    chosen = settings.model.challenger
    boosting = HistGradientBoostingClassifier(
        max_iter=chosen.trees,
        learning_rate=chosen.learning_rate,
        max_leaf_nodes=chosen.leaves,
        min_samples_leaf=chosen.least_leaf,
        l2_regularization=chosen.penalty,
        early_stopping=False,
        random_state=0,  # nothing is drawn without early stopping; so that it stays that way
        **_describe_columns(settings),
    )
    # boosting takes missing values, but no feature that is missing for all
    filled = SimpleImputer(strategy="median", keep_empty_features=True)
    return Pipeline([("inputs", _build_inputs(settings)), ("fill", filled), ("model", boosting)])


def order_inputs(settings: FeatureSettings) -> list[str]:
    """List the features in the order in which they reach the model."""
    return [name for part in _sort_forms(settings).values() for name in part]


def _sort_forms(settings: FeatureSettings) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {"log": [], "number": [], "category": []}
    for name, feature in settings.features.items():
        form = "log" if feature.form.startswith("log") else "number"
        parts["category" if feature.form == "category" else form].append(name)
    return parts


def _build_inputs(settings: FeatureSettings) -> ColumnTransformer:
    """Turn the frame of features into numbers: logarithms, numbers as they are, codes of words."""
    how = {
        "log": FunctionTransformer(np.log1p, feature_names_out="one-to-one"),
        "number": "passthrough",
        "category": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
    }
    return ColumnTransformer([(n, how[n], part) for n, part in _sort_forms(settings).items()])


def _describe_columns(settings: FeatureSettings) -> dict[str, list[int]]:
    features = [settings.features[name] for name in order_inputs(settings)]
    return {
        "monotonic_cst": [_SIGNS[feature.monotone] for feature in features],
        "categorical_features": [j for j, f in enumerate(features) if f.form == "category"],
    }


def select_features(frame: pd.DataFrame, settings: FeatureSettings) -> pd.DataFrame:
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


def fit_model(
    cohort: pd.DataFrame, settings: FeatureSettings, build: Build = build_model
) -> Pipeline:
    """Fit the model, or its challenger, to one cohort, or several stacked.

    Parameters
    ----------
    cohort : DataFrame
        Features and ``is_fallen``.
    build : callable
        :func:`build_model` or :func:`build_challenger`.

    Raises
    ------
    UserError
        When the outcome is the same for all households, so that nothing can be learned.
    """
    outcome = cohort["is_fallen"].to_numpy(dtype=int)
    if outcome.min() == outcome.max():
        raise UserError("the outcome is the same for every household: no model can be trained")
    return build(settings).fit(select_features(cohort, settings), outcome)


def predict_risk(model: Pipeline, frame: pd.DataFrame, settings: FeatureSettings) -> np.ndarray:
    """Return the risk (0 to 1) of each household of a frame of features."""
    return model.predict_proba(select_features(frame, settings))[:, 1]


def explain_risk(
    model: Pipeline, frame: pd.DataFrame, settings: FeatureSettings
) -> tuple[pd.DataFrame, float]:
    """Return what each feature adds to a household's log odds, and what they start from.

    Parameters
    ----------
    model : Pipeline
        Fitted, of :func:`build_model`.

    Returns
    -------
    contributions : DataFrame
        A row a household, a column a feature of ``params/risk.yml``: the difference to the
        median training household in that feature alone.
    base : float
        Log odds of the median training household. A row's sum and `base` are the log odds.
    """
    inputs, additive = model["inputs"], model["model"]
    parts = additive.explain(inputs.transform(select_features(frame, settings)))
    named = pd.DataFrame(parts, index=frame.index, columns=order_inputs(settings))
    return named[list(settings.features)], additive.base_


def predict_across_folds(
    train: pd.DataFrame,
    test: pd.DataFrame,
    settings: FeatureSettings,
    build: Build = build_model,
) -> np.ndarray:
    """Predict each household of `test` by a model that has never seen it.

    For each fold the model is trained on the households of `train` outside the fold and predicts
    those of `test` inside it.

    Parameters
    ----------
    train, test : DataFrame
        Cohorts, by ``household_id``; the same one for a cross-validation within it.
    build : callable
        :func:`build_model` or :func:`build_challenger`.

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
            model = fit_model(train[of_train != fold], settings, build)
            risks[inside] = predict_risk(model, test[inside], settings)
    return risks
