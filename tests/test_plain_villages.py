"""A second, plain reading of the village part of QH-1: no code shared with the package.

Written from the document alone, one village at a time; what is not stated on a form is tried both
ways, so that undetermined means: one way raises the flag, another does not.
"""

from datetime import date
from itertools import product

import numpy as np
import pandas as pd

from healthmon.facilities.villages import Forms, flag
from healthmon.project import open_project
from healthmon.rules.standards import FlagStandard, load_standard

VILLAGES = 100_000
DAY = date(2022, 6, 30)
FLAGS = ("V0", "V1", "V2", "V3", "V4")
BIRTHDAYS = [
    date(1956, 6, 30), date(1956, 7, 1), date(1957, 6, 30), date(1987, 6, 30), date(1986, 6, 30),
    date(1986, 7, 1), date(1986, 12, 31), date(1998, 2, 28), date(1970, 1, 1), date(1952, 2, 29),
]  # fmt: skip


def plain_age(born: date) -> int:
    age = DAY.year - born.year
    if (DAY.month, DAY.day) < (born.month, born.day):
        age -= 1
    return age


def plain_doctor_flags(doctors: list[dict], has_clinic: bool) -> dict[str, bool]:
    """Doctors whose licence is known."""
    qualified = [doctor for doctor in doctors if doctor["is_qualified"]]
    found = {"V0": not has_clinic or not qualified, "V1": False, "V2": False, "V3": False}
    if len(qualified) == 1:
        only = qualified[0]
        age = plain_age(only["birth_date"])
        found["V1"] = age <= 35 and only["served_resident_count"] < 800
        found["V2"] = age > 65
        found["V3"] = only["origin"] in ("circuit", "posted")
    return found


def plain_drugs(clinic: dict) -> bool:
    return clinic["drug_kind_count"] <= (50 if clinic["is_mobile"] else 60)


def ways(rows: list[dict], name: str, values: tuple) -> list[list[dict]]:
    """Fill in what is not stated in every way."""
    options = [[row[name]] if row[name] is not None else list(values) for row in rows]
    return [
        [row | {name: value} for row, value in zip(rows, chosen, strict=True)]
        for chosen in product(*options)
    ]


def judged(outcomes: set[bool]) -> bool | None:
    return None if len(outcomes) == 2 else outcomes.pop()


def plain_village(clinics: list[dict], doctors: list[dict]) -> list[bool | None]:
    tried = [plain_doctor_flags(way, bool(clinics)) for way in
             ways(doctors, "is_qualified", (True, False))]  # fmt: skip
    flags = [judged({outcome[name] for outcome in tried}) for name in FLAGS[:4]]
    if not clinics:
        return [*flags, False]
    filled = [way for known in ways(clinics, "is_mobile", (True, False))
              for way in ways(known, "drug_kind_count", (0, 999))]  # fmt: skip
    # the village takes its best clinic, whatever the blanks may hold
    return [*flags, judged({all(plain_drugs(clinic) for clinic in way) for way in filled})]


def random_rows(rng: np.random.Generator, most: int) -> np.ndarray:
    """Give each village none to `most` rows; returns the village of each row."""
    return np.repeat(np.arange(VILLAGES), rng.integers(0, most + 1, VILLAGES))


def codes(numbers: np.ndarray) -> np.ndarray:
    return np.array([f"6301{number:08d}" for number in numbers], dtype=object)


def by_village(frame: pd.DataFrame) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for row in frame.to_dict("records"):
        found.setdefault(row["village_code"], []).append(row)
    return found


def test_package_and_plain_reading_agree_on_100_000_villages() -> None:
    rng = np.random.default_rng(1)
    at_clinic, at_doctor = random_rows(rng, 2), random_rows(rng, 3)
    clinics = pd.DataFrame(
        {
            "village_code": codes(at_clinic),
            "is_mobile": rng.choice(
                np.array([True, False, False, None], dtype=object), len(at_clinic)
            ),
            "drug_kind_count": rng.choice([49, 50, 51, 59, 60, 61, 80, None], len(at_clinic)),
        }
    )
    doctors = pd.DataFrame(
        {
            "village_code": codes(at_doctor),
            "birth_date": rng.choice(np.array(BIRTHDAYS, dtype=object), len(at_doctor)),
            "is_qualified": rng.choice(
                np.array([True, True, False, None], dtype=object), len(at_doctor)
            ),
            "origin": rng.choice(["local", "circuit", "posted"], len(at_doctor)),
            "served_resident_count": rng.choice([10, 799, 800, 801], len(at_doctor)),
        }
    )
    villages = pd.DataFrame({"village_code": codes(np.arange(VILLAGES))})
    params = open_project().params
    standard = load_standard(params, "QH/village_clinics", FlagStandard)
    typed = [
        frame.assign(source_file="x", source_sheet="y", source_row=range(len(frame)))
        .convert_dtypes() for frame in (clinics, doctors)
    ]  # fmt: skip
    got = flag(Forms(villages, *typed), standard, DAY, params).set_index("village_code")
    by_clinic, by_doctor = by_village(clinics), by_village(doctors)
    wrong = []
    found = got[list(FLAGS)].astype(object).where(got[list(FLAGS)].notna(), None)
    for code, flags in zip(found.index, found.to_numpy().tolist(), strict=True):
        expected = plain_village(by_clinic.get(code, []), by_doctor.get(code, []))
        if expected != flags:
            wrong.append((code, expected, flags, by_clinic.get(code), by_doctor.get(code)))
    assert not wrong, wrong[:3]
