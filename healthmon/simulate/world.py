"""Everything about the simulated province, before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.assistance import Assistance, assist
from healthmon.simulate.care import Care, look_after
from healthmon.simulate.costs import Money, settle
from healthmon.simulate.enrolment import enrol
from healthmon.simulate.exact import put_on_the_line
from healthmon.simulate.facilities import Facilities, make_facilities
from healthmon.simulate.geography import Geography, make_geography
from healthmon.simulate.health_tables import delivery_months
from healthmon.simulate.households import (
    CHILD,
    GRANDCHILD,
    HEAD,
    Households,
    Persons,
    make_households,
    make_persons,
)
from healthmon.simulate.identity import (
    name_persons,
    number_households,
    number_persons,
    number_telephones,
)
from healthmon.simulate.illness import Illness, fall_ill
from healthmon.simulate.incomes import Outcomes, count_members, earn, household_spending
from healthmon.simulate.life import live
from healthmon.simulate.monitored import monitor
from healthmon.simulate.months import Calendar, year_of
from healthmon.simulate.outside_contracts import sign_outsiders
from healthmon.simulate.referrals import refer
from healthmon.simulate.register_tables import Identity, Traits, draw_traits, name_causes
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams
from healthmon.simulate.telephone_checks import call_households
from healthmon.simulate.unsigned import list_unsigned
from healthmon.simulate.village_forms import Doctors, employ_doctors
from healthmon.simulate.visits import Visits, visit_facilities


@dataclass
class Services:
    """What is done for persons and households: tables of the modules they are named after.

    ``outside``: contracts of recipients outside the register.
    """

    unsigned: pd.DataFrame
    checks: pd.DataFrame
    referrals: pd.DataFrame
    monitored: pd.DataFrame
    outside: pd.DataFrame


@dataclass
class World:
    """The whole simulated province."""

    settings: Settings
    streams: Streams
    calendar: Calendar
    places: Geography
    facilities: Facilities
    households: Households
    persons: Persons
    traits: Traits
    illness: Illness
    care: Care
    insured: np.ndarray
    visits: Visits
    money: Money
    delivered: np.ndarray
    outcomes: Outcomes
    exact: pd.DataFrame
    assistance: Assistance
    services: Services
    doctors: Doctors
    identity: Identity


def make_world(
    settings: Settings,
    seed: int,
    scale: float,
    calendar: Calendar,
    progress: Callable[[str, float], None],
) -> World:
    """Draw the province.

    Parameters
    ----------
    scale : float
        1 is the whole province.
    progress : callable
        Told what is being drawn and how far it is, 0 to 1.
    """
    streams = Streams(seed)
    progress("places and households", 0.0)
    places = make_geography(settings, streams, scale)
    facilities = make_facilities(settings, streams, places, calendar)
    households = make_households(settings, streams, places, calendar, scale)
    persons = make_persons(settings, streams, households, calendar)
    persons = live(settings, streams, households, persons, calendar)
    traits = draw_traits(settings, streams, persons, calendar)
    progress("diseases and care", 0.2)
    people = (households, persons)
    illness = fall_ill(settings, streams, places, *people, calendar)
    ill = np.bincount(persons.household[illness.chronic["person"]], minlength=len(households))
    ill = ill + 2.0 * np.bincount(
        persons.household[illness.major["person"]], minlength=len(households)
    )
    households.cause = name_causes(settings, streams, *people, ill)
    care = look_after(settings, streams, places, facilities, *people, illness, calendar)
    insured = enrol(settings, streams, persons, calendar)
    progress("visits and costs", 0.35)
    visits = visit_facilities(
        settings, streams, places, facilities, *people, illness, care.hospital, calendar
    )
    covered = insured[year_of(visits.settled_day) - calendar.years[0], visits.person]
    visits = visits.take(np.flatnonzero(covered))
    assistance = assist(settings, streams, places, *people, calendar, scale)
    money = settle(settings, streams, places, *people, assistance, visits)
    delivered = delivery_months(settings, streams, visits, calendar)
    progress("incomes and outcomes", 0.75)
    years = [calendar.years[0] - 1, *calendar.years]
    members = count_members(*people, years)
    spending = household_spending(*people, visits, money, years)
    exact = put_on_the_line(
        settings, streams, *people, visits, money, spending[1:], members[1:], delivered, calendar
    )
    outcomes = earn(settings, streams, places, *people, illness, spending, members, calendar)
    progress("contracts, calls, referrals, help", 0.85)
    services = Services(
        list_unsigned(settings, streams, places, *people, care, calendar),
        call_households(settings, streams, places, *people, care, calendar, scale),
        refer(settings, streams, places, facilities, *people, care.hospital, visits, calendar),
        monitor(settings, streams, places, households, calendar),
        sign_outsiders(settings, streams, places, facilities, persons, assistance, care, calendar),
    )
    doctors = employ_doctors(settings, streams, places, facilities, calendar)
    progress("names and numbers", 0.9)
    identity = _identify(settings, streams, *people, assistance.outsiders, doctors.people)
    return World(
        settings, streams, calendar, places, facilities, households, persons, traits, illness,
        care, insured, visits, money, delivered, outcomes, exact, assistance, services, doctors,
        identity,
    )  # fmt: skip


def _identify(
    settings: Settings,
    streams: Streams,
    households: Households,
    persons: Persons,
    outsiders: pd.DataFrame,
    doctors: pd.DataFrame,
) -> Identity:
    """Give names and numbers: register persons first, then recipients outside it, then doctors."""
    rng = streams["names"]
    birth, male, group = (
        np.concatenate([own, outsiders[name], doctors[name]])
        for own, name in (
            (persons.birth_day, "birth_day"),
            (persons.is_male, "is_male"),
            (households.ethnic_group[persons.household], "ethnic_group"),
        )
    )
    count = len(households)
    alone = np.arange(len(outsiders) + len(doctors)) + 2 * count
    shares_name = np.isin(persons.relation, (HEAD, CHILD, GRANDCHILD))
    family = np.where(shares_name, persons.household, np.arange(len(persons)) + 5 * count)
    names = name_persons(rng, settings, group, np.r_[family, alone])
    return Identity(
        names,
        number_persons(birth, male.astype(np.int64)),
        number_households(rng, count),
        number_telephones(rng, count),
    )
