"""What being flagged did: households just above the threshold against those just below.

Regression discontinuity with local linear fits and robust bias-corrected intervals (rdrobust),
the density at the cut (rddensity), and the tests that would show the comparison to be unfair.
Only households that the year before had not flagged already: for the others nothing changes at
the cut. What is estimated is the effect of the flag itself, whoever was then reached by help.

References
----------
Calonico S., Cattaneo M. D., Titiunik R. (2014), Robust nonparametric confidence intervals for
regression-discontinuity designs, Econometrica 82. Cattaneo M. D., Jansson M., Ma X. (2020),
Simple local polynomial density estimators, JASA 115. QH-5, channel 1.
"""

from dataclasses import asdict, dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from healthmon.burden import load_rule
from healthmon.money import fen
from healthmon.project import Project
from healthmon.risk.threshold import is_above_threshold
from healthmon.risk.threshold_settings import DiscontinuitySettings, load_threshold_settings

OUTCOMES = ("income", "fallen")
"""Next year's net income per member in yuan; below the poverty line in the next year (0 or 1),
of households at or above it at the start."""
COVARIATES = (
    "income_yuan", "member_count", "oldest_age", "child_count", "elderly_share",
    "disabled_count", "chronic_person_count", "is_illness_caused", "previous_oop_yuan",
)  # fmt: skip
"""What was so before anyone was flagged by the year's spending: no jump may show."""
COLUMNS = (
    "cohort_year", "part", "outcome", "at", "estimate", "lower", "upper", "p_value",
    "std_error", "bandwidth_yuan", "below_household_count", "above_household_count",
    "left_level", "left_slope", "right_level", "right_slope",
)  # fmt: skip


@dataclass(frozen=True)
class Jump:
    """A jump at a cut, above less below.

    Estimate and interval are bias-corrected and robust; ``std_error`` is theirs. Levels and
    slopes (per yuan) are those of the two straight lines at the cut, within the bandwidth.
    Everything but the counts is missing where too few households lie on a side.
    """

    estimate: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    p_value: float = np.nan
    std_error: float = np.nan
    bandwidth_yuan: float = np.nan
    bias_bandwidth_yuan: float = np.nan
    below_household_count: int = 0
    above_household_count: int = 0
    left_level: float = np.nan
    left_slope: float = np.nan
    right_level: float = np.nan
    right_slope: float = np.nan


