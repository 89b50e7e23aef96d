"""Everything about deadlines that a month's pages and lists ask for."""

from typing import NamedTuple

import pandas as pd

from healthmon.deadlines.judge import judge_listings
from healthmon.deadlines.listings import count_left_out, list_listings
from healthmon.deadlines.terms import load_deadline_terms
from healthmon.project import Project


class Deadlines(NamedTuple):
    """Tables as of the functions that make them."""

    listings: pd.DataFrame
    """:func:`healthmon.deadlines.listings.list_listings`"""
    left_out: pd.DataFrame
    """:func:`healthmon.deadlines.listings.count_left_out`"""
    judged: pd.DataFrame
    """:func:`healthmon.deadlines.judge.judge_listings`"""
    waiting: pd.DataFrame
    """:func:`healthmon.deadlines.waiting.summarise_waiting`"""
    curves: pd.DataFrame
    """:func:`healthmon.deadlines.waiting.draw_curves`"""


def run_deadlines(project: Project, month: str) -> Deadlines:
    """Judge the deadlines of a month in the default readings.

    Parameters
    ----------
    project : Project
    month : str
        Only what had been delivered by then is seen.

    Raises
    ------
    UserError
        When the month is none or parameters are refused.

    References
    ----------
    KF-2.
    """
    # here, because it brings statsmodels: a second for every notebook
    from healthmon.deadlines.waiting import draw_curves, summarise_waiting

    terms = load_deadline_terms(project.params)
    listings = list_listings(project, month)
    judged = judge_listings(listings, terms, month)
    return Deadlines(
        listings,
        count_left_out(project, month),
        judged,
        summarise_waiting(judged, terms, month),
        draw_curves(judged, terms, month),
    )
