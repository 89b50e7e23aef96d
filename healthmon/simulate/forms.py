"""The monthly forms of county and township hospitals."""

import numpy as np
import pandas as pd

from healthmon.simulate.care import Care
from healthmon.simulate.facilities import Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Households, Persons
from healthmon.simulate.illness import MENTAL, Illness
from healthmon.simulate.months import NEVER, Calendar, year_of
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.visits import Visits
from healthmon.simulate.words import HEADERS, HOSPITAL_TYPES, LEVELS, NO_YES, SHEETS
from healthmon.simulate.workbooks import BLANK, Cells, Sheet


def visit_shares(
    places: Geography, households: Households, persons: Persons, visits: Visits,
    facility_county: np.ndarray, calendar: Calendar,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Count, by year of settlement, what C4 and T5 ask for.

    Parameters
    ----------
    facility_county : array of int
        County of each visit's facility, -1 outside the province.

    Returns
    -------
    tuple of arrays
        Shares 0-1, years down: within the county by county; at township and village level by
        township. NaN where nobody went anywhere.
    """
    household = persons.household[visits.person]
    county = households.county[household]
    township = places.villages["township"].to_numpy()[households.village[household]]
    place = year_of(visits.settled_day) - calendar.years[0]
    tables = []
    for where, count, is_counted in (
        (county, len(places.counties), facility_county == county),
        (township, len(places.townships), visits.level <= 1),
    ):
        size = len(calendar.years) * count
        every = np.bincount(place * count + where, minlength=size)
        some = np.bincount(place * count + where, is_counted, minlength=size)
        with np.errstate(invalid="ignore", divide="ignore"):
            tables.append((some / every).reshape(-1, count))
    return tables[0], tables[1]


def county_sheet(
    settings: Settings, streams: Streams, places: Geography, facilities: Facilities,
    in_county: np.ndarray, calendar: Calendar,
) -> Sheet:  # fmt: skip
    """Fill the county hospitals' form for all months."""
    rng = streams["forms"]
    table = facilities.county
    months, count = len(calendar.months), len(table)
    weakness = places.counties["weakness"].to_numpy()[table["county"]]
    small = (table["hospital_type"] != 0).to_numpy()
    shares = settings.table("county_hospital_form")
    has = {
        name: _grow(rng, start - fall * weakness - minor * small, gain, months)
        for name, (start, fall, minor, gain) in shares.items()
    }
    broken = settings.number("broken_share")
    team = np.clip(rng.normal(6.2 - 2.4 * weakness - 1.5 * small, 1.6), 0, 12).round().astype(int)
    team = team + (np.arange(months)[:, None] >= rng.integers(0, 90, count)) * 1
    codes = places.counties["code"].to_numpy(object)[table["county"]]
    stated = _stated(rng, in_county[:, table["county"].to_numpy()], calendar)
    columns = [
        Cells(table["code"].to_numpy(object)),
        Cells(table["name"].to_numpy(object)),
        Cells(codes),
        Cells(table["hospital_type"].to_numpy(), HOSPITAL_TYPES),
        Cells(table["is_public"].to_numpy(int), NO_YES),
        Cells(table["level"].to_numpy(), LEVELS),
        *_equipment(rng, has["ct"], broken),
        *_equipment(rng, has["ultrasound"], broken),
        *(Cells(has[name], NO_YES) for name in (
            "internal_medicine", "surgery", "obstetrics", "paediatrics", "emergency",
            "one_stop", "telemedicine",
        )),
        Cells(team),
        Cells(stated, divisor=100),
    ]  # fmt: skip
    columns = _blank(settings, rng, columns, 6, months, count)
    present = np.ones((months, count), bool)
    return Sheet(SHEETS["county_hospitals"], HEADERS["county_hospitals"], tuple(columns), present)


def township_sheet(
    settings: Settings, streams: Streams, places: Geography, facilities: Facilities,
    care: Care, illness: Illness, grassroots: np.ndarray, calendar: Calendar,
) -> Sheet:  # fmt: skip
    """Fill the township hospitals' form for all months."""
    rng = streams["doctors"]
    table = facilities.township
    months, count = len(calendar.months), len(table)
    township = table["township"].to_numpy()
    weakness = places.townships["weakness"].to_numpy()[township]
    shares = settings.table("township_hospital_form")
    has = {
        name: _grow(rng, start - fall * weakness, gain, months)
        for name, (start, fall, gain) in shares.items()
    }
    broken = settings.number("broken_share")
    residents = places.townships["residents"].to_numpy()[township]
    staff = _staff(settings, rng, residents, weakness, months)
    poor = patient_counts(illness, care, count, calendar)
    every = _all_patients(settings, rng, poor, residents, table, weakness)
    drugs = np.clip(rng.lognormal(4.6 - 1.1 * weakness, 0.55), 5, 400).astype(int)
    drugs = drugs + (np.arange(months)[:, None] // 6) * rng.integers(0, 6, count)
    columns = [
        Cells(table["code"].to_numpy(object)),
        Cells(table["name"].to_numpy(object)),
        Cells(places.townships["code"].to_numpy(object)[township]),
        Cells(residents),
        *_equipment(rng, has["ecg"], broken),
        *_equipment(rng, has["xray"], broken),
        *_equipment(rng, has["biochemistry"], broken),
        *map(Cells, staff),
        *(Cells(poor[disease, what]) for disease in range(3) for what in range(3)),
        *(Cells(every[disease, what]) for disease in range(3) for what in range(3)),
        Cells(drugs),
        Cells(_stated(rng, grassroots[:, township], calendar), divisor=100),
        Cells(has["telemedicine"], NO_YES),
        Cells(has["tcm_clinic"], NO_YES),
    ]
    columns = _blank(settings, rng, columns, 4, months, count)
    present = np.ones((months, count), bool)
    name = "township_hospitals"
    return Sheet(SHEETS[name], HEADERS[name], tuple(columns), present)


def _grow(rng: np.random.Generator, start: np.ndarray, gain: float, months: int) -> np.ndarray:
    """Draw who has something: a share at the start, more over time, nobody loses it."""
    share = start + gain * (np.arange(months) / 41)[:, None]
    return (rng.random(start.shape) < share).astype(np.int8)


def _equipment(rng: np.random.Generator, has: np.ndarray, broken: float) -> list[Cells]:
    """Make the two columns of a machine: there, and fit for use (out of order by the quarter)."""
    months, count = has.shape
    fails = np.repeat(rng.random(((months + 2) // 3, count)) < broken, 3, axis=0)[:months]
    return [Cells(has, NO_YES), Cells((has & ~fails).astype(np.int8), NO_YES)]


def _stated(rng: np.random.Generator, share: np.ndarray, calendar: Calendar) -> np.ndarray:
    """State last year's share on the form, in hundredths of a percent with one decimal place.

    Two in five forms state what the settlements come to, the others a figure near it. The year
    before the first is stated as a point below the first.
    """
    near = rng.normal(0, 0.009, share.shape) * (rng.random(share.shape) < 0.6)
    stated = np.clip(np.nan_to_num(share + near, nan=0.5), 0, 1)
    stated = np.vstack([np.clip(stated[:1] - 0.01, 0, 1), stated])
    years = np.array([int(month[:4]) for month in calendar.months]) - calendar.years[0]
    return (stated[years] * 1000).round().astype(int) * 10


def _staff(
    settings: Settings, rng: np.random.Generator, residents: np.ndarray, weakness: np.ndarray,
    months: int,
) -> list[np.ndarray]:  # fmt: skip
    """Draw general practitioners, physicians and assistants; the yearbook's totals at end 2021."""
    columns = []
    size = np.sqrt(residents / residents.mean()) * (1.25 - 0.6 * weakness)
    for name in ("gp", "physician", "assistant"):
        mean, growth = settings.table("township_staff")[name]
        final = rng.poisson(mean * size / size.mean())
        final = _match_total(rng, final, round(mean * len(size)))
        come = rng.random((final.max() + 1, len(size))) < growth
        when = rng.integers(1, 36, come.shape)
        later = (np.arange(1, final.max() + 2)[:, None] <= final) & come
        missing = (later[None] & (np.arange(months)[:, None, None] < when[None])).sum(axis=1)
        columns.append(final - missing)
    return columns


def _match_total(rng: np.random.Generator, counts: np.ndarray, total: int) -> np.ndarray:
    """Add or take one at a time, at random, until the counts come to the total."""
    counts = counts.copy()
    while (difference := total - int(counts.sum())) != 0:
        able = np.flatnonzero(counts > (difference < 0))
        chosen = rng.permutation(able)[: abs(difference)]
        counts[chosen] += np.sign(difference)
    return counts


def patient_counts(illness: Illness, care: Care, hospitals: int, calendar: Calendar) -> np.ndarray:
    """Count patients, the contracted and those visited in the last three months.

    Returns
    -------
    array
        Disease × (patients, contracted, visited) × month × hospital, at each month's end.
    """
    table = illness.chronic
    is_counted = (table["disease"] <= MENTAL).to_numpy()
    person, disease = table["person"].to_numpy(), table["disease"].to_numpy()
    hospital = care.hospital[person]
    months = len(calendar.months)
    first = np.maximum(calendar.month_of(table["known_day"].to_numpy()), 0)
    last = np.minimum(calendar.month_of(table["removed_day"].to_numpy()), months)
    signed = care.signed_day[person]
    contract = np.where(signed < NEVER, np.maximum(calendar.month_of(signed), first), months)
    counts = np.zeros((3, 3, months + 1, hospitals), np.int32)

    def add(rows: np.ndarray, what: int, begin: np.ndarray, end: np.ndarray) -> None:
        is_some = (begin < end) & is_counted[rows]
        at = rows[is_some]
        np.add.at(counts, (disease[at], what, begin[is_some], hospital[at]), 1)
        np.add.at(counts, (disease[at], what, end[is_some], hospital[at]), -1)

    rows = np.arange(len(table))
    add(rows, 0, first, last)
    add(rows, 1, np.minimum(contract, months), last)
    seen, begin, end = _visited(care.visits, calendar)
    add(seen, 2, np.maximum(begin, first[seen]), np.minimum(end, last[seen]))
    return counts.cumsum(axis=2)[:, :, :months]


def _visited(visits: pd.DataFrame, calendar: Calendar) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn visits into spells of being visited, without overlap: a visit counts for 3 months."""
    order = np.argsort(visits["patient"].to_numpy(), kind="stable")
    patient = visits["patient"].to_numpy()[order]
    dates = visits["visit_day"].to_numpy()[order].astype("datetime64[D]").astype("datetime64[M]")
    month = dates.astype(int) - np.datetime64(calendar.months[0], "M").astype(int)
    begin = month.copy()
    is_same = np.r_[False, patient[1:] == patient[:-1]]
    previous = np.r_[-NEVER, month[:-1] + 3]
    begin = np.where(is_same, np.maximum(begin, previous), begin)
    months = len(calendar.months)
    return patient, np.clip(begin, 0, months), np.clip(month + 3, 0, months)


def _all_patients(
    settings: Settings, rng: np.random.Generator, poor: np.ndarray, residents: np.ndarray,
    table: pd.DataFrame, weakness: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Add the patients who are not on the poverty register, at rates like the others'."""
    share = settings.numbers("known_patients_share")[:, None]
    of_hospital = residents / table.groupby("township")["code"].transform("size").to_numpy()
    others = (of_hospital * share * rng.lognormal(0, 0.15, (3, len(residents)))).round()
    reach = np.stack([np.ones_like(weakness), 0.97 - 0.3 * weakness, 0.94 - 0.36 * weakness])
    reach = np.clip(reach + rng.normal(0, 0.04, reach.shape) * [[0], [1], [1]], 0.2, 1)
    extra = (others[:, None, :] * reach[None]).astype(np.int32)
    return poor + extra[:, :, None, :]


def _blank(
    settings: Settings, rng: np.random.Generator, columns: list[Cells], first: int, months: int,
    count: int,
) -> list[Cells]:  # fmt: skip
    """Leave a few inputs empty, each for a quarter of a year."""
    share = settings.number("blank_share")
    filled = columns[:first]
    for cells in columns[first:]:
        quarters = rng.random(((months + 2) // 3, count)) < share
        is_blank = np.repeat(quarters, 3, axis=0)[:months]
        values = np.broadcast_to(cells.values, (months, count))
        filled.append(Cells(np.where(is_blank, BLANK, values), cells.words, cells.divisor))
    return filled
