"""Key areas (SD-3): the counties with the heaviest task, and their figures beside the others'."""

import pandas as pd

from healthmon.errors import UserError
from healthmon.places import read_places
from healthmon.standing.terms import KeyAreaTerms

_SUMS = ["numerator", "denominator", "undetermined"]


def choose_key_areas(register: pd.DataFrame, terms: KeyAreaTerms) -> list[str]:
    """Return the codes of the key areas.

    Parameters
    ----------
    register : DataFrame
        Households on the register: ``county_code``, ``household_kind``, ``household_count``.
    terms : KeyAreaTerms
        Counties named there are taken as they stand; while none are, the counties with the most
        poor households, until they hold the share asked for.

    Returns
    -------
    list of str
        In the order named, else the most households first, equal ones by code.

    Raises
    ------
    UserError
        When a county named is none.

    References
    ----------
    SD-3: twenty counties that held nearly half of the poor; the choice by numbers is inferred.
    """
    if terms.counties:
        if unknown := sorted(set(terms.counties) - set(read_places("counties")["code"])):
            raise UserError(f"key_areas.yml, counties: no such county: {', '.join(unknown)}")
        return list(terms.counties)
    poor = register[register["household_kind"].isin(terms.household_kinds)]
    counts = poor.groupby("county_code")["household_count"].sum().reset_index()
    counts = counts.sort_values(["household_count", "county_code"], ascending=[False, True])
    before = counts["household_count"].cumsum() - counts["household_count"]
    wanted = terms.share * counts["household_count"].sum()
    return counts.loc[(before < wanted) & (counts["household_count"] > 0), "county_code"].to_list()


def pool_key_areas(results: pd.DataFrame, key_areas: list[str]) -> pd.DataFrame:
    """Add the counties up: the key areas together, the others together.

    Parameters
    ----------
    results : DataFrame
        Results of indicators, as :attr:`healthmon.month.Month.indicators`.
    key_areas : list of str
        Codes of counties.

    Returns
    -------
    DataFrame
        ``indicator``, ``part``, ``month``, ``is_key`` and the three sums.
    """
    counties = results[results["level"] == "county"]
    keys = ["indicator", "part", "month", "is_key"]
    grouped = counties.assign(is_key=counties["code"].isin(key_areas)).groupby(keys)
    return grouped[_SUMS].sum().reset_index()
