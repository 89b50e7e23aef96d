"""The contract teams of each township hospital: who belongs to which, and their codes."""

import numpy as np
import pyarrow as pa

from healthmon.simulate.facilities import Facilities
from healthmon.simulate.settings import Settings

LIMIT = 150
"""Persons a team should serve at most (GZ-4): two kinds of teams stand at it and one above."""


def number_teams(
    settings: Settings,
    rng: np.random.Generator,
    hospital: np.ndarray,
    weakness: np.ndarray,
    is_served: np.ndarray,
) -> np.ndarray:
    """Number the teams within each hospital, filling one after the other.

    Parameters
    ----------
    hospital : array of int
        The hospital that looks after each person.
    weakness : array of float
        Of each hospital's township; weak ones let more teams grow too large.
    is_served : array of bool
        Persons who count: poor, under contract and on the register at the end.

    Returns
    -------
    array of int
        Number of the team within its hospital, from 1, by person.
    """
    served = np.bincount(hospital[is_served], minlength=len(weakness))
    sizes = _sizes(settings, rng, weakness, served)
    order = np.argsort(hospital, kind="stable")
    own, counts = hospital[order], is_served[order]
    before = np.cumsum(counts) - counts - (np.cumsum(served) - served)[own]
    far = int(sizes.sum(axis=1).max()) + 1
    ends = np.cumsum(sizes, axis=1) + far * np.arange(len(sizes))[:, None]
    place = np.searchsorted(ends.ravel(), own * far + before, side="right")
    team = np.empty(len(order), np.int64)
    team[order] = place - own * sizes.shape[1] + 1
    return team


def _sizes(
    settings: Settings, rng: np.random.Generator, weakness: np.ndarray, served: np.ndarray
) -> np.ndarray:
    """Draw how many persons each team serves: hospitals down, teams across."""
    mean, spread, over, most = settings.numbers("team_size")
    least = int(mean - 3 * spread)
    shape = (len(weakness), int(served.max()) // least + 2)
    sizes = np.rint(rng.normal(mean, spread, shape)).clip(least, LIMIT - 1).astype(np.int64)
    is_over = rng.random(shape) < over * 2 * weakness[:, None]
    sizes = np.where(is_over, rng.integers(LIMIT + 1, int(most), shape), sizes)
    able = rng.permutation(np.flatnonzero(served > LIMIT + 1))
    each = min(int(settings.number("teams_on_the_line")), len(able) // 2)
    sizes[able[:each], 0] = LIMIT
    sizes[able[each : 2 * each], 0] = LIMIT + 1
    return sizes


def team_codes(
    facilities: Facilities, hospital: np.ndarray, team: np.ndarray
) -> tuple[pa.Array, np.ndarray]:
    """List the codes of the teams that occur, and the place of each entry's code."""
    number, place = np.unique(hospital * 10_000 + team, return_inverse=True)
    names = facilities.township["code"].to_numpy()[number // 10_000]
    codes = [f"{name}T{n % 10_000:03d}" for name, n in zip(names, number, strict=True)]
    return pa.array(codes), place
