"""A second, plain reading of QH-1: no code and no parameters shared with the package.

Written from the document alone, one facility at a time, with fractions; compared with the
package on random facilities that lie on the boundaries more often than chance would have it.
"""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from healthmon.project import open_project
from healthmon.rules.scoring import score_facilities
from healthmon.rules.standards import ScoreStandard, load_standard

ROWS = 50_000
YES_NO = (True, True, True, False)


def plain_county(f: dict) -> list[int]:
    c1 = 10 if f["has_ct"] and f["is_ct_operable"] and f["has_colour_ultrasound"] \
        and f["is_colour_ultrasound_operable"] else 0  # fmt: skip
    departments = ("internal_medicine", "surgery", "obstetrics_gynaecology", "paediatrics",
                   "emergency")  # fmt: skip
    c2 = 10 if all(f[f"has_{name}"] for name in departments) else 0
    off = 0
    if not f["has_one_stop_settlement"]:
        off += 20
    if not f["has_telemedicine"]:
        off += 20
    wanted = 3 if f["hospital_type"] == "tcm" else 5
    if f["support_team_count"] < wanted:
        off += 20
    c3 = 40 - min(off, 40)
    rate = Fraction(100 * f["in_county_visit_count"], f["visit_count"])
    if rate < 50:
        c4 = 0
    elif rate >= 90:
        c4 = 40
    else:
        c4 = math.floor(rate - 50)
    return [c1, c2, c3, c4]


def plain_township(f: dict) -> list[int]:
    t1 = 15
    for device in ("ecg", "xray", "biochemistry_analyser"):
        if not (f[f"has_{device}"] and f[f"is_{device}_operable"]):
            t1 -= 5
    t2a = 5 if f["township_gp_count"] > 0 else 0
    if f["resident_count"] <= 10_000:
        t2b = 20
    else:
        t2b = {0: 0, 1: 10, 2: 15}.get(f["township_physician_count"], 20)

    def pooled(what: str) -> int:
        names = ("hypertension", "diabetes", "severe_mental_disorder")
        patients = sum(f[f"poor_{name}_patient_count"] for name in names)
        if patients == 0:
            return 10
        done = sum(f[f"poor_{name}_{what}_count"] for name in names)
        return 10 if Fraction(done, patients) >= Fraction(9, 10) else 5

    t4 = 10 if f["drug_kind_count"] > 10 else 0
    share = Fraction(100 * f["grassroots_visit_count"], f["visit_count"])
    if share <= 30:
        t5 = 10
    elif share < 35:
        t5 = 10 + math.floor(share - 30)
    elif share < 50:
        t5 = 15 + math.floor(share - 35)
    else:
        t5 = 30
    return [t1, t2a, t2b, pooled("contracted"), pooled("followed_up"), t4, t5]


def counts_near(rng: np.random.Generator, percents: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Draw counts whose rate lies on a percent, or one count beside it, half of the time."""
    bottom = rng.integers(1, 2000, ROWS)
    edge = bottom * rng.choice(percents, ROWS) // 100 + rng.integers(-1, 2, ROWS)
    top = np.where(rng.random(ROWS) < 0.5, edge, rng.integers(0, 2000, ROWS))
    return np.clip(top, 0, bottom), bottom


def yes_no(rng: np.random.Generator) -> np.ndarray:
    return rng.choice(YES_NO, ROWS)


def random_counties(rng: np.random.Generator) -> pd.DataFrame:
    flags = ["has_ct", "is_ct_operable", "has_colour_ultrasound", "is_colour_ultrasound_operable",
             "has_internal_medicine", "has_surgery", "has_obstetrics_gynaecology",
             "has_paediatrics", "has_emergency", "has_one_stop_settlement",
             "has_telemedicine"]  # fmt: skip
    columns = {name: yes_no(rng) for name in flags}
    columns["hospital_type"] = rng.choice(["general", "tcm"], ROWS)
    columns["support_team_count"] = rng.integers(0, 8, ROWS)
    top, bottom = counts_near(rng, [49, 50, 51, 57, 70, 89, 90, 91, 100])
    return pd.DataFrame(columns | {"in_county_visit_count": top, "visit_count": bottom})


def random_townships(rng: np.random.Generator) -> pd.DataFrame:
    devices = ("ecg", "xray", "biochemistry_analyser")
    columns = {f"has_{name}": yes_no(rng) for name in devices}
    columns |= {f"is_{name}_operable": yes_no(rng) for name in devices}
    columns["township_gp_count"] = rng.integers(0, 3, ROWS)
    columns["township_physician_count"] = rng.integers(0, 6, ROWS)
    columns["resident_count"] = rng.choice([500, 9999, 10000, 10001, 30000], ROWS)
    for name in ("hypertension", "diabetes", "severe_mental_disorder"):
        top, bottom = counts_near(rng, [89, 90, 91, 100])
        nobody = rng.random(ROWS) < 0.2
        columns[f"poor_{name}_patient_count"] = np.where(nobody, 0, bottom)
        columns[f"poor_{name}_contracted_count"] = np.where(nobody, 0, top)
        columns[f"poor_{name}_followed_up_count"] = np.where(
            nobody, 0, np.minimum(rng.permutation(top), bottom)
        )
    columns["drug_kind_count"] = rng.choice([0, 9, 10, 11, 12, 80], ROWS)
    top, bottom = counts_near(rng, [29, 30, 31, 34, 35, 36, 49, 50, 51])
    return pd.DataFrame(columns | {"grassroots_visit_count": top, "visit_count": bottom})


@pytest.mark.parametrize(
    ("name", "draw", "plain"),
    [
        ("county_hospitals", random_counties, plain_county),
        ("township_hospitals", random_townships, plain_township),
    ],
)
def test_package_and_plain_reading_agree(name: str, draw: object, plain: object) -> None:
    standard = load_standard(open_project().params, f"QH/{name}", ScoreStandard)
    facilities = draw(np.random.default_rng(20200520))
    scored = score_facilities(facilities, standard)
    expected = np.array([plain(row) for row in facilities.to_dict("records")])
    got = scored[[f"{component}_points" for component in standard.components]].to_numpy(dtype=int)
    differs = (got != expected).any(axis=1)
    assert not differs.any(), scored[differs].iloc[0].to_dict()
    assert (scored["points"].astype(int) == expected.sum(axis=1)).all()
    passes = expected.sum(axis=1) >= 70
    assert ((scored["state"] == "pass") == passes).all()
    assert 0.02 < passes.mean() < 0.98, "the draw should lie on both sides of the line"
