"""The monthly forms of villages, village clinics and village doctors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.facilities import Facilities
from healthmon.simulate.geography import Geography
from healthmon.simulate.months import Calendar
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.words import HEADERS, NO_YES, ORIGINS, SHEETS
from healthmon.simulate.workbooks import BLANK, Cells, Sheet

LOCAL, CIRCUIT, POSTED = range(3)


@dataclass
class Doctors:
    """Who works where.

    ``posts``: doctor, clinic, village, first_month, last_month, served. ``people``: birth_day,
    is_male, ethnic_group, origin, qualified_from (month).
    """

    posts: pd.DataFrame
    people: pd.DataFrame


def village_sheet(places: Geography, calendar: Calendar) -> Sheet:
    """List the villages under monitoring."""
    villages = places.villages
    columns = (
        Cells(villages["code"].to_numpy(object)),
        Cells(villages["name"].to_numpy(object)),
        Cells(villages["residents"].to_numpy()),
    )
    present = np.ones((len(calendar.months), len(villages)), bool)
    return Sheet(SHEETS["monitored_villages"], HEADERS["monitored_villages"], columns, present)


def clinic_sheet(
    settings: Settings, streams: Streams, places: Geography, facilities: Facilities,
    calendar: Calendar,
) -> Sheet:  # fmt: skip
    """Fill the village clinics' form for all months."""
    rng = streams["clinics"]
    clinics = facilities.clinics
    months = np.arange(len(calendar.months))[:, None]
    weakness = places.counties["weakness"].to_numpy()[clinics["county"]]
    start, gain = settings.numbers("public_clinic_share")
    owned = clinics["public_u"].to_numpy() < start + gain * months / 41
    mobile = clinics["is_mobile"].to_numpy()
    drugs = np.clip(rng.normal(96 - 34 * weakness - 12 * mobile, 19, len(clinics)), 18, 220)
    drugs = drugs.astype(int) + months // 9 * rng.integers(0, 7, len(clinics))
    blank = rng.random(len(clinics)) < settings.number("blank_share")
    columns = (
        Cells(clinics["code"].to_numpy(object)),
        Cells(clinics["name"].to_numpy(object)),
        Cells(places.villages["code"].to_numpy(object)[clinics["village"]]),
        Cells(owned.astype(np.int8), NO_YES),
        Cells(mobile.astype(np.int8), NO_YES),
        Cells(np.where(blank & (months < 15), BLANK, drugs).astype(np.int32)),
    )
    present = clinics["opened_month"].to_numpy() <= months
    return Sheet(SHEETS["village_clinics"], HEADERS["village_clinics"], columns, present)


def employ_doctors(
    settings: Settings, streams: Streams, places: Geography, facilities: Facilities,
    calendar: Calendar,
) -> Doctors:  # fmt: skip
    """Draw the doctors of the clinics: mostly one each, some two, some posts vacant for a time."""
    rng = streams["doctors"]
    clinics = facilities.clinics
    shares = settings.table("doctors")
    weakness = places.counties["weakness"].to_numpy()[clinics["county"]]
    residents = places.villages["residents"].to_numpy()[clinics["village"]]
    two = rng.random(len(clinics)) < np.clip(shares["second"] * residents / 800, 0, 0.75)
    clinic = np.repeat(np.arange(len(clinics)), 1 + two)
    is_second = np.r_[False, clinic[1:] == clinic[:-1]]
    opened = clinics["opened_month"].to_numpy()[clinic]
    months = len(calendar.months)
    vacant = (rng.random(len(clinic)) < shares["vacant"] * (0.3 + weakness[clinic])) & ~is_second
    begin = np.where(vacant, opened + rng.integers(3, 60, len(clinic)), opened)
    changes = rng.random(len(clinic)) < shares["change"]
    end = np.where(changes, begin + rng.integers(4, 40, len(clinic)), 999)
    again = np.flatnonzero(end < months)
    gap = np.where(rng.random(len(again)) < 0.5, 0, rng.integers(1, 7, len(again)))
    served = residents[clinic] // (1 + two[clinic])
    posts = pd.DataFrame(
        {"clinic": clinic, "first_month": begin, "last_month": end, "served": served}
    )
    successors = posts.iloc[again].assign(first_month=end[again] + gap, last_month=999)
    posts = pd.concat([posts, successors], ignore_index=True).query("first_month < @months")
    posts = posts.sort_values(["clinic", "first_month"], kind="stable", ignore_index=True)
    posts["village"] = clinics["village"].to_numpy()[posts["clinic"]]
    return _people(settings, rng, places, posts, weakness, calendar)


