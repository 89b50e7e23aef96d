"""A month with random results on real divisions, for tests of pages, charts and tables."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace

import numpy as np
import pandas as pd

from healthmon.burden.registered import (
    join_incomes,
    measure_registered,
    measure_registered_poverty,
)
from healthmon.burden.terms import load_burden_terms
from healthmon.places import province_code, read_places
from healthmon.project import Project, open_project
from healthmon.rules.indicators import load_indicators
from healthmon.rules.standards import FlagStandard, ScoreStandard, load_standard
from healthmon.standing.table import stand_month


@dataclass
class FakeMonth:
    """What notebooks ask of a month; frames can be replaced one by one."""

    project: Project
    month: str
    county_scores: pd.DataFrame
    township_scores: pd.DataFrame
    village_flags: pd.DataFrame
    burden: pd.DataFrame
    catastrophic: pd.DataFrame
    impoverishment: pd.DataFrame
    register_counts: pd.DataFrame
    risk: object
    is_simulated: bool = True
    extra: dict = field(default_factory=dict)

    @cached_property
    def indicators(self) -> pd.DataFrame:
        return make_indicators(self.project, self.month)

    @cached_property
    def standing(self) -> pd.DataFrame:
        return stand_month(self.project.params, self.indicators, self.month)


def make_month(
    state: str = "tested", seed: int = 7, month: str = "2022-06", households: int = 6000
) -> FakeMonth:
    """Make a month of `households` households; `state` is that of the risk model."""
    random, project = np.random.default_rng(seed), open_project()
    counties = read_places("counties")
    townships = read_places("townships")
    townships = townships[townships["kind"].isin(["乡", "镇", "民族乡"])]
    villages = read_places("villages")
    villages = villages[villages["rural"] == 1]
    homes = _make_homes(random, counties, households)
    burden = _make_burden(random, homes, int(month[:4]))
    paying = _make_paying(homes, burden)
    terms = load_burden_terms(project.params)
    return FakeMonth(
        project=project,
        month=month,
        county_scores=_make_scores(random, project, "county", counties),
        township_scores=_make_scores(random, project, "township", townships),
        village_flags=_make_flags(random, project, villages),
        burden=burden,
        catastrophic=measure_registered(paying, terms),
        impoverishment=measure_registered_poverty(paying, terms, 400_000),
        register_counts=_count(homes),
        risk=_make_risk(random, state, homes, burden),
    )


def make_indicators(project: Project, month: str, seed: int = 3) -> pd.DataFrame:
    """Make random results of all indicators in two months, small and large counties among them."""
    random, counties = np.random.default_rng(seed), read_places("counties")
    sizes = (counties["population_2020"] / 400).astype(int).to_numpy()
    parts = []
    for name, one in load_indicators(project.params).items():
        rate = random.beta(20, 4, len(counties))
        for number in (0, 3):
            own = pd.DataFrame({"code": counties["code"], "denominator": sizes})
            own["numerator"] = random.binomial(sizes, np.clip(rate + 0.01 * number, 0, 1))
            own["undetermined"] = random.binomial(sizes - own["numerator"], 0.1)
            own["prefecture_code"] = counties["prefecture_code"]
            when = str(pd.Period(month, freq="M") - 3 + number)
            labels = ["", *(one.parts.labels if one.parts else ())]
            parts += [own.assign(indicator=name, part=part, month=when) for part in labels]
    county = pd.concat(parts, ignore_index=True)
    keys, sums = ["indicator", "part", "month"], ["numerator", "denominator", "undetermined"]
    prefecture = county.assign(code=county["prefecture_code"])
    whole = county.assign(code=province_code())
    levels = {"county": county, "prefecture": prefecture, "province": whole}
    return pd.concat(
        [
            rows.groupby([*keys, "code"], as_index=False)[sums].sum().assign(level=level)
            for level, rows in levels.items()
        ],
        ignore_index=True,
    )


def _make_scores(random, project, kind, places) -> pd.DataFrame:
    standard = load_standard(project.params, f"QH/{kind}_hospitals", ScoreStandard)
    code = f"{kind}_code"
    frame = places.rename(columns={"code": code})
    frame = frame[list(dict.fromkeys([code, "county_code", "prefecture_code"]))].copy()
    frame["facility_code"] = [f"F{number:05d}" for number in range(len(frame))]
    frame["facility_name"] = [f"{name}卫生机构" for name in places["name"]]
    low = high = np.zeros(len(frame), dtype=int)
    for name, part in standard.components.items():
        points = np.where(
            random.random(len(frame)) < 0.55,
            part.maximum,
            random.integers(0, part.maximum + 1, len(frame)),
        )
        known = random.random(len(frame)) > 0.02
        frame[f"{name}_points"] = pd.Series(points, index=frame.index, dtype="Int64").where(known)
        low, high = low + np.where(known, points, 0), high + np.where(known, points, part.maximum)
    frame["lowest_points"], frame["highest_points"] = low, high
    frame["points"] = pd.Series(low, index=frame.index, dtype="Int64").where(low == high)
    frame["state"] = np.select(
        [low >= standard.pass_points, high < standard.pass_points], ["pass", "fail"], "undetermined"
    )
    return frame.reset_index(drop=True)


def _make_flags(random, project, villages) -> pd.DataFrame:
    standard = load_standard(project.params, "QH/village_clinics", FlagStandard)
    frame = villages[["code", "township_code", "county_code", "prefecture_code"]].rename(
        columns={"code": "village_code"}
    )
    for flag in standard.flags:
        frame[flag] = pd.Series(
            random.random(len(frame)) < 0.04, index=frame.index, dtype="boolean"
        )
        frame.loc[random.random(len(frame)) < 0.004, flag] = pd.NA
    flags = frame[list(standard.flags)]
    known = flags.fillna(False).any(axis=1)
    frame["is_flagged"] = known.astype("boolean").mask(~known & flags.isna().any(axis=1))
    frame["clinic_count"] = pd.array([1] * len(frame), dtype="Int64")
    frame["qualified_doctor_count"] = pd.array([1] * len(frame), dtype="Int64")
    return frame.reset_index(drop=True)


def _make_homes(random, counties, households) -> pd.DataFrame:
    weights = (counties["population_2020"] * (1 - counties["urban_share"])).clip(lower=200)
    chosen = random.choice(len(counties), households, p=weights / weights.sum())
    return pd.DataFrame(
        {
            "household_id": np.arange(households),
            "county_code": counties["code"].to_numpy()[chosen],
            "prefecture_code": counties["prefecture_code"].to_numpy()[chosen],
            "household_kind": random.choice(
                ["lifted", "unstable", "poor"], households, p=[0.9, 0.06, 0.04]
            ),
            "member_count": random.integers(1, 7, households),
        }
    )


def _make_burden(random, homes, year) -> pd.DataFrame:
    years = []
    for number in range(2019, year + 1):
        part = homes.assign(year=np.int32(number))
        spent = (random.lognormal(9.2, 1.2, len(homes)) * 20).astype("int64")
        part["oop_fen"] = spent // (2 if number == year else 1)
        years.append(part)
    burden = pd.concat(years, ignore_index=True)
    burden["total_fen"] = burden["oop_fen"] * 3
    burden["reimbursed_fen"] = burden["oop_fen"] * 2
    burden["out_of_scope_fen"] = burden["oop_fen"] // 10
    burden["is_complete_year"] = burden["year"] < year
    burden["is_flagged_by_rule"] = burden["oop_fen"] > 156000 * burden["member_count"]
    return burden


def _make_paying(homes, burden) -> pd.DataFrame:
    last = burden[burden["year"] == burden.loc[burden["is_complete_year"], "year"].max()]
    income = 600_000 + 7 * homes["household_id"] % 900_000
    incomes = pd.DataFrame({"income_per_member_fen": income.astype("Int64")})
    return join_incomes(last, incomes.set_axis(homes["household_id"]))


def _count(homes) -> pd.DataFrame:
    groups = homes.groupby(["county_code", "prefecture_code", "household_kind"])
    return groups.agg(
        household_count=("household_id", "size"), person_count=("member_count", "sum")
    ).reset_index()


def _make_risk(random, state, homes, burden) -> SimpleNamespace:
    facts = {"message_zh": f"模型状态 {state}。"}
    if state == "no_outcome":
        return SimpleNamespace(state=state, facts=facts, frames={})
    scores = homes[["household_id", "county_code", "prefecture_code"]].copy()
    scores["risk"] = random.beta(1, 12, len(homes))
    scores["is_flagged_by_model"] = scores["risk"] > scores["risk"].quantile(0.9)
    flagged = burden.loc[burden["is_flagged_by_rule"], "household_id"].unique()
    scores["is_flagged_by_rule"] = scores["household_id"].isin(flagged)
    frames = {"household_scores": scores}
    values = {"recall": 0.41, "precision": 0.33, "auc": 0.78}
    rows = [
        (outcome, method, metric, value - shift, value - shift - 0.03, value - shift + 0.03)
        for outcome, worse in (("observed", 0.2), ("untreated", 0))
        for method, better in (("model", 0), ("rule", 0.09), ("spending", 0.05))
        for shift in [worse + better]
        for metric, value in values.items()
    ]
    columns = ["outcome", "method", "metric", "value", "lower", "upper"]
    frames["metrics"] = pd.DataFrame(rows, columns=columns)
    groups = {"both": (400, 60), "rule_only": (300, 30), "model_only": (300, 45),
              "neither": (5000, 120)}  # fmt: skip
    frames["groups"] = pd.DataFrame(
        [(outcome, group, *counts) for outcome in ("observed", "untreated")
         for group, counts in groups.items()],
        columns=["outcome", "group", "household_count", "outcome_count"],
    )  # fmt: skip
    return SimpleNamespace(state=state, facts=facts, frames=frames)


def open_month(month: str) -> FakeMonth:
    """Stand in for healthmon.month.open_month in notebooks under test."""
    return make_month(os.environ.get("FAKE_STATE", "tested"), month=month)