def run_discontinuity(project: Project, cohorts: pd.DataFrame) -> pd.DataFrame:
    """Estimate jumps at the threshold in every cohort, with tests on the last one with flags.

    Parameters
    ----------
    project : Project
        Whose parameters are read.
    cohorts : DataFrame
        From :func:`healthmon.risk.spending_cohorts.make_spending_cohorts`.

    Returns
    -------
    DataFrame
        One row an estimate, with :data:`COLUMNS`. ``part``: ``effect`` (the jump that was
        observed), ``density``; for cohorts with flags in simulated data ``truth_effect`` (the planted effect at the
        cut: with help less without, household by household), ``truth_untreated`` (the outcome
        without help: no jump) and ``truth_helped`` (share helped); for the last cohort with
        flags ``covariate``, ``placebo`` (``at``: cut in yuan), ``donut`` (``at``: yuan left out)
        and ``bandwidth`` (``at``: factor). No rows without a cohort.

    Raises
    ------
    ParameterError
        When a parameter file is refused.
    """
    settings = load_threshold_settings(project.params).discontinuity
    line = load_rule(project.params).threshold_yuan
    rows: list[dict] = []
    flagged_years = [y for y in cohorts["cohort_year"].unique() if y >= settings.flags_from_year]
    for year, cohort in cohorts.groupby("cohort_year"):
        near = near_threshold(cohort, line, settings.window_yuan)
        found = {outcome: _jump_in(near, outcome, settings) for outcome in OUTCOMES}
        parts = [("effect", outcome, np.nan, jump) for outcome, jump in found.items()]
        parts.append(("density", "", np.nan, check_density(near["distance_yuan"], settings)))
        if year >= settings.flags_from_year and near["is_helped"].notna().any():
            parts += _hold_against_truth(near, found, settings)
        if flagged_years and year == max(flagged_years):
            parts += _test_fairness(near, found, line, settings)
        rows += [
            {"cohort_year": year, "part": part, "outcome": outcome, "at": at} | asdict(jump)
            for part, outcome, at, jump in parts
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def near_threshold(cohort: pd.DataFrame, line_yuan: int, window_yuan: int) -> pd.DataFrame:
    """Choose the households near the threshold that the year before had not flagged.

    Returns
    -------
    DataFrame
        The rows, with ``distance_yuan``: spending per member less the threshold. The household's
        sum is taken half a fen lower, so that one exactly at the threshold, which is not flagged,
        lies below 0; ``income``, ``fallen`` and :data:`COVARIATES` as numbers (``fallen`` missing
        for households below the line at the start).
    """
    before = is_above_threshold(
        cohort["previous_oop_fen"], cohort["previous_member_count"], line_yuan
    )
    cohort = cohort[~before & (cohort["member_count"] > 0)]
    members = cohort["member_count"]
    distance = (2 * (cohort["oop_fen"] - fen(line_yuan) * members) - 1) / (200 * members)
    frame = cohort.assign(
        distance_yuan=distance,
        income=cohort["next_income_per_member_fen"] / 100,
        fallen=cohort["is_fallen"].astype("float64").where(cohort["is_above_line"]),
        income_yuan=cohort["income_per_member_fen"] / 100,
        previous_oop_yuan=(
            cohort["previous_oop_fen"] / cohort["previous_member_count"] / 100
        ).astype("float64"),
    )
    return frame[frame["distance_yuan"].abs() <= window_yuan]


def estimate_jump(
    outcome: pd.Series,
    distance_yuan: pd.Series,
    settings: DiscontinuitySettings,
    *,
    bandwidths: tuple[float, float] | None = None,
) -> Jump:
    """Estimate the jump of an outcome where the distance passes 0.

    Parameters
    ----------
    outcome : Series
        Missing ones are left out.
    distance_yuan : Series
        Negative below the cut.
    settings : DiscontinuitySettings
    bandwidths : tuple of float, optional
        Of the fit and of its bias, in yuan; chosen by the data (mean squared error) without it.
    """
    known = outcome.notna().to_numpy()
    y, x = outcome.to_numpy(dtype=float)[known], distance_yuan.to_numpy(dtype=float)[known]
    if _is_too_little(y, x, settings.least_households):
        below = int((x < 0).sum())
        return Jump(below_household_count=below, above_household_count=len(x) - below)
    # here, because it brings matplotlib and plotnine: seconds for every other page
    from rdrobust import rdrobust

    chosen = {} if bandwidths is None else {"h": bandwidths[0], "b": bandwidths[1]}
    level = 100 - settings.level_pct
    found = rdrobust(y, x, c=0, level=level, vce=settings.variance, masspoints="off", **chosen)
    (left_level, left_slope), (right_level, right_slope) = (
        np.ravel(side)[:2] for side in (found.beta_p_l, found.beta_p_r)
    )
    return Jump(
        estimate=float(found.coef.loc["Robust"].iloc[0]),
        lower=float(found.ci.loc["Robust"].iloc[0]),
        upper=float(found.ci.loc["Robust"].iloc[1]),
        p_value=float(found.pv.loc["Robust"].iloc[0]),
        std_error=float(found.se.loc["Robust"].iloc[0]),
        bandwidth_yuan=float(found.bws.loc["h"].iloc[0]),
        bias_bandwidth_yuan=float(found.bws.loc["b"].iloc[0]),
        below_household_count=int(found.N_h[0]),
        above_household_count=int(found.N_h[1]),
        left_level=left_level,
        left_slope=left_slope,
        right_level=right_level,
        right_slope=right_slope,
    )


def check_density(distance_yuan: pd.Series, settings: DiscontinuitySettings) -> Jump:
    """Test whether households crowd on one side of the cut; only ``p_value`` and counts are set.

    References
    ----------
    Cattaneo, Jansson and Ma (2020).
    """
    x = distance_yuan.to_numpy(dtype=float)
    if _is_too_little(x, x, settings.least_households):
        return Jump()
    from rddensity import rddensity

    found = rddensity(x, c=0)
    left, right = float(found.h["left"]), float(found.h["right"])
    return Jump(
        p_value=float(found.test["p_jk"]),
        bandwidth_yuan=min(left, right),
        below_household_count=int(((x < 0) & (x >= -left)).sum()),
        above_household_count=int(((x >= 0) & (x <= right)).sum()),
    )


def group_near(project: Project, cohorts: pd.DataFrame) -> pd.DataFrame:
    """Take means of groups of households around the threshold, for the figure.

    Returns
    -------
    DataFrame
        ``cohort_year``, ``outcome`` (:data:`OUTCOMES`), ``middle_yuan`` (distance from the
        threshold), ``mean``, ``household_count`` and ``outcome_household_count`` (fallen; all of
        them for income, of which nothing can be counted back).

    Raises
    ------
    ParameterError
        When a parameter file is refused.
    """
    settings = load_threshold_settings(project.params).discontinuity
    line, parts = load_rule(project.params).threshold_yuan, []
    for year, cohort in cohorts.groupby("cohort_year"):
        near = near_threshold(cohort, line, settings.chart_within_yuan)
        place = np.floor(near["distance_yuan"] / settings.chart_step_yuan)
        for outcome in OUTCOMES:
            groups = near[outcome].groupby(place)
            counts = groups.count()
            frame = pd.DataFrame(
                {
                    "mean": groups.mean(),
                    "household_count": counts,
                    "outcome_household_count": groups.sum() if outcome == "fallen" else counts,
                }
            ).astype({"outcome_household_count": "int64"})
            middle = (frame.index.to_numpy() + 0.5) * settings.chart_step_yuan
            parts.append(frame.assign(cohort_year=year, outcome=outcome, middle_yuan=middle))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def power_of(effect: float, std_error: float, level_pct: float) -> float:
    """Return the chance (0-1) that a two-sided test sees an effect of this size."""
    normal = NormalDist()
    limit = normal.inv_cdf(1 - level_pct / 200)
    shift = abs(effect) / std_error
    return normal.cdf(shift - limit) + normal.cdf(-shift - limit)


def smallest_effect(std_error: float, level_pct: float, power_pct: float) -> float:
    """Return the smallest effect that a two-sided test sees with the power asked for.

    The far tail is left out, as in the usual formula.
    """
    normal = NormalDist()
    return std_error * (normal.inv_cdf(1 - level_pct / 200) + normal.inv_cdf(power_pct / 100))


def _jump_in(near: pd.DataFrame, outcome: str, settings: DiscontinuitySettings) -> Jump:
    return estimate_jump(near[outcome], near["distance_yuan"], settings)


def _hold_against_truth(
    near: pd.DataFrame, found: dict[str, Jump], settings: DiscontinuitySettings
) -> list[tuple]:
    """Estimate at the same bandwidth what the simulator planted, and what no help would give."""
    start = near["is_above_line"]
    worlds = {
        "income": [near[f"{world}_income_fen"] / 100 for world in ("treated", "untreated")],
        "fallen": [
            near[f"is_fallen_{world}"].astype("Float64").where(start)
            for world in ("treated", "untreated")
        ],
    }
    parts = []
    for outcome, (treated, untreated) in worlds.items():
        for part, values in (
            ("truth_effect", treated - untreated),
            ("truth_untreated", untreated),
            ("truth_helped", near["is_helped"].where(untreated.notna()).astype("Float64")),
        ):
            numbers = values.astype("float64")
            jump = estimate_jump(
                numbers, near["distance_yuan"], settings, bandwidths=_widths(found[outcome])
            )
            parts.append((part, outcome, np.nan, jump))
    return parts


def _test_fairness(
    near: pd.DataFrame, found: dict[str, Jump], line_yuan: int, settings: DiscontinuitySettings
) -> list[tuple]:
    parts = [
        ("covariate", name, np.nan, _jump_in(near, name, settings))
        for name in COVARIATES
        if near[name].notna().any()
    ]
    for outcome, jump in found.items():
        for cut in settings.placebo_yuan:
            moved = near["distance_yuan"] + line_yuan - cut
            # one side of the real threshold only: its own jump must not count
            same = (near["distance_yuan"] < 0) == (cut < line_yuan)
            parts.append(("placebo", outcome, cut, estimate_jump(
                near.loc[same, outcome], moved[same], settings)))  # fmt: skip
        for hole in settings.donut_yuan:
            rest = near[near["distance_yuan"].abs() > hole]
            parts.append(("donut", outcome, hole, _jump_in(rest, outcome, settings)))
        for factor in settings.bandwidth_factors:
            widths = _widths(jump, factor)
            if widths is not None:
                wider = estimate_jump(
                    near[outcome], near["distance_yuan"], settings, bandwidths=widths
                )
                parts.append(("bandwidth", outcome, factor, wider))
    return parts


def _widths(jump: Jump, factor: float = 1) -> tuple[float, float] | None:
    if np.isnan(jump.bandwidth_yuan):
        return None
    return factor * jump.bandwidth_yuan, factor * jump.bias_bandwidth_yuan


def _is_too_little(y: np.ndarray, x: np.ndarray, least: int) -> bool:
    """Say whether a side has too few households, or an outcome that never differs."""
    sides = [y[x < 0], y[x >= 0]]
    return any(len(side) < least for side in sides) or all(np.ptp(side) == 0 for side in sides)
