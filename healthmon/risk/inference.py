"""Which features go with the outcome, as odds ratios that a policy researcher can read.

A plain logit by statsmodels on the few features that ``params/risk.yml`` marks, apart from the
model that scores. Standard errors are clustered by county, since households of one county share
hospitals and help.

References
----------
Cameron A. C., Miller D. L. (2015), A Practitioner's Guide to Cluster-Robust Inference; with few
clusters the intervals are on the narrow side.
"""

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import Logit

from healthmon.risk.model import select_features
from healthmon.risk.settings import RiskSettings

COLUMNS = ("feature", "label", "unit", "group", "odds_ratio", "lower", "upper", "p_value")


def estimate_odds_ratios(cohort: pd.DataFrame, settings: RiskSettings) -> pd.DataFrame:
    """Estimate the odds ratio of one more unit of each marked feature, the others held.

    Households with a missing value among them are left out.

    Parameters
    ----------
    cohort : DataFrame
        Features, ``county_code`` and ``is_fallen``.

    Returns
    -------
    DataFrame
        ``feature``, ``label`` and ``unit`` (Chinese), ``group``, ``odds_ratio``, ``lower`` and
        ``upper`` of the interval, ``p_value``; features that do not vary are left out, and there
        is no row where the logit has no solution.
    """
    names = [name for name, feature in settings.features.items() if feature.odds_ratio]
    design = select_features(cohort, settings)[names].dropna()
    design = design.loc[:, design.max() > design.min()]
    outcome = cohort.loc[design.index, "is_fallen"].astype(int)
    clusters = pd.factorize(cohort.loc[design.index, "county_code"])[0]
    # centred and scaled for the search, turned back below: odds ratios are per unit
    centre, spread = design.mean(), design.std()
    scaled = ((design - centre) / spread).assign(constant=1.0)
    try:
        fitted = Logit(outcome, scaled).fit(
            disp=0, method="newton", cov_type="cluster", cov_kwds={"groups": clusters}
        )
    except np.linalg.LinAlgError:
        return pd.DataFrame(columns=COLUMNS)
    if not fitted.mle_retvals["converged"]:
        return pd.DataFrame(columns=COLUMNS)
    interval = fitted.conf_int(alpha=1 - settings.evaluation.interval_pct / 100)
    slopes = interval.assign(value=fitted.params).loc[design.columns].div(spread, axis=0)
    ratios = np.exp(slopes).rename(columns={0: "lower", 1: "upper"})
    features = [settings.features[name] for name in design.columns]
    return pd.DataFrame(
        {
            "feature": list(design.columns),
            "label": [feature.label.zh for feature in features],
            "unit": [feature.unit.zh if feature.unit else "" for feature in features],
            "group": [feature.group for feature in features],
            "odds_ratio": ratios["value"].to_numpy(),
            "lower": ratios["lower"].to_numpy(),
            "upper": ratios["upper"].to_numpy(),
            "p_value": fitted.pvalues[design.columns].to_numpy(),
        },
        columns=list(COLUMNS),
    )
