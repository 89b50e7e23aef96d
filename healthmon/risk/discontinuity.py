"""What being flagged did: households just above the threshold against those just below.

Only households that the year before had not flagged already are looked at: for the others nothing
changes at the cut. What is estimated is the effect of the flag itself, whoever was then reached by
help. The tests are those that would show the comparison to be unfair.

References
----------
QH-5, channel 1. Estimators: :mod:`healthmon.risk.jumps`.
"""

from dataclasses import asdict

import numpy as np
import pandas as pd

from healthmon.burden import load_rule
from healthmon.money import fen
from healthmon.project import Project
from healthmon.risk.jumps import Jump, check_density, estimate_jump
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
        observed), ``density``; for cohorts with flags in simulated data ``truth_effect`` (the
        planted effect at the cut: with help less without, household by household),
        ``truth_untreated`` (the outcome without help: no jump) and ``truth_helped`` (share
        helped); for the last cohort with flags ``covariate``, ``placebo`` (``at``: cut in yuan),
        ``donut`` (``at``: yuan left out on each side)
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
    helped = near["is_helped"].astype("Float64")
    parts = []
    for part, outcome, values in [
        *(("truth_effect", name, with_ - without) for name, (with_, without) in worlds.items()),
        *(("truth_untreated", name, without) for name, (_, without) in worlds.items()),
        ("truth_helped", "income", helped),
    ]:
        widths = _widths(found[outcome])
        values = values.astype("float64")
        jump = estimate_jump(values, near["distance_yuan"], settings, bandwidths=widths)
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
