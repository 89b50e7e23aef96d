"""Who goes to which facility, when and for what: the settlements without their money."""

from dataclasses import dataclass

import numpy as np

from healthmon.simulate.facilities import GENERAL, LEVEL_2, UNRATED, Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import BORN, Households, Persons
from healthmon.simulate.illness import Illness
from healthmon.simulate.months import Calendar, year_of
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

INPATIENT, OUTPATIENT, CHRONIC_OUTPATIENT = range(3)
_YEAR = 365.25


@dataclass
class Visits:
    """One entry a settlement; days since 1970-01-01. ``major`` is -1 or the disease's place."""

    person: np.ndarray
    kind: np.ndarray
    major: np.ndarray
    chronic: np.ndarray
    visit_day: np.ndarray
    discharge_day: np.ndarray
    settled_day: np.ndarray
    level: np.ndarray
    facility: np.ndarray
    """Place in the list of all facilities (`facility_list`)."""

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: np.ndarray) -> "Visits":
        """Return the settlements of some rows."""
        names = Visits.__dataclass_fields__
        return Visits(**{name: getattr(self, name)[rows] for name in names})


def visit_facilities(
    settings: Settings,
    streams: Streams,
    places: Geography,
    facilities: Facilities,
    households: Households,
    persons: Persons,
    illness: Illness,
    hospital: np.ndarray,
    calendar: Calendar,
) -> Visits:
    """Draw all visits that are settled in the simulated months.

    Parameters
    ----------
    hospital : array of int
        The township hospital that looks after each person's village.
    """
    rng = streams["visits"]
    visits = _occasions(settings, rng, persons, illness, calendar)
    _settle_days(rng, visits)
    visits = visits.take(np.flatnonzero(visits.settled_day < calendar.end))
    visits = visits.take(np.argsort(visits.settled_day, kind="stable"))
    _choose_places(
        settings, streams["places"], places, facilities, households, persons, hospital, visits
    )
    return visits


def _occasions(
    settings: Settings,
    rng: np.random.Generator,
    persons: Persons,
    illness: Illness,
    calendar: Calendar,
) -> Visits:
    rates = settings.table("visits_a_person_year")
    cdf = _season(settings, calendar)
    begin = np.where(persons.joined_how == BORN, persons.joined_day, calendar.start)
    end = np.minimum(persons.left_day, calendar.end)
    need = _need(settings, persons, illness, calendar)
    is_chronic = np.zeros(len(persons), bool)
    is_chronic[illness.chronic["person"]] = True
    cases = illness.major
    sick = cases["person"].to_numpy()
    onset = np.maximum(cases["diagnosed_day"].to_numpy(), calendar.start)
    onset, sick_end = np.minimum(onset, end[sick]), end[sick]
    first_end = np.minimum(sick_end, np.maximum(onset, cases["diagnosed_day"].to_numpy() + 365))
    everyone = np.arange(len(persons))
    groups = [
        (INPATIENT, everyone, rates["inpatient"] * need**0.75, begin, end, None),
        (OUTPATIENT, everyone, rates["outpatient"] * need**0.6, begin, end, None),
        (CHRONIC_OUTPATIENT, everyone, rates["chronic"] * is_chronic * need**0.3, begin, end, None),
        (INPATIENT, sick, rates["major_first_year"] * np.ones(len(sick)), onset, first_end, cases),
        (INPATIENT, sick, rates["major_later"] * np.ones(len(sick)), first_end, sick_end, cases),
    ]
    parts = [_draw(rng, cdf, calendar, *group) for group in groups]
    person, kind, major, day = (np.concatenate(column) for column in zip(*parts, strict=True))
    chronic = np.where(kind == CHRONIC_OUTPATIENT, _first_disease(persons, illness)[person], -1)
    zeros = np.zeros(len(person), np.int32)
    return Visits(
        person, kind, major, chronic.astype(np.int8), day, day.copy(), day.copy(), zeros, zeros
    )


def _need(settings: Settings, persons: Persons, illness: Illness, calendar: Calendar) -> np.ndarray:
    """Relative need of care by age, hidden frailty and chronic diseases; mean 1."""
    middle = (calendar.start + calendar.end) // 2
    age = np.clip(persons.age_at(middle), 0, 90)
    by_age = np.interp(age, *settings.table("need_by_age").values())
    diseases = np.bincount(illness.chronic["person"], minlength=len(persons))
    need = by_age * np.minimum(persons.frailty, 8) * (1 + 0.8 * np.minimum(diseases, 3))
    return need / need.mean()


