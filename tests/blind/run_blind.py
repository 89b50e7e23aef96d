"""Run the blind set against the checkout that this file lies in.

Usage: ``python tests/blind/run_blind.py [--details] [word ...]``. Words choose the cases whose
name or point holds one of them.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import blind_formats
import blind_good_files
import blind_identities
import blind_layouts
import blind_returns
import blind_values
import blind_words
import blind_wrong_files
from blind_case import Case, NotRunError
from blind_outcome import CHECKOUT
from blind_verdict import VERDICTS, Finding, judge

import healthmon

SETS = (
    blind_good_files, blind_formats, blind_layouts, blind_values, blind_words, blind_wrong_files,
    blind_returns, blind_identities,
)  # fmt: skip
RIGHT = "as expected"


def list_cases(words: list[str]) -> list[Case]:
    """Return the cases that hold one of the words; all without words.

    Raises
    ------
    NotRunError
        When a package that writes one of the formats is missing.
    """
    found = [case for module in SETS for case in module.cases()]
    return [
        case for case in found if not words or any(w in f"{case.point} {case.name}" for w in words)
    ]


def gravest(findings: list[Finding]) -> str:
    """Return the one word for a case."""
    said = {finding.verdict for finding in findings}
    return next((verdict for verdict in VERDICTS if verdict in said), RIGHT)


def run(words: list[str], with_details: bool) -> Counter[str]:
    """Judge the cases, write one line for each, and return how many came to what."""
    counts: Counter[str] = Counter()
    for case in list_cases(words):
        findings = judge(case)
        verdict = gravest(findings)
        counts[verdict] += 1
        sys.stdout.write(f"{verdict:<16}{case.point:<18}{case.name}\n")
        for finding in findings if with_details else ():
            sys.stdout.write(f"{'':<16}  {finding.verdict}: {finding.text}\n")
        sys.stdout.flush()
    return counts


def main() -> int:
    """Run the set; the exit code is 0 when every case came out as expected."""
    parser = argparse.ArgumentParser(description="Run the blind set of bad files.")
    parser.add_argument("words", nargs="*", help="only cases whose name or point holds one")
    parser.add_argument("--details", action="store_true", help="say what was wrong in each case")
    asked = parser.parse_args()
    if not Path(healthmon.__file__).is_relative_to(CHECKOUT):
        sys.stderr.write("this Python imports healthmon from another checkout\n")
        return 2
    try:
        counts = run(asked.words, asked.details)
    except NotRunError as missing:
        sys.stderr.write(f"{missing}: the blind set cannot be built\n")
        return 2
    parts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in (RIGHT, *VERDICTS[::-1]))
    sys.stdout.write(f"{counts.total()} cases: {parts}\n")
    return 0 if counts[RIGHT] == counts.total() else 1


if __name__ == "__main__":
    raise SystemExit(main())
