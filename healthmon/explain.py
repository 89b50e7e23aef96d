"""Why a county, township or village stands where it stands, down to the cell that says so."""

from functools import cached_property
from typing import NamedTuple

import pandas as pd

from healthmon.errors import UserError
from healthmon.facilities.scores import Kind, load_score_standard
from healthmon.facilities.units import list_incomplete
from healthmon.facilities.villages import Forms, read_forms
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.rules.components import AtLeast, Component, Scale
from healthmon.rules.inputs import load_inputs
from healthmon.rules.remedies import find_remedies
from healthmon.rules.scoring import UNDETERMINED
from healthmon.rules.standards import (
    Flag,
    FlagStandard,
    ScoreStandard,
    list_inputs,
    load_standard,
)
from healthmon.rules.wording import Language, Words

_KINDS: dict[int, Kind] = {6: "county", 9: "township"}
_VILLAGE_DIGITS = 12
_SOURCE = ("source_file", "source_sheet", "source_row")


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


class Way(NamedTuple):
    """One smallest set of changes that passes, in words."""

    text: str
    by_decree: bool
    """Whether an authority can bring all of it about."""


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
    lacking: tuple[str, ...]
    """Inputs that are not stated, in words."""
    remedies: tuple[Way, ...]
    """The smallest sets of changes that pass, fewest changes first."""


