"""Why a county, township or village stands where it stands, down to the cell that says so."""

from typing import NamedTuple

import pandas as pd

from healthmon.errors import UserError
from healthmon.facilities.scores import (
    Inputs,
    Kind,
    load_score_standard,
    read_inputs,
    score_every,
    score_units,
)
from healthmon.facilities.villages import flag_villages
from healthmon.places import place_names
from healthmon.project import Project
from healthmon.rules.components import Component
from healthmon.rules.inputs import load_inputs
from healthmon.rules.remedies import find_remedies
from healthmon.rules.standards import FlagStandard, ScoreStandard, load_standard
from healthmon.rules.wording import Language, Words

_KINDS: dict[int, Kind] = {6: "county", 9: "township"}
_VILLAGE_DIGITS = 12


class Input(NamedTuple):
    """One input of a component: its name in words, value, and where that stands."""

    column: str
    label: str
    value: str
    source: str


class Part(NamedTuple):
    """One component or flag of a unit."""

    key: str
    label: str
    points: str
    maximum: int | None
    reasons: tuple[str, ...]
    clause: str
    quote: str
    inputs: tuple[Input, ...]


class Explanation(NamedTuple):
    """Everything about one unit."""

    code: str
    name: str
    facility: str
    state: str
    points: str
    parts: tuple[Part, ...]
    others: tuple[str, ...]
    """What the unit's other facilities got."""
    remedies: tuple[str, ...]
    """The smallest sets of changes that pass, fewest changes first."""


def explain(project: Project, month: str, code: str, language: Language = "zh") -> Explanation:
    """Explain one county (6 digits), township (9) or village (12).

    Raises
    ------
    UserError
        When there is no such unit under monitoring in `month`, or the standard is not in force.

    References
    ----------
    QH-1, QH-2: causes are looked into, solved and updated in the ledger.
    """
    words = Words(project.params, language)
    if len(code) == _VILLAGE_DIGITS:
        return _explain_village(project, month, code, words)
    if len(code) not in _KINDS:
        raise UserError(f"'{code}' is no code of a county (6 digits), township (9) or village (12)")
    kind = _KINDS[len(code)]
    standard = load_score_standard(project, month, kind)
    inputs = read_inputs(project, month, kind)
    return explain_unit(inputs, standard, code, words, project, month)


def explain_unit(
    inputs: Inputs,
    standard: ScoreStandard,
    code: str,
    words: Words,
    project: Project,
    month: str,
) -> Explanation:
    """Explain one unit from inputs already read."""
    units = score_units(inputs, standard)
    found = units[units[inputs.unit] == code]
    if found.empty:
        raise UserError(f"{code} is not under monitoring in {month}")
    row = found.iloc[0]
    level = {"county_code": "counties", "township_code": "townships"}[inputs.unit]
    name = place_names(level, short=False).get(code, code)
    if not row["has_form"]:
        return Explanation(code, name, "—", words.state(row["state"]), _range(row, ""), (), (), ())
    parts = tuple(
        _part(key, component, row, words, project, month)
        for key, component in standard.components.items()
    )
    every = score_every(inputs, standard)
    same = (every[inputs.unit] == code) & (every["facility_code"] != row["facility_code"])
    others = tuple(
        f"{other['facility_name']} {_range(other, '')}" for _, other in every[same].iterrows()
    )
    remedies = tuple(
        words.remedy(remedy.changes, standard, row) for remedy in find_remedies(row, standard)
    )
    return Explanation(
        code, name, str(row["facility_name"]), words.state(row["state"]), _range(row, ""),
        parts, others, remedies,
    )  # fmt: skip


def _part(
    key: str, component: Component, row: pd.Series, words: Words, project: Project, month: str
) -> Part:
    return Part(
        key,
        words.of(component.label),
        _range(row, f"{key}_"),
        component.maximum,
        tuple(words.reasons(key, component, row)),
        component.clause,
        component.quote,
        tuple(_input(name, row, words, project, month) for name in component.inputs()),
    )


def _input(name: str, row: pd.Series, words: Words, project: Project, month: str) -> Input:
    derived = load_inputs(project.params).get(name)
    if derived is None:
        source = f"{row['source_file']}, {row['source_sheet']}, {row['source_row']}"
    else:
        source = words.computed(derived.table, month)
    return Input(name, words.input(name), words.value(row[name]), source)


def _explain_village(project: Project, month: str, code: str, words: Words) -> Explanation:
    standard = load_standard(project.params, "QH/village_clinics", FlagStandard)
    flags = flag_villages(project, month)
    found = flags[flags["village_code"] == code]
    if found.empty:
        raise UserError(f"{code} is not under monitoring in {month}")
    row = found.iloc[0]
    parts = tuple(
        Part(
            key, words.of(flag.label), words.value(row[key]), None, (), flag.clause, flag.quote,
            tuple(_village_input(name, row, words, project, month) for name in flag.when.inputs()),
        )
        for key, flag in standard.flags.items()
    )  # fmt: skip
    name = place_names("villages", short=False).get(code, code)
    return Explanation(code, name, "", words.value(row["is_flagged"]), "", parts, (), ())


def _village_input(name: str, row: pd.Series, words: Words, project: Project, month: str) -> Input:
    derived = load_inputs(project.params).get(name)
    table = derived.table if derived else "village_clinics"
    return Input(name, words.input(name), words.value(row[name]), words.computed(table, month))


def _range(row: pd.Series, prefix: str) -> str:
    low, high = (float(row[f"{prefix}{end}_points"]) for end in ("lowest", "highest"))
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"
