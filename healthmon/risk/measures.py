"""Measures of one method for many bootstrap samples of households at once.

A sample is a column of counts: how often each household was drawn. Matrices have households down
and samples across, so that everything is a product or a running sum over columns.

References
----------
Efron B., Tibshirani R. (1993), An Introduction to the Bootstrap. Cox D. R. (1958), Two further
applications of a model for binary regression (slope and intercept of calibration).
"""

from collections.abc import Iterator

import numpy as np

_SAMPLES_AT_ONCE = 25
_STEPS, _CLOSE = 30, 1e-10


def draw_samples(households: int, samples: int, seed: int) -> Iterator[np.ndarray]:
    """Draw bootstrap samples of households, in pieces.

    Yields
    ------
    ndarray of float
        Counts, households down and samples across; each column adds up to `households`.
    """
    rng = np.random.default_rng(seed)
    for start in range(0, samples, _SAMPLES_AT_ONCE):
        piece = np.empty((households, min(_SAMPLES_AT_ONCE, samples - start)))
        for column in range(piece.shape[1]):
            drawn = rng.integers(0, households, households)
            piece[:, column] = np.bincount(drawn, minlength=households)
        yield piece


class FlagMeasures:
    """Recall and precision of flags.

    Parameters
    ----------
    flags, outcome : ndarray of bool
        Who is flagged and who fell, household by household.
    """

    def __init__(self, flags: np.ndarray, outcome: np.ndarray) -> None:
        self._sums = np.vstack([outcome, flags, flags & outcome]).astype(np.float64)

    def of(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``recall`` and ``precision`` of each sample, 0 to 1, NaN where empty."""
        fallen, flagged, found = self._sums @ counts
        return {"recall": _divide(found, fallen), "precision": _divide(found, flagged)}


class RankingMeasures:
    """AUC and average precision of a ranking, equal ranks taken together.

    Parameters
    ----------
    ranking : ndarray of float
        The higher, the sooner.
    outcome : ndarray of bool
        Who fell.
    """

    def __init__(self, ranking: np.ndarray, outcome: np.ndarray) -> None:
        self._order = np.argsort(-ranking, kind="stable")
        ranked, self._outcome = ranking[self._order], outcome[self._order].astype(np.float64)
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        has_fallen = np.add.reduceat(self._outcome, starts) > 0
        # neighbours without a fallen household have the same ones above them: one step for all
        self._starts = starts[has_fallen | np.r_[True, has_fallen[:-1]]]

    def of(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``auc`` and ``average_precision`` (0 to 1) of each sample."""
        ranked = counts[self._order]
        everyone = np.add.reduceat(ranked, self._starts)
        ranked *= self._outcome[:, None]
        fallen = np.add.reduceat(ranked, self._starts)
        all_above, fallen_above = everyone.cumsum(axis=0), fallen.cumsum(axis=0)
        total, fallen_total = all_above[-1], fallen_above[-1]
        # a pair counts when the fallen household stands above the other, half when level
        pairs = ((everyone - fallen) * (fallen_above - fallen / 2)).sum(axis=0)
        precision = fallen_above / np.maximum(all_above, 1)
        return {
            "auc": _divide(pairs, fallen_total * (total - fallen_total)),
            "average_precision": _divide((fallen * precision).sum(axis=0), fallen_total),
        }


class RiskMeasures:
    """Brier score and calibration of stated risks.

    Parameters
    ----------
    risks : ndarray of float
        Probabilities, 0 to 1.
    outcome : ndarray of bool
        Who fell.
    """

    def __init__(self, risks: np.ndarray, outcome: np.ndarray) -> None:
        observed = outcome.astype(np.float64)
        clipped = np.clip(risks, 1e-9, 1 - 1e-9)
        logit = np.log(clipped / (1 - clipped))
        one = np.ones_like(logit)
        share = np.clip(observed.mean(), 1e-9, 1 - 1e-9)
        null = [np.log(share / (1 - share)), 0.0]
        self._squares = (risks - observed) ** 2
        self._line = _Logit(np.column_stack([one, logit]), observed, 0 * one, null)
        self._shift = _Logit(one[:, None], observed, logit, [0.0])

    def of(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``brier``, ``calibration_slope`` and ``calibration_intercept`` of each sample.

        The slope is that of the outcome on the predicted logit; the intercept is that of
        calibration in the large, with the slope held at 1.
        """
        return {
            "brier": self._squares @ counts / counts.sum(axis=0),
            "calibration_slope": self._line.of(counts)[:, 1],
            "calibration_intercept": self._shift.of(counts)[:, 0],
        }


class _Logit:
    """A small logistic regression on the whole cohort, and one Newton step of it for each sample.

    The step is exact to the first order and costs one product of matrices instead of a
    regression for each sample. Without a solution everything is NaN.
    """

    def __init__(
        self, design: np.ndarray, outcome: np.ndarray, offset: np.ndarray, start: list[float]
    ) -> None:
        self._design, self._outcome, self._offset = design, outcome, offset
        width = design.shape[1]
        self._products = (design[:, :, None] * design[:, None, :]).reshape(-1, width * width)
        everyone = np.ones((len(design), 1))
        self._aim(np.array(start))
        for _ in range(_STEPS):
            following = self.of(everyone)[0]
            done = not np.abs(following - self._at).max() > _CLOSE
            self._aim(following)
            if done:
                break

    def _aim(self, at: np.ndarray) -> None:
        """Take slope and curvature of each household's share in the likelihood at a point."""
        linear = np.clip(self._offset + self._design @ at, -500, 500)
        expected = 1 / (1 + np.exp(-linear))
        self._at = at
        self._slopes = (self._design * (self._outcome - expected)[:, None]).T
        self._curves = (self._products * (expected * (1 - expected))[:, None]).T

    def of(self, counts: np.ndarray) -> np.ndarray:
        """Return the coefficients of each sample, samples down."""
        width = len(self._at)
        curves = (self._curves @ counts).T.reshape(-1, width, width)
        slopes = (self._slopes @ counts).T[:, :, None]
        try:
            return self._at + np.linalg.solve(curves, slopes)[:, :, 0]
        except np.linalg.LinAlgError:  # one outcome only, or told apart without a slip
            return np.full((counts.shape[1], width), np.nan)


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
