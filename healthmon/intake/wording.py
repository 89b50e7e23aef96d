"""What is wrong, in the words that senders read: ``params/intake_wording.yml``."""

import re
from functools import cache
from pathlib import Path

from healthmon.parameters import Parameters, load_parameters

_ROW = re.compile(r"\brow (\d+)")


class Saying(Parameters):
    """One way of saying what is wrong, in both languages, with the same {parts}."""

    en: str
    zh: str


class ReturnedColumns(Parameters):
    """Headers of what is written beside a row that goes back."""

    number: str
    reason: str


class ReturnedList(Parameters):
    """Name and headers of the list of everything wrong in a department's files."""

    name: str
    headers: tuple[str, ...]


class Wording(Parameters):
    """Everything that senders are told."""

    source: str
    otherwise: str
    row: str
    columns: ReturnedColumns
    list: ReturnedList
    returned: str
    reasons: dict[str, tuple[Saying, ...]]

    def chinese(self, code: str, reason: str) -> str:
        """Say in Chinese what the intake says in English.

        Parameters
        ----------
        code : str
            As in ``set_aside`` and ``intake.json``.
        reason : str
            The English words, whose parts are carried over.
        """
        for saying in self.reasons.get(code, ()):
            if found := _pattern(saying.en).fullmatch(reason):
                parts = {name: self._rows(part) for name, part in found.groupdict().items()}
                return saying.zh.format(**parts)
        return self.otherwise.format(reason=reason)

    def _rows(self, part: str) -> str:
        named = _ROW.sub(lambda found: self.row.format(number=found[1]), part)
        return named.replace(", ", "、").replace(" and ", "、")


def load_wording(params: Path) -> Wording:
    """Read ``params/intake_wording.yml``.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "intake_wording.yml", Wording)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Turn a template into the pattern of what it makes."""
    parts = re.split(r"\{(\w+)\}", template)
    texts = [f"(?P<{part}>.+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)]
    return re.compile("".join(texts), re.DOTALL)
