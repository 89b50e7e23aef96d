"""Hospitals and clinics: which there are and where. Their monthly forms are in ``forms``."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.geography import Geography
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

UNRATED, LEVEL_1, LEVEL_2, LEVEL_3 = range(4)
GENERAL, TCM, ETHNIC, MATERNAL = range(4)


@dataclass(frozen=True)
class Facilities:
    """Every facility that a patient can go to.

    ``county``: code, name, county, hospital_type, is_public, level. ``township``: code, name,
    township, county, level. ``clinics``: code, name, village, county, opened_month, closed_month,
    is_mobile, is_public_owned. ``distant``: code, county_code, level, prefecture_code (null
    outside the province or for the whole of it).
    """

    county: pd.DataFrame
    township: pd.DataFrame
    clinics: pd.DataFrame
    distant: pd.DataFrame


def make_facilities(
    settings: Settings, streams: Streams, places: Geography, calendar: Calendar
) -> Facilities:
    """Found the facilities."""
    rng = streams["facilities"]
    return Facilities(
        _county_hospitals(settings, rng, places),
        _township_hospitals(settings, rng, places),
        _clinics(settings, streams["clinics"], places, calendar),
        _distant_hospitals(settings, places),
    )


def _county_hospitals(
    settings: Settings, rng: np.random.Generator, places: Geography
) -> pd.DataFrame:
    """Give every county a public general hospital; others have TCM, ethnic, maternal ones too."""
    counties = places.counties
    minority = counties["minority_share"].to_numpy()
    chances = settings.table("county_hospital_shares")
    rows = []
    for number, county in enumerate(counties.itertuples()):
        kinds = [("人民医院", GENERAL, True)]
        if rng.random() < chances["second_general"]:
            kinds.append(("第二人民医院", GENERAL, True))
        if rng.random() < chances["private_general"]:
            kinds.append(("仁济医院", GENERAL, False))
        is_ethnic = minority[number] > 0.5
        if rng.random() < chances["ethnic" if is_ethnic else "tcm"]:
            kinds.append(("藏医院", ETHNIC, True) if is_ethnic else ("中医院", TCM, True))
        if rng.random() < chances["maternal_child"]:
            kinds.append(("妇幼保健院", MATERNAL, True))
        for place, (name, kind, is_public) in enumerate(kinds, 1):
            code = f"{county.code}Y{place:02d}"
            rows.append((code, county.short_name + name, number, kind, is_public))
    columns = ["code", "name", "county", "hospital_type", "is_public"]
    hospitals = pd.DataFrame(rows, columns=columns)
    is_small = (hospitals["hospital_type"] != GENERAL) | ~hospitals["is_public"]
    hospitals["level"] = np.where(is_small & (rng.random(len(hospitals)) < 0.3), LEVEL_1, LEVEL_2)
    return hospitals


def _township_hospitals(
    settings: Settings, rng: np.random.Generator, places: Geography
) -> pd.DataFrame:
    """Give every township a hospital, and the most populous ones a second one."""
    townships = places.townships
    seconds = round(len(townships) * settings.number("second_hospital_share"))
    order = np.argsort(-townships["residents"].to_numpy() * rng.lognormal(0, 0.4, len(townships)))
    township = np.sort(np.r_[np.arange(len(townships)), order[:seconds]])
    is_second = np.r_[False, township[1:] == township[:-1]]
    codes = townships["code"].to_numpy()[township]
    names = townships["name"].to_numpy()[township]
    level = np.where(rng.random(len(township)) < 0.72, LEVEL_1, UNRATED)
    return pd.DataFrame(
        {
            "code": [f"{c}W{2 if s else 1}" for c, s in zip(codes, is_second, strict=True)],
            "name": [
                f"{n}{'中心' if not s else '第二'}卫生院" if s else f"{n}卫生院"
                for n, s in zip(names, is_second, strict=True)
            ],
            "township": township,
            "is_second": is_second,
            "county": townships["county"].to_numpy()[township],
            "level": level,
        }
    )


def _clinics(
    settings: Settings, rng: np.random.Generator, places: Geography, calendar: Calendar
) -> pd.DataFrame:
    """Found village clinics: some villages have none (fewer over time), some two."""
    villages = places.villages
    weakness = places.counties["weakness"].to_numpy()[villages["county"]]
    months, count = len(calendar.months), len(villages)
    lacking = rng.random(count) < settings.number("blank_spot_share") * 2.2 * weakness**1.2
    lacking[np.unique(villages["county"], return_index=True)[1]] = False
    never = rng.random(count) < settings.number("blank_spot_left_share")
    opened = np.where(lacking, np.where(never, NEVER, rng.integers(1, 43, count)), 0)
    second = round(count * settings.number("second_clinic_share"))
    size = villages["residents"].to_numpy() * rng.lognormal(0, 0.5, count) * (opened == 0)
    village = np.r_[np.arange(count), np.sort(np.argsort(-size)[:second])]
    number = np.r_[np.ones(count, int), np.full(min(second, count), 2)]
    opened = np.where(number == 2, 0, opened[village])
    pastoral = places.counties["prefecture_code"].map(settings.table("mobile_share"))
    chance = pastoral.to_numpy(float)[villages["county"].to_numpy()[village]]
    codes, names = villages["code"].to_numpy()[village], villages["name"].to_numpy()[village]
    clinics = pd.DataFrame(
        {
            "code": [f"{c}C{n}" for c, n in zip(codes, number, strict=True)],
            "name": [_clinic_name(name, n) for name, n in zip(names, number, strict=True)],
            "village": village,
            "county": villages["county"].to_numpy()[village],
            "opened_month": opened,
            "is_mobile": rng.random(len(village)) < chance,
            "public_u": rng.random(len(village)),
            "number": number,
        }
    )
    clinics = clinics[clinics["opened_month"] < months]
    return clinics.sort_values(["village", "number"], ignore_index=True)


def _clinic_name(village: str, number: int) -> str:
    short = village.removesuffix("民委员会").removesuffix("委员会").removesuffix("委会")
    return f"{short}卫生室" + ("（二）" if number > 1 else "")


def _distant_hospitals(settings: Settings, places: Geography) -> pd.DataFrame:
    """List prefecture and provincial hospitals and some outside the province, all of level 3."""
    seats = settings.words["prefecture_seats"]
    rows = [(f"{code}S01", code, f"{code[:4]}00") for code in seats]
    rows += [
        (f"{code}S1{n}", code, None) for n, code in enumerate(settings.list_words("provincial"))
    ]
    rows += [(f"{code}S2{n}", code, None) for n, code in enumerate(settings.list_words("outside"))]
    hospitals = pd.DataFrame(rows, columns=["code", "county_code", "prefecture_code"])
    hospitals["level"] = LEVEL_3
    hospitals["is_outside"] = ~hospitals["county_code"].isin(places.counties["code"])
    return hospitals
