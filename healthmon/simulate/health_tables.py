"""The health department's lists and the insurance's tables as they are delivered."""

import numpy as np
import pandas as pd
import pyarrow as pa

from healthmon.simulate import words
from healthmon.simulate.care import Care
from healthmon.simulate.case_files import case_words
from healthmon.simulate.costs import Money
from healthmon.simulate.csv_tables import Table, dates, money, numbers, taken
from healthmon.simulate.csv_tables import words as word_column
from healthmon.simulate.facilities import Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Households, Persons
from healthmon.simulate.illness import Illness
from healthmon.simulate.months import NEVER, Calendar
from healthmon.simulate.register_tables import Identity
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.teams import team_codes
from healthmon.simulate.visits import CHRONIC_OUTPATIENT, INPATIENT, Visits

GB = "gb18030"


def chronic_table(
    places: Geography, households: Households, persons: Persons, illness: Illness,
    identity: Identity, calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out who comes onto the list of chronic patients and who leaves it."""
    table = illness.chronic
    known, removed = table["known_day"].to_numpy(), table["removed_day"].to_numpy()
    every = np.arange(len(table))
    is_old = known <= calendar.start
    row = np.r_[every[is_old], every[~is_old], every]
    day = np.r_[np.full(is_old.sum(), calendar.start), known[~is_old], removed]
    change = np.repeat([0, 1, 2], [is_old.sum(), (~is_old).sum(), len(table)])
    row, day, change = in_months(calendar, row, day, change)
    person = table["person"].to_numpy()[row]
    columns = (
        *who(identity, person),
        dates(persons.birth_day[person]),
        taken(pa.array(places.villages["code"]), households.village[persons.household[person]]),
        word_column(words.CHRONIC, table["disease"].to_numpy()[row]),
        dates(table["diagnosed_day"].to_numpy()[row]),
        word_column(words.CHRONIC_CHANGES, change),
        dates(day),
    )
    return lay_table("chronic_patients", columns, calendar.month_of(day), persons, person)


def major_table(
    settings: Settings, streams: Streams, persons: Persons, illness: Illness, identity: Identity,
    calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out the major-disease cases: all once, then each month those that took a step."""
    table = illness.major
    steps = ["verified_day", "treated_day", "reported_day", "closed_day"]
    days = table[steps].to_numpy()
    month = np.clip(calendar.month_of(days), -1, len(calendar.months))
    case = np.repeat(np.arange(len(table)), 4)
    frame = pd.DataFrame({"case": case, "month": np.maximum(month.ravel(), 0), "day": days.ravel()})
    frame = frame[frame["day"] < calendar.end]
    latest = frame.groupby(["month", "case"], as_index=False)["day"].max()
    case, month = latest["case"].to_numpy(), latest["month"].to_numpy()
    change_day = np.maximum(latest["day"].to_numpy(), calendar.start)
    known = np.where(days[case] <= change_day[:, None], days[case], NEVER)
    person = table["person"].to_numpy()[case]
    planned, treatment = _plans(streams, days, table["has_plan"].to_numpy(), calendar)
    is_planned = planned[case] <= change_day
    columns = (
        *who(identity, person),
        word_column(tuple(case_words(settings)), table["word"].to_numpy()[case]),
        dates(table["diagnosed_day"].to_numpy()[case]),
        dates(np.where(is_planned, planned[case], NEVER)),
        dates(np.where(is_planned, treatment[case], NEVER)),
        *(dates(known[:, step]) for step in range(4)),
        dates(change_day),
    )
    return lay_table("major_disease_cases", columns, month, persons, person)


def _plans(
    streams: Streams, days: np.ndarray, has_plan: np.ndarray, calendar: Calendar
) -> tuple[np.ndarray, np.ndarray]:
    """Draw when each case's plan was made and by when it has the person treated.

    Plans are kept here; where one is not, it is planted and written down.
    """
    rng = streams["plans"]
    verified, treated = days[:, 0], days[:, 1]
    slack = rng.integers(0, 21, len(days))
    wait = rng.integers(0, 4, len(days))
    still = np.maximum(calendar.end, verified) + 30 + slack
    treatment = np.where(treated < calendar.end, treated + slack, still)
    treatment = np.where(verified < NEVER, treatment, NEVER)
    return np.where(has_plan, verified - wait, NEVER), treatment


def contract_table(
    persons: Persons, care: Care, outside: pd.DataFrame, identity: Identity,
    facilities: Facilities, calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out the contracts: those of before at once, then as they are signed.

    Persons outside the register have no household number.
    """
    own = np.flatnonzero(care.signed_day < NEVER)
    person = np.r_[own, outside["person"]]
    hospital = np.r_[care.hospital[own], outside["hospital"]]
    team = np.r_[care.team[own], outside["team"]]
    signed = np.r_[care.signed_day[own], outside["signed_day"]]
    household = np.r_[persons.household[own], np.full(len(outside), -1)]
    month = np.maximum(calendar.month_of(signed), 0)
    order = np.lexsort((person, month))
    teams, place = team_codes(facilities, hospital[order], team[order])
    own_numbers = identity.household_numbers
    numbers = pa.concat_arrays([own_numbers, pa.nulls(1, own_numbers.type)])
    columns = (
        *who(identity, person[order]),
        taken(numbers, np.where(household < 0, len(own_numbers), household)[order]),
        taken(teams, place),
        dates(signed[order]),
    )
    name = "family_doctor_contracts"
    return Table(name, words.HEADERS[name], columns, month[order], household[order])


def follow_up_table(
    persons: Persons, illness: Illness, care: Care, identity: Identity, calendar: Calendar
) -> Table:
    """Lay out the follow-up visits."""
    visits = care.visits[care.visits["visit_day"] >= calendar.start]
    patient, day = visits["patient"].to_numpy(), visits["visit_day"].to_numpy()
    person = illness.chronic["person"].to_numpy()[patient]
    columns = (
        *who(identity, person),
        word_column(words.CHRONIC, illness.chronic["disease"].to_numpy()[patient]),
        dates(day),
        word_column(words.VISIT_MODES, visits["mode"].to_numpy()),
    )
    return lay_table("follow_up_visits", columns, calendar.month_of(day), persons, person)


def delivery_months(
    settings: Settings, streams: Streams, visits: Visits, calendar: Calendar
) -> np.ndarray:
    """Draw the month in which each settlement is delivered: a few come one to three late."""
    rng = streams["late"]
    is_late = rng.random(len(visits)) < settings.number("late_share")
    return calendar.month_of(visits.settled_day) + is_late * rng.integers(1, 4, len(visits))


def settlement_table(
    settings: Settings, places: Geography, facilities: Facilities, households: Households,
    persons: Persons, visits: Visits, amounts: Money, delivered: np.ndarray, identity: Identity,
    calendar: Calendar,
) -> Table:  # fmt: skip
    """Lay out the settlements by month delivered and prefecture."""
    prefecture = _prefectures(places, households, persons)[visits.person]
    order = np.lexsort((visits.settled_day, prefecture, delivered))
    order = order[delivered[order] < len(calendar.months)]
    facility, own_county, counties = facility_texts(places, facilities)
    kinds, icd = _diagnoses(settings, visits)

    def of(values: np.ndarray) -> np.ndarray:
        return values[order]

    discharge = np.where(visits.kind == INPATIENT, visits.discharge_day, NEVER)
    columns = (
        numbers(of(settlement_numbers(places, households, persons, visits))),
        *who(identity, of(visits.person), GB),
        taken(facility, of(visits.facility)),
        word_column(words.LEVELS, of(visits.level), GB),
        taken(counties, own_county[of(visits.facility)]),
        word_column(words.VISIT_TYPES, of(visits.kind), GB),
        dates(of(visits.visit_day)),
        dates(of(discharge)),
        dates(of(visits.settled_day)),
        taken(icd, of(kinds)),
        *(
            money(of(getattr(amounts, name)))
            for name in (
                "total", "basic", "major_illness", "assistance", "out_of_scope", "out_of_pocket",
            )
        ),
    )  # fmt: skip
    return lay_table(
        "settlements", columns, of(delivered), persons, of(visits.person), of(prefecture)
    )


def settlement_numbers(
    places: Geography, households: Households, persons: Persons, visits: Visits
) -> np.ndarray:
    """Number settlements: prefecture, day of settlement, sequence on that day."""
    prefecture = _prefectures(places, households, persons)[visits.person]
    order = np.lexsort((visits.settled_day, prefecture))
    key = prefecture[order].astype(np.int64) * 100_000 + visits.settled_day[order]
    first = np.r_[True, key[1:] != key[:-1]]
    at = np.arange(len(order))
    sequence = np.empty(len(order), np.int64)
    sequence[order] = at - np.maximum.accumulate(np.where(first, at, 0)) + 1
    codes = np.array([int(code) for code in places.prefectures])[prefecture]
    dates_ = visits.settled_day.astype("datetime64[D]")
    months = dates_.astype("datetime64[M]")
    year, month = months.astype(int) // 12 + 1970, months.astype(int) % 12 + 1
    day = year * 10_000 + month * 100 + (dates_ - months).astype(int) + 1
    return (codes * 10**8 + day) * 10**5 + sequence


def facility_texts(
    places: Geography, facilities: Facilities
) -> tuple[pa.Array, np.ndarray, pa.Array]:
    """List codes of all facilities, the place of their county's code, and those codes."""
    own = [getattr(facilities, name) for name in ("county", "township", "clinics")]
    codes = pd.concat([*(table["code"] for table in own), facilities.distant["code"]])
    county_codes = places.counties["code"].tolist()
    distant = facilities.distant["county_code"].tolist()
    everywhere = county_codes + sorted(set(distant) - set(county_codes))
    number = {code: place for place, code in enumerate(everywhere)}
    county = np.concatenate([*(table["county"] for table in own), [number[c] for c in distant]])
    return pa.array(codes.tolist()), county.astype(np.int32), pa.array(everywhere)


def facility_counties(places: Geography, facilities: Facilities, visits: Visits) -> np.ndarray:
    """County of each visit's facility; beyond the number of counties outside the province."""
    return facility_texts(places, facilities)[1][visits.facility]


def _diagnoses(settings: Settings, visits: Visits) -> tuple[np.ndarray, pa.Array]:
    """Choose a diagnosis: the disease's own, else a common one by kind of visit."""
    major = settings.list_words("major_disease_codes")
    chronic = settings.list_words("chronic_codes")
    common = [settings.list_words("inpatient_codes"), settings.list_words("outpatient_codes")]
    mixed = (visits.person.astype(np.int64) * 31 + visits.visit_day) % 9973
    base = len(major) + len(chronic)
    place = np.where(
        visits.kind == INPATIENT,
        base + mixed % len(common[0]),
        base + len(common[0]) + mixed % len(common[1]),
    )
    place = np.where(visits.kind == CHRONIC_OUTPATIENT, len(major) + visits.chronic, place)
    place = np.where(visits.major >= 0, visits.major, place)
    return place, pa.array(major + chronic + common[0] + common[1])


def _prefectures(places: Geography, households: Households, persons: Persons) -> np.ndarray:
    number = {code: place for place, code in enumerate(places.prefectures)}
    county = places.counties["prefecture_code"].map(number).to_numpy()
    return county[households.county[persons.household]]


def who(identity: Identity, person: np.ndarray, encoding: str = "utf-8-sig") -> tuple:
    """Make the columns that say who a row is about: name and number."""
    names = identity.names.gb18030 if encoding == GB else identity.names.utf8
    return taken(names, person), taken(identity.person_numbers, person)


def in_months(
    calendar: Calendar, row: np.ndarray, day: np.ndarray, change: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Keep the rows whose day lies in the months, in the order of month, day and row."""
    kept = np.flatnonzero((day >= calendar.start) & (day < calendar.end))
    order = kept[np.lexsort((change[kept], row[kept], day[kept], calendar.month_of(day[kept])))]
    return row[order], day[order], change[order]


def lay_table(
    name: str, columns: tuple, month: np.ndarray, persons: Persons, person: np.ndarray,
    place: np.ndarray | None = None,
) -> Table:  # fmt: skip
    """Lay rows about persons out as a table: by prefecture in GB18030, else of the province."""
    encoding = "utf-8-sig" if place is None else GB
    household = persons.household[person]
    return Table(name, words.HEADERS[name], columns, month, household, place, encoding)
