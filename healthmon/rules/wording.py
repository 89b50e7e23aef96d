"""Words for what the codes of a score say: inputs, wants and reasons, in Chinese or English."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from healthmon.exports import list_tables
from healthmon.parameters import Label, Parameters, load_parameters
from healthmon.rules.components import AllOf, AtLeast, Component, Deductions, Ladder, Scale
from healthmon.rules.conditions import LEAST, Condition
from healthmon.rules.inputs import input_labels, input_words
from healthmon.rules.rates import Rate
from healthmon.rules.remedies import Change
from healthmon.rules.standards import ScoreStandard

Language = Literal["zh", "en"]


class _Wording(Parameters):
    reason: dict[str, Label]
    wanted: dict[str, Label]
    value: dict[str, Label]
    change: dict[str, Label]
    source: dict[str, Label]
    state: dict[str, Label]


class Words:
    """The words of one language.

    Parameters
    ----------
    params : Path
        The ``params`` folder.
    language : {"zh", "en"}
    withhold_below : int, optional
        For publication: rates of fewer persons are not told, others in full percents, so that no
        count can be worked out from them.
    """

    def __init__(
        self, params: Path, language: Language = "zh", withhold_below: int | None = None
    ) -> None:
        self.language = language
        self.withhold_below = withhold_below
        self._wording = load_parameters(params / "wording.yml", _Wording)
        self._inputs = input_labels(params)
        self._codes = input_words(params) if language == "zh" else {}
        self._tables = {name: table.label for name, table in list_tables(params).items()}

    def of(self, label: Label) -> str:
        """Return a label in this language."""
        return getattr(label, self.language)

    def input(self, name: str) -> str:
        """Name an input column."""
        return self.of(self._inputs[name])

    def state(self, state: str) -> str:
        """Name a pass state."""
        return self.of(self._wording.state[state])

    def flagged(self, is_flagged: object) -> str:
        """Name the state of a village."""
        state = "undetermined" if pd.isna(is_flagged) else "flagged" if is_flagged else "clear"
        return self.of(self._wording.state[state])

    def input_value(self, name: str, row: pd.Series) -> str:
        """Write the value of an input of a row; of a count that is open, what it is at least."""
        least = row.get(f"{name}{LEAST}")
        if pd.isna(row[name]) and least is not None and not pd.isna(least) and least > 0:
            return self.of(self._wording.value["at_least"]).format(n=f"{int(least):,}")
        return self.value(row[name], name)

    def not_applicable(self) -> str:
        """Write that an input has no meaning here."""
        return self.of(self._wording.value["not_applicable"])

    def form_set_aside(self) -> str:
        """Say that a form of the unit was not taken."""
        return self.of(self._wording.value["form_set_aside"])

    def decided(self, flag: object) -> str:
        """Write whether a flag is raised."""
        return self.of(self._wording.value["undecided"]) if pd.isna(flag) else self.value(flag)

    def value(self, value: object, name: str = "") -> str:
        """Write a value of an input; `name` tells the words of its codes."""
        if name in self._codes and isinstance(value, str):
            return self._codes[name].get(value, value)
        if pd.isna(value):
            return self.of(self._wording.value["missing"])
        if isinstance(value, bool | np.bool_):
            return self.of(self._wording.value["yes" if value else "no"])
        return f"{value:,}" if isinstance(value, int | np.integer) else str(value)

    def wanted(self, condition: Condition) -> str:
        """Say what a comparison asks for."""
        if condition.is_ is not None:
            return self.of(self._wording.wanted["is_true" if condition.is_ else "is_false"])
        for name in ("equals", "at_least", "more_than", "at_most", "less_than", "is_in"):
            number = getattr(condition, name)
            if number is not None:
                if name == "is_in":
                    shown = "/".join(self.value(code, condition.input) for code in number)
                else:
                    shown = f"{number:,}"
                return self.of(self._wording.wanted[name]).format(n=shown)
        raise ValueError("a joined condition has no single want")

    def reason(self, code: str, **parts: object) -> str:
        """Put one reason into words."""
        return self.of(self._wording.reason[code]).format(**parts)

    def computed(self, table: str, month: str) -> str:
        """Say which table an input was computed from."""
        label = self.of(self._tables[table])
        return self.of(self._wording.source["computed"]).format(table=label, month=month)

    def cells(self, rows: pd.DataFrame, table: str, month: str) -> str:
        """Say in which file, sheet and rows something stands; `rows` has the source columns."""
        rows = rows.dropna(subset=["source_file"])
        if rows.empty:
            label = self.of(self._tables[table])
            return self.of(self._wording.source["no_row"]).format(table=label, month=month)
        said = []
        for (file, sheet), found in rows.groupby(["source_file", "source_sheet"], dropna=False):
            rows_there = sorted(set(found["source_row"]))
            numbers = self.of(self._wording.change["list"]).join(map(str, rows_there))
            parts = {"file": file, "sheet": sheet, "rows": numbers}
            said.append(self.of(self._wording.source["cell"]).format(**parts))
        return self.of(self._wording.change["join"]).join(said)

    def flag_reasons(self, label: Label, condition: Condition, row: pd.Series) -> list[str]:
        """Say why a flag of a unit is raised or open: its label, or the inputs that lack."""
        outcome = condition.evaluate(row.to_frame().T)
        if outcome.surely[0]:
            return [self.reason("raised", label=self.of(label))]
        if not outcome.possibly[0]:
            return []
        lacking = [name for name in condition.inputs() if pd.isna(row[name])]
        return [self.reason("unknown", input=self.input(name)) for name in lacking]

    def remedy(self, changes: Sequence[Change], standard: ScoreStandard, row: pd.Series) -> str:
        """Put a set of changes into one sentence."""
        said = [self._change(c, standard.components[c.component], row) for c in changes]
        return self.of(self._wording.change["join"]).join(said)

    def _change(self, change: Change, component: Component, row: pd.Series) -> str:
        code, parts = "rate", {"label": self.of(component.label), "wanted": change.wanted}
        if isinstance(component, AllOf):
            texts = self._conditions(component.conditions[change.part], row, "satisfy")
            return self.of(self._wording.change["join"]).join(texts)
        if isinstance(component, Deductions):
            code, parts = "deduction", {"label": self.of(component.deductions[change.part].label)}
        elif isinstance(component, Ladder) and change.part:
            label = component.deductions[change.part - 1].label
            code, parts = "deduction", {"label": self.of(label)}
        elif isinstance(component, Ladder):
            code, parts["input"] = "count", self.input(component.input)
            parts["value"] = self.value(row[component.input])
        elif isinstance(component, Scale):
            code, parts["value"] = "scale", f"{row[f'{change.component}_lowest_points']:g}"
            parts["percent"] = component.percent_for(change.wanted)
        return self.of(self._wording.change[code]).format(**parts)

    def reasons(self, name: str, component: Component, row: pd.Series) -> list[str]:
        """Put the codes of one component of a scored facility into sentences.

        Parameters
        ----------
        row : Series
            A row of :func:`healthmon.rules.scoring.score_facilities`.
        """
        missed, unknown = int(row[f"{name}_missed"]), int(row[f"{name}_unknown"])
        if isinstance(component, AllOf):
            conditions = enumerate(component.conditions)
            return [text for place, c in conditions if (missed | unknown) >> place & 1
                    for text in self._conditions(c, row)]  # fmt: skip
        if isinstance(component, Deductions):
            return self._deductions(component.deductions, missed, unknown)
        if isinstance(component, Ladder):
            own = [self.reason("count", input=self.input(component.input),
                               value=self.value(row[component.input]))]  # fmt: skip
            rest = self._deductions(component.deductions, missed >> 1, unknown >> 1)
            return (own if (missed | unknown) & 1 else []) + rest
        if isinstance(component, AtLeast):
            return [self._rate(rate, row, component.pct)
                    for place, rate in enumerate(component.rates)
                    if (missed | unknown) >> place & 1]  # fmt: skip
        full = component.pieces[-1].start
        return [self._rate(component.rate, row, full=full)] if missed | unknown else []

    def _conditions(
        self, condition: Condition, row: pd.Series, change: str | None = None
    ) -> list[str]:
        """Say which comparisons under a condition do not hold, or what to change in them."""
        parts = condition.all or condition.any
        if parts:
            return [text for part in parts for text in self._conditions(part, row, change)]
        outcome = condition.evaluate(row.to_frame().T)
        if outcome.surely[0]:
            return []
        if change:
            said = {"input": self.input(condition.input), "wanted": self.wanted(condition)}
            return [self.of(self._wording.change[change]).format(**said)]
        code = "unknown" if outcome.possibly[0] else "missed"
        return [self.reason(code, input=self.input(condition.input), wanted=self.wanted(condition),
                            value=self.value(row[condition.input], condition.input))]  # fmt: skip

    def _deductions(self, deductions: tuple, missed: int, unknown: int) -> list[str]:
        return [
            self.reason(code, label=self.of(item.label), points=item.points)
            for place, item in enumerate(deductions)
            for bits, code in ((missed, "deducted"), (unknown, "may_be_deducted"))
            if bits >> place & 1
        ]

    def _rate(
        self, rate: Rate, row: pd.Series, wanted: int | None = None, full: int | None = None
    ) -> str:
        read = rate.read(row.to_frame().T)
        if lacking := [name for name in rate.inputs() if pd.isna(row[name])]:
            labels = self.of(self._wording.change["list"]).join(map(self.input, lacking))
            return self.reason("unknown", input=labels)
        if not read.known[0]:
            more = not rate.input and read.top[0] > 0
            return self.reason("rate_exceeded" if more else "rate_unknown")
        hundredths = int(read.top[0] * 10_000 // read.bottom[0])
        shown = f"{hundredths // 100}.{hundredths % 100:02d}"
        if self.withhold_below is not None:
            if not rate.input and read.bottom[0] < self.withhold_below:
                return self.reason("rate_withheld")
            shown = str(hundredths // 100)
        return self.reason("rate_short" if wanted else "rate", rate=shown, wanted=wanted, full=full)
