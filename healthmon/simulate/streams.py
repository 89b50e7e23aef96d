"""Randomness: one independent stream a stage, so that a change in one leaves the others alone."""

import numpy as np

STAGES = (
    "geography", "households", "persons", "names", "life", "kinds", "chronic", "major", "contracts",
    "follow_up", "facilities", "clinics", "doctors", "visits", "places", "costs", "late", "income",
    "help", "enrolment", "assistance", "forms", "errors", "exact", "plans", "outsiders", "spoiling",
    "receipts", "teams", "unsigned", "telephone", "referrals", "monitored", "caps", "case_files",
    "outside_contracts",
)  # fmt: skip


class Streams:
    """Generators by stage, all from one seed."""

    def __init__(self, seed: int) -> None:
        self._children = dict(
            zip(STAGES, np.random.SeedSequence(seed).spawn(len(STAGES)), strict=True)
        )

    def __getitem__(self, stage: str) -> np.random.Generator:
        """Return the generator of a stage, from its beginning."""
        return np.random.Generator(np.random.PCG64(self._children[stage]))


def pick(rng: np.random.Generator, weights: np.ndarray, size: int) -> np.ndarray:
    """Draw places in `weights` with probability in proportion to them."""
    cumulated = np.cumsum(weights, dtype=float)
    return np.searchsorted(cumulated / cumulated[-1], rng.random(size), side="right").clip(
        0, len(cumulated) - 1
    )


def pick_rows(rng: np.random.Generator, weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Draw a column for each row number, with the probabilities in that row of `weights`."""
    cumulated = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    draws = rng.random(len(rows))
    return (draws[:, None] > cumulated[rows, :-1]).sum(axis=1)
