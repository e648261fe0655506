"""From a decoder's scores to its next token."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from ._errors import DataError

__all__ = ["Sampling"]


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How tokens are chosen: the likeliest one, or one drawn from the likely ones.

    temperature: scores are divided by it; 0 takes the likeliest token, and nothing is drawn. top_k: only so many of the likeliest
    stay; 0 keeps all. top_p: only the likeliest that together reach this share of the probability stay, at least one. The same seed
    draws the same tokens; None draws others each time. Where scores are equal, the smaller token is taken to be the likelier one.
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise ValueError(f"temperature is {self.temperature}; 0 or a positive number is expected")
        if self.top_k < 0:
            raise ValueError(f"top_k is {self.top_k}; 0 (all) or a positive number is expected")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}; a share above 0, at most 1, is expected")

    def sampler(self, rows: int) -> Sampler:
        """What chooses for `rows` texts, each of which has random numbers of its own: what one draws does not depend on the others."""
        return Sampler(self, rows)


class Sampler:
    """Chooses a token for each row; keeps the state of its random numbers."""

    def __init__(self, how: Sampling, rows: int) -> None:
        self._how = how
        self._random = [np.random.default_rng(seed) for seed in np.random.SeedSequence(how.seed).spawn(rows)]

    def choose(self, scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Scores [rows, vocabulary] in f64 to tokens [rows] in i64. DataError where a row has a NaN or nothing above -inf."""
        best = scores.max(axis=1)
        if not np.isfinite(best).all():
            row = int(np.flatnonzero(~np.isfinite(best))[0])
            raise DataError(f"the scores of row {row} are not finite: the largest is {best[row]}", "data")
        if self._how.temperature == 0:
            return scores.argmax(axis=1)
        return np.array([self._draw(row, random) for row, random in zip(scores, self._random)], dtype=np.int64)

    def _draw(self, scores: np.ndarray[Any, Any], random: np.random.Generator) -> int:
        how = self._how
        order = np.argsort(-scores, kind="stable")
        if how.top_k:
            order = order[: how.top_k]
        # The largest becomes 0 before the division: a small temperature overflows nothing.
        weights = np.exp((scores[order] - scores[order[0]]) / how.temperature)
        until = np.cumsum(weights)
        if how.top_p < 1:
            until = until[: int(np.searchsorted(until, how.top_p * until[-1])) + 1]
        # Never beyond the last: random() is below 1, the product may be rounded up to the sum.
        index = min(int(np.searchsorted(until, random.random() * until[-1], side="right")), len(until) - 1)
        return int(order[index])
