"""Contestants take turns in one run, so that whatever else the machine does hits all of them."""

import math
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

START_SECONDS = 30

Deed = Callable[[], object]
"""Does once what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one turn came to: how many a second, and how long each took."""

    per_second: float
    p50_seconds: float
    p99_seconds: float


def take_turns(
    contestants: Mapping[str, Callable[[], Sequence[Sequence[Deed]]]], *, rounds: int
) -> dict[str, list[Round]]:
    """Let every contestant have its turn in each round; the first round only warms up.

    A contestant prepares, untimed, one list of deeds for each of its threads.
    """
    results: dict[str, list[Round]] = {name: [] for name in contestants}
    for _ in range(rounds + 1):
        for name, prepare in contestants.items():
            results[name].append(_together(prepare()))
    return {name: turns[1:] for name, turns in results.items()}


def median(rounds: Sequence[Round], figure: Callable[[Round], float]) -> float:
    """The median of one figure over the rounds."""
    return statistics.median(figure(one) for one in rounds)


def ratio(ours: Sequence[Round], floor: Sequence[Round], figure: Callable[[Round], float]) -> float:
    """The median over the rounds of ours against the floor of the same round."""
    pairs = zip(ours, floor, strict=True)
    return statistics.median(figure(one) / figure(other) for one, other in pairs)


def percentile(seconds: Sequence[float], share: float) -> float:
    """The smallest value that this share of all values does not exceed."""
    return sorted(seconds)[max(0, math.ceil(len(seconds) * share) - 1)]


def _together(plan: Sequence[Sequence[Deed]]) -> Round:
    start = threading.Barrier(len(plan) + 1)

    def work(deeds: Sequence[Deed]) -> list[float]:
        start.wait(START_SECONDS)
        return [_timed(deed) for deed in deeds]

    with ThreadPoolExecutor(len(plan)) as threads:
        running = [threads.submit(work, deeds) for deeds in plan]
        start.wait(START_SECONDS)
        began = time.perf_counter()
        taken = [seconds for thread in running for seconds in thread.result()]
        lasted = time.perf_counter() - began
    return Round(
        per_second=len(taken) / lasted,
        p50_seconds=percentile(taken, 0.50),
        p99_seconds=percentile(taken, 0.99),
    )


def _timed(deed: Deed) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began