class Explainer:
    """Explain the units of one month.

    Parameters
    ----------
    month : Month
    language : {"zh", "en"}
    withhold_below : int, optional
        For publication: counts behind rates are left out, rates of fewer persons withheld.
    """

    def __init__(
        self, month: Month, language: Language = "zh", withhold_below: int | None = None
    ) -> None:
        self._month = month
        self._words = Words(month.project.params, language, withhold_below)
        self._derived = load_inputs(month.project.params)

    def explain(self, code: str) -> Explanation:
        """Explain one county (6 digits), township (9) or village (12).

        Raises
        ------
        UserError
            When there is no such unit under monitoring in the month, or the standard is not in
            force.

        References
        ----------
        QH-1, QH-2: causes are looked into, solved and updated in the ledger.
        """
        if len(code) == _VILLAGE_DIGITS:
            return self._village(code)
        if len(code) not in _KINDS:
            raise UserError(
                f"'{code}' is no code of a county (6 digits), township (9) or village (12)"
            )
        return self._hospital(code, _KINDS[len(code)])

    def _hospital(self, code: str, kind: Kind) -> Explanation:
        month, words = self._month, self._words
        standard = load_score_standard(month.project, month.month, kind)
        row = self._find(getattr(month, f"{kind}_scores"), f"{kind}_code", code)
        level = {"county": "counties", "township": "townships"}[kind]
        name = place_names(level, short=False).get(code, code)
        state, points = words.state(row["state"]), _range(row)
        if not row["has_form"]:
            return Explanation(code, name, "—", state, points, (), (), (), ())
        every = getattr(month, f"{kind}_facilities")
        forms = every[every[f"{kind}_code"] == code]
        parts = tuple(
            self._component(key, component, row, forms)
            for key, component in standard.components.items()
        )
        others = tuple(
            f"{other['facility_name']} {_range(other)}"
            for _, other in forms[forms["facility_code"] != row["facility_code"]].iterrows()
        )
        ways = tuple(
            Way(words.remedy(remedy.changes, standard, row), remedy.by_decree)
            for remedy in find_remedies(row, standard)
        )
        lacking = self._lacking(code, standard, row, forms)
        return Explanation(
            code, name, str(row["facility_name"]), state, points, parts, others, lacking, ways
        )

    def _lacking(
        self, code: str, standard: ScoreStandard, row: pd.Series, forms: pd.DataFrame
    ) -> tuple[str, ...]:
        """Name what the forms do not state: of the hospital taken, and of others that may pass."""
        found = [self._words.input(name) for name in list_inputs(standard) if pd.isna(row[name])]
        if row["state"] == UNDETERMINED:
            others = forms[forms["facility_code"] != row["facility_code"]]
            others = others[others["highest_points"] >= standard.pass_points]
            for _, other in others.iterrows():
                lacking = (name for name in list_inputs(standard) if pd.isna(other[name]))
                found += [f"{other['facility_name']} {self._words.input(name)}" for name in lacking]
        month = self._month
        if code in list_incomplete(month.project, month.month, standard.facility_table):
            found.append(self._words.form_set_aside())
        return tuple(dict.fromkeys(found))

    def _component(
        self, key: str, component: Component, row: pd.Series, forms: pd.DataFrame
    ) -> Part:
        # what stands behind a rate is counts of persons, which are not for publication
        is_open = self._words.withhold_below is None or not isinstance(component, AtLeast | Scale)
        inputs = component.inputs() if is_open else []
        return Part(
            key,
            self._words.of(component.label),
            _range(row, f"{key}_"),
            component.maximum,
            tuple(self._words.reasons(key, component, row)),
            component.clause,
            component.quote,
            tuple(self._input(name, row, forms) for name in inputs),
        )

    def _input(self, name: str, row: pd.Series, forms: pd.DataFrame) -> Input:
        """Describe an input of a hospital: of its own form, or counted over all of the unit."""
        derived = self._derived.get(name)
        if derived is not None and derived.sum is None and derived.count is None:
            source = self._words.computed(derived.table, self._month.month)
        else:
            rows = row.to_frame().T if derived is None else forms
            source = self._words.cells(rows, "", self._month.month)
        return Input(name, self._words.input(name), self._words.input_value(name, row), source)

    def _village(self, code: str) -> Explanation:
        standard = load_standard(self._month.project.params, "QH/village_clinics", FlagStandard)
        row = self._find(self._month.village_flags, "village_code", code)
        parts = tuple(self._flag(key, flag, row) for key, flag in standard.flags.items())
        name = place_names("villages", short=False).get(code, code)
        state = self._words.flagged(row["is_flagged"])
        names = list_inputs(standard) if pd.isna(row["is_flagged"]) else []
        lacking = tuple(self._words.input(name) for name in names if pd.isna(row[name]))
        return Explanation(code, name, "", state, "", parts, (), lacking, ())

    def _flag(self, key: str, flag: Flag, row: pd.Series) -> Part:
        words = self._words
        reasons = () if row[key] is not pd.NA and not row[key] else tuple(
            words.flag_reasons(flag.label, flag.when, row)
        )  # fmt: skip
        inputs = tuple(self._village_input(name, row) for name in flag.when.inputs())
        return Part(
            key, words.of(flag.label), words.decided(row[key]), None, reasons, flag.clause,
            flag.quote, inputs,
        )  # fmt: skip

    def _village_input(self, name: str, row: pd.Series) -> Input:
        derived = self._derived.get(name)
        table = derived.table if derived else "village_clinics"
        value = self._words.input_value(name, row)
        forms = {"village_clinics": self._forms.clinics, "village_doctors": self._forms.doctors}
        rows = forms[table][forms[table]["village_code"] == row["village_code"]]
        if derived is None:
            rows = _cell(row, "clinic")
        elif derived.column and pd.isna(row["doctor_source_file"]):
            value = self._words.not_applicable()
        elif derived.column:
            rows = _cell(row, "doctor")
        source = self._words.cells(rows, table, self._month.month)
        return Input(name, self._words.input(name), value, source)

    @cached_property
    def _forms(self) -> Forms:
        return read_forms(self._month.project, self._month.month)

    def _find(self, frame: pd.DataFrame, column: str, code: str) -> pd.Series:
        found = frame[frame[column] == code]
        if found.empty:
            raise UserError(f"{code} is not under monitoring in {self._month.month}")
        return found.iloc[0]


def _cell(row: pd.Series, of: str) -> pd.DataFrame:
    """Say where the clinic taken or the only doctor stands."""
    return pd.DataFrame([{column: row[f"{of}_{column}"] for column in _SOURCE}])


def _range(row: pd.Series, prefix: str = "") -> str:
    low, high = (float(row[f"{prefix}{end}_points"]) for end in ("lowest", "highest"))
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"
