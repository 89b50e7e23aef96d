"""How many units change side when an unclear clause is read the other way."""

from collections.abc import Callable, Iterator
from itertools import combinations

import pandas as pd

from healthmon.facilities.scores import (
    Kind,
    load_score_standard,
    read_inputs,
    score_units,
)
from healthmon.facilities.villages import flag, last_day, read_forms
from healthmon.project import Project
from healthmon.rules.standards import FlagStandard, Reading, load_standard

VILLAGE_STANDARD = "QH/village_clinics"
Judge = Callable[[tuple[str, ...]], pd.DataFrame]
"""Gives ``code``, ``prefecture_code`` and ``state`` of each unit in the readings asked for."""
ADVERSE = {"county": "fail", "township": "fail", "village": "flagged"}
"""The state that puts a unit on the supervision list."""


def compare_readings(project: Project, month: str) -> pd.DataFrame:
    """Take every reading one at a time, and the most and the least severe together.

    The most severe set is the one that puts most units on the adverse side (fewest readings
    where several do), found by trying every set of readings that do not contradict each other;
    the least severe the one that puts fewest there.

    Returns
    -------
    DataFrame
        One row a unit and set of readings: ``kind`` (county, township, village), ``name`` (the
        reading's id, ``default``, ``most_severe``, ``least_severe``), ``readings`` (ids joined by
        ``+``), the unit's ``code``, ``prefecture_code``, ``state`` and ``default_state``
        (pass, fail, undetermined; clear, flagged, undetermined).

    References
    ----------
    Readings of QH-1 in ``params/standards/QH``.
    """
    frames = [
        states
        for kind in ("county", "township", "village")
        for states in _states_by_reading(project, month, kind)
    ]
    return pd.concat(frames, ignore_index=True)


def count_changes(compared: pd.DataFrame, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Count units on the adverse side and those that change side.

    Parameters
    ----------
    compared : DataFrame
        As :func:`compare_readings`.
    by : tuple of str
        Further columns to count by, as ``prefecture_code``.

    Returns
    -------
    DataFrame
        ``kind``, ``name``, ``readings``, the columns of `by`, ``unit_count``, ``adverse_count``,
        ``to_adverse_count``, ``to_clear_count`` (from the adverse side), ``to_undetermined_count``
        (from either side), ``undetermined_count``.
    """
    adverse = compared["kind"].map(ADVERSE)
    now, before = compared["state"] == adverse, compared["default_state"] == adverse
    open_ = compared["state"] == "undetermined"
    rows = compared.assign(
        unit_count=1,
        adverse_count=now,
        to_adverse_count=now & ~before,
        to_clear_count=before & ~now & ~open_,
        to_undetermined_count=open_ & (compared["default_state"] != "undetermined"),
        undetermined_count=open_,
    )
    counts = [name for name in rows if name.endswith("_count")]
    groups = ["kind", "name", "readings", *by]
    return rows.groupby(groups, sort=False)[counts].sum().reset_index()


def _states_by_reading(project: Project, month: str, kind: str) -> Iterator[pd.DataFrame]:
    judge = (
        _judge_villages(project, month)
        if kind == "village"
        else _judge_hospitals(project, month, kind)
    )
    readings = _readings(project, month, kind)
    states = {chosen: judge(chosen) for chosen in _consistent(readings)}
    default = states[()]["state"].to_numpy()
    severity = {c: int((s["state"] == ADVERSE[kind]).sum()) for c, s in states.items()}
    named = {"default": (), **{name: (name,) for name in readings}}
    named["most_severe"] = min(severity, key=lambda chosen: (-severity[chosen], len(chosen)))
    named["least_severe"] = min(severity, key=lambda chosen: (severity[chosen], len(chosen)))
    for name, chosen in named.items():
        yield states[chosen].assign(
            kind=kind, name=name, readings="+".join(chosen), default_state=default
        )


def _readings(project: Project, month: str, kind: str) -> dict[str, Reading]:
    if kind == "village":
        return load_standard(project.params, VILLAGE_STANDARD, FlagStandard).readings
    return load_score_standard(project, month, kind).readings


def _consistent(readings: dict[str, Reading]) -> Iterator[tuple[str, ...]]:
    """List every set of readings of which no two contradict each other."""
    for size in range(len(readings) + 1):
        for chosen in combinations(readings, size):
            pairs = combinations(chosen, 2)
            if not any(readings[one].contradicts(readings[other]) for one, other in pairs):
                yield chosen


def _judge_hospitals(project: Project, month: str, kind: Kind) -> Judge:
    """Read the inputs once; return what scores them in any readings."""
    inputs = read_inputs(project, month, kind)

    def judge(readings: tuple[str, ...]) -> pd.DataFrame:
        scored = score_units(inputs, load_score_standard(project, month, kind, readings))
        states = scored[[inputs.unit, "prefecture_code", "state"]]
        return states.rename(columns={inputs.unit: "code"})

    return judge


def _judge_villages(project: Project, month: str) -> Judge:
    """Read the forms once; return what flags the villages in any readings."""
    forms = read_forms(project, month)

    def judge(readings: tuple[str, ...]) -> pd.DataFrame:
        standard = load_standard(project.params, VILLAGE_STANDARD, FlagStandard, readings)
        flags = flag(forms, standard, last_day(month), project.params)
        words = flags["is_flagged"].map({True: "flagged", False: "clear"}).fillna("undetermined")
        states = flags[["village_code", "prefecture_code"]].assign(state=words.astype("str"))
        return states.rename(columns={"village_code": "code"})

    return judge