def _people(
    settings: Settings, rng: np.random.Generator, places: Geography, posts: pd.DataFrame,
    weakness: np.ndarray, calendar: Calendar,
) -> Doctors:  # fmt: skip
    """Make the persons who hold the posts; a township's circuit posts are one person's."""
    shares, count = settings.table("doctors"), len(posts)
    weak = weakness[posts["clinic"]]
    u = rng.random(count)
    circuit, posted = shares["circuit"] * (0.3 + weak), shares["posted"] * (0.3 + weak)
    origin = np.where(u < circuit, CIRCUIT, np.where(u < circuit + posted, POSTED, LOCAL))
    township = places.villages["township"].to_numpy()[posts["village"]]
    key = np.where(origin == CIRCUIT, -1 - township, np.arange(count))
    _, first, doctor = np.unique(key, return_index=True, return_inverse=True)
    posts["doctor"] = doctor
    posts = posts.drop_duplicates(["doctor", "village"])
    age = np.clip(rng.normal(48, 10.5, len(first)), 22, 78)
    share = shares["qualified"] - 0.1 * weak[first]
    lucky = rng.random(len(first))
    people = pd.DataFrame(
        {
            "birth_day": calendar.start - (age * 365.25).astype(np.int64),
            "is_male": rng.random(len(first)) < 0.66,
            "ethnic_group": np.where(rng.random(len(first)) < weak[first], 1, 0).astype(np.int8),
            "origin": origin[first],
            "qualified_from": np.where(lucky < share, 0, rng.integers(6, 90, len(first))),
        }
    )
    return Doctors(posts.reset_index(drop=True), people)


def doctor_sheet(
    settings: Settings, streams: Streams, places: Geography, facilities: Facilities,
    doctors: Doctors, names: np.ndarray, numbers: np.ndarray, calendar: Calendar,
) -> Sheet:  # fmt: skip
    """Fill the village doctors' form for all months.

    Parameters
    ----------
    names, numbers : arrays of str
        Names and identity numbers of ``doctors.people``.
    """
    rng = streams["forms"]
    posts, people = doctors.posts, doctors.people
    months = np.arange(len(calendar.months))[:, None]
    doctor = posts["doctor"].to_numpy()
    birth = people["birth_day"].to_numpy().astype("datetime64[D]").astype(str).astype(object)
    blank = rng.random((3, len(posts))) < settings.number("blank_share")
    qualified = (people["qualified_from"].to_numpy()[doctor] <= months).astype(np.int8)
    birth = birth[doctor]
    birth[blank[0]] = None
    served = np.where(blank[1], BLANK, posts["served"])
    columns = (
        Cells(names[doctor]),
        Cells(numbers[doctor]),
        Cells(places.villages["code"].to_numpy(object)[posts["village"]]),
        Cells(facilities.clinics["code"].to_numpy(object)[posts["clinic"]]),
        Cells(birth),
        Cells(np.where(blank[2] & (months < 20), BLANK, qualified), NO_YES),
        Cells(people["origin"].to_numpy()[doctor], ORIGINS),
        Cells(served),
    )
    present = (posts["first_month"].to_numpy() <= months) & (
        posts["last_month"].to_numpy() > months
    )
    return Sheet(SHEETS["village_doctors"], HEADERS["village_doctors"], columns, present)
