"""Measure scoring at the size of the whole country, on one core, trace codes included.

    python tests/bench_scores.py

3,000 county hospitals, 35,000 township hospitals and 600,000 village clinics, drawn at random
with every input on both sides of its boundaries; under 10 seconds is asked for.
"""

import time
from datetime import date

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from healthmon.facilities.villages import Forms, flag
from healthmon.project import open_project
from healthmon.rules.scoring import score_facilities, take_best
from healthmon.rules.standards import FlagStandard, ScoreStandard, load_standard

from test_plain_qh1 import random_counties, random_townships

PARAMS = open_project().params
COUNTIES, TOWNSHIPS, CLINICS = 3_000, 35_000, 600_000
DAY = date(2022, 6, 30)


def main() -> None:
    """Score everything once and print the seconds of each kind."""
    rng = np.random.default_rng(1)
    work = {
        "county hospitals": (COUNTIES, hospitals("county", random_counties(rng), COUNTIES)),
        "township hospitals": (TOWNSHIPS, hospitals("township", random_townships(rng), TOWNSHIPS)),
        "village clinics": (CLINICS, villages(rng)),
    }
    table, whole = Table("kind", "facilities", "seconds", "CPU seconds"), np.zeros(2)
    for title, (count, run) in work.items():
        began = time.monotonic(), time.process_time()
        run()
        took = np.array([time.monotonic() - began[0], time.process_time() - began[1]])
        whole += took
        table.add_row(title, f"{count:,}", *(f"{seconds:.2f}" for seconds in took))
    table.add_row("all (under 10 s)", "", *(f"{seconds:.2f}" for seconds in whole))
    Console().print(table)


def hospitals(kind: str, drawn: pd.DataFrame, count: int):
    standard = load_standard(PARAMS, f"QH/{kind}_hospitals", ScoreStandard)
    rows = drawn.iloc[:count].convert_dtypes()
    # every seventh unit has two hospitals
    units = np.arange(count) - (np.arange(count) % 7 == 6)
    rows = rows.assign(facility_code=[f"F{n:07d}" for n in range(count)], unit=units)
    return lambda: take_best(score_facilities(rows, standard), "unit")


def villages(rng: np.random.Generator):
    standard = load_standard(PARAMS, "QH/village_clinics", FlagStandard)
    codes = np.array([f"{110000 + n // 2000:06d}{n % 2000:06d}" for n in range(CLINICS)])
    source = {"source_file": "forms.xlsx", "source_sheet": "1", "source_row": np.arange(CLINICS)}
    clinics = pd.DataFrame(
        {
            "village_code": codes,
            "is_mobile": rng.random(CLINICS) < 0.05,
            "drug_kind_count": rng.integers(30, 200, CLINICS),
            **source,
        }
    ).convert_dtypes()
    doctors = pd.DataFrame(
        {
            "village_code": rng.permutation(codes),
            "birth_date": pd.to_datetime(rng.integers(-7000, 12000, CLINICS), unit="D").date,
            "is_qualified": rng.random(CLINICS) < 0.97,
            "origin": rng.choice(["local", "circuit", "posted"], CLINICS, p=[0.9, 0.06, 0.04]),
            "served_resident_count": rng.integers(100, 3000, CLINICS),
            **source,
        }
    ).convert_dtypes()
    forms = Forms(pd.DataFrame({"village_code": codes}), clinics, doctors)
    return lambda: flag(forms, standard, DAY, PARAMS)


if __name__ == "__main__":
    main()