def _first_disease(persons: Persons, illness: Illness) -> np.ndarray:
    first = np.full(len(persons), -1, np.int8)
    table = illness.chronic.iloc[::-1]
    first[table["person"]] = table["disease"]
    return first


def _season(settings: Settings, calendar: Calendar) -> np.ndarray:
    """Cumulated intensity by day: winters busier, early 2020 quieter, a slow rise."""
    days = np.arange(calendar.start, calendar.end)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    intensity = settings.numbers("season")[month % 12]
    years = (days - calendar.start) / _YEAR
    intensity = intensity * (1 + settings.number("visit_growth")) ** years
    for name, factor in settings.table("quiet_months").items():
        intensity[month == np.datetime64(name, "M").astype(np.int64)] *= factor
    return np.r_[0, np.cumsum(intensity / intensity.mean())]


def _draw(
    rng: np.random.Generator,
    cdf: np.ndarray,
    calendar: Calendar,
    kind: int,
    person: np.ndarray,
    rate: np.ndarray,
    begin: np.ndarray,
    end: np.ndarray,
    cases: object,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw the days of events that come at `rate` a year between two days."""
    low, high = cdf[begin - calendar.start], cdf[np.maximum(end, begin) - calendar.start]
    count = rng.poisson(rate * (high - low) / _YEAR)
    row = np.repeat(np.arange(len(person)), count)
    at = low[row] + rng.random(len(row)) * (high - low)[row]
    day = calendar.start + np.searchsorted(cdf, at, side="right") - 1
    day = np.clip(day, begin[row], np.maximum(end[row] - 1, begin[row]))
    major = np.full(len(row), -1, np.int8)
    if cases is not None:
        major = cases["disease"].to_numpy()[row].astype(np.int8)
    return (
        person[row].astype(np.int32),
        np.full(len(row), kind, np.int8),
        major,
        day.astype(np.int32),
    )


def _settle_days(rng: np.random.Generator, visits: Visits) -> None:
    """Give inpatients a length of stay, and some settlements a few days until they are settled."""
    count = len(visits)
    stay = 1 + rng.gamma(2.2, 3.2, count).astype(np.int32)
    stay = np.where(visits.major >= 0, stay + rng.integers(0, 12, count, dtype=np.int32), stay)
    stay = np.where(visits.kind == INPATIENT, np.minimum(stay, 120), 0)
    visits.discharge_day = visits.visit_day + stay
    wait = np.where(rng.random(count) < 0.12, rng.integers(1, 9, count, dtype=np.int32), 0)
    visits.settled_day = visits.discharge_day + wait


def _choose_places(
    settings: Settings,
    rng: np.random.Generator,
    places: Geography,
    facilities: Facilities,
    households: Households,
    persons: Persons,
    hospital: np.ndarray,
    visits: Visits,
) -> None:
    """Send the least severe visits to township and village, the most severe out of the county.

    Where the two lines lie is the county's and the township's own: that is what C4 and T5 see.
    """
    household = persons.household[visits.person]
    county = households.county[household].astype(np.int32)
    severity = rng.normal(0, 1, len(visits)).astype(np.float32)
    severity += 0.8 * (visits.kind == INPATIENT) + 1.3 * (visits.major >= 0)
    severity += 0.4 * (visits.kind == CHRONIC_OUTPATIENT)
    grid = np.quantile(severity[:: max(1, len(severity) // 200_000)], np.linspace(0, 1, 501))
    in_county, grassroots = settle_shares(settings, places, rng)
    years = year_of(visits.settled_day) - settings.table("share_growth")["from_year"]
    gain = settings.table("share_growth")["a_year"] * years
    village = households.village[household]
    township = places.villages["township"].to_numpy()[village].astype(np.int32)
    line = np.linspace(0, 1, 501)
    leaves = severity > np.interp(np.clip(in_county[county] + gain, 0.3, 0.96), line, grid)
    stays = severity < np.interp(np.clip(grassroots[township] + gain / 2, 0.12, 0.75), line, grid)
    stays &= ~leaves
    _name_places(rng, places, facilities, village, county, hospital, stays, leaves, visits)


def settle_shares(
    settings: Settings, places: Geography, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the share of visits within the county, and at township and village level by township."""
    counties = places.counties
    best, fall, spread = settings.numbers("in_county_share")
    in_county = best - fall * counties["weakness"].to_numpy() + rng.normal(0, spread, len(counties))
    in_county = np.clip(in_county, 0.38, 0.95)
    best, fall, spread = settings.numbers("grassroots_share")
    weakness = places.townships["weakness"].to_numpy()
    grassroots = best - fall * weakness + rng.normal(0, spread, len(weakness))
    return in_county, np.clip(grassroots, 0.18, 0.68)


def _name_places(
    rng: np.random.Generator,
    places: Geography,
    facilities: Facilities,
    village: np.ndarray,
    county: np.ndarray,
    hospital: np.ndarray,
    stays: np.ndarray,
    leaves: np.ndarray,
    visits: Visits,
) -> None:
    """Choose the facility of each visit: clinic, township, county or distant hospital."""
    offsets = facility_offsets(facilities)
    clinic = np.full(len(places.villages), -1)
    open_now = facilities.clinics[facilities.clinics["opened_month"] == 0].iloc[::-1]
    clinic[open_now["village"]] = open_now.index
    u = rng.random(len(visits))
    own_clinic = clinic[village]
    to_clinic = stays & (visits.kind != INPATIENT) & (own_clinic >= 0) & (u < 0.55)
    chosen = pick_county_hospital(facilities, places, county, u) + offsets["county"]
    chosen = np.where(stays, hospital[visits.person] + offsets["township"], chosen)
    chosen = np.where(to_clinic, own_clinic + offsets["clinics"], chosen)
    distant = _pick_distant(facilities, places, county, u)
    chosen = np.where(leaves, distant + offsets["distant"], chosen)
    visits.facility = chosen.astype(np.int32)
    visits.level = facility_levels(facilities)[visits.facility]


def pick_county_hospital(
    facilities: Facilities, places: Geography, county: np.ndarray, u: np.ndarray
) -> np.ndarray:
    """Choose a level-2 hospital of the county: mostly the first general one."""
    able = facilities.county[facilities.county["level"] == LEVEL_2]
    choices = np.zeros((len(places.counties), 10), np.int32)
    for number, rows in able.groupby("county"):
        others = rows.index[rows["hospital_type"] != GENERAL].tolist()
        first = rows.index[rows["hospital_type"] == GENERAL].tolist()
        ten = ([first[0]] * 7 + (others + first[1:])[:3] + [first[0]] * 3)[:10]
        choices[number] = ten
    return choices[county, (u * 10).astype(np.int8)]


def _pick_distant(
    facilities: Facilities, places: Geography, county: np.ndarray, u: np.ndarray
) -> np.ndarray:
    """Choose the prefecture's hospital, one in Xining or one outside; never one in the county."""
    table = facilities.distant
    choices = np.zeros((len(places.counties), 20), np.int32)
    for number, row in enumerate(places.counties.itertuples()):
        elsewhere = table["county_code"] != row.code
        own = table.index[elsewhere & (table["prefecture_code"] == row.prefecture_code)].tolist()
        province = table["prefecture_code"].isna() & elsewhere
        capital = table.index[province & ~table["is_outside"]].tolist()
        outside = table.index[table["is_outside"]].tolist()
        near = (own * 11 or capital * 6)[:11]
        choices[number] = (near + outside[number % len(outside) :][:1] + capital * 5)[:20]
    return choices[county, (u * 20).astype(np.int8)]


def facility_offsets(facilities: Facilities) -> dict[str, int]:
    """Tell where each kind of facility begins in the list of all."""
    names = ("county", "township", "clinics", "distant")
    sizes = [len(getattr(facilities, name)) for name in names]
    return dict(zip(names, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))


def facility_levels(facilities: Facilities) -> np.ndarray:
    """Level of every facility in the list of all."""
    clinics = np.full(len(facilities.clinics), UNRATED)
    parts = [facilities.county["level"], facilities.township["level"], clinics]
    return np.concatenate([*parts, facilities.distant["level"]]).astype(np.int8)
