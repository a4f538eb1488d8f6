"""Timing: our work and its floor by turns, from the same state, the median of the rounds."""

import gc
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from odoo.api import Environment

from .report import Row

Step = Callable[[], object]


@dataclass
class Bench:
    """What every benchmark is given: the database, the scale and how to measure."""

    env: Environment
    scale: float
    repeat: int = 3
    rows: list[Row] = field(default_factory=list)

    def sized(self, full: int, least: int = 1) -> int:
        """How many records stand for `full` at this scale."""
        return max(int(full * self.scale), least)

    def add(self, name: str, n: int, ours_s: float, **more) -> Row:
        row = Row(name, self.scale, n, ours_s, **more)
        self.rows.append(row)
        return row

    def compare(self, ours: Step, floor: Step, reset: Step) -> "Timing":
        """Run ours and the floor by turns, each from the state that `reset` restores.

        By turns, because a busy machine then hurts both; one round to warm up does not count.
        """
        timing = Timing()
        for turn in range(self.repeat + 1):
            for step, times in ((ours, timing.ours), (floor, timing.floors)):
                reset()
                with memory_growth() as memory:
                    spent = self.timed(step)
                if turn:
                    times.append(spent)
                    if step is ours:
                        timing.memory_mb = max(timing.memory_mb, memory["mb"])
        return timing

    def timed(self, step: Step) -> float:
        """Seconds of one run, commit included, from an empty record cache."""
        self.env.invalidate_all()
        gc.collect()
        start = time.perf_counter()
        step()
        self.env.cr.commit()
        return time.perf_counter() - start


@dataclass
class Timing:
    """The rounds of one comparison."""

    ours: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    memory_mb: float = 0.0

    @property
    def ours_s(self) -> float:
        return statistics.median(self.ours)

    @property
    def floor_s(self) -> float:
        return statistics.median(self.floors)

    def as_kwargs(self, **extra) -> dict:
        """The floor, the memory and the extra figures of a row. The ratio of the best rounds is
        the one to believe on a machine that is busy with other things."""
        best = round(min(self.ours) / min(self.floors), 2)
        return {
            "floor_s": self.floor_s,
            "memory_mb": self.memory_mb,
            "extra": {"best_ratio": best, **extra},
        }


@contextmanager
def memory_growth():
    """How far the peak memory of this process rises above where it starts, in MB.

    Linux keeps the peak in VmHWM and lets a process reset its own. Elsewhere the answer is 0.
    """
    result = {"mb": 0.0}
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        yield result
        return
    before = _status_mb("VmRSS")
    yield result
    result["mb"] = max(_status_mb("VmHWM") - before, 0.0)


def _status_mb(key: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def sql_spent(env: Environment):
    """Queries and milliseconds that the database takes for what runs inside."""
    thread = threading.current_thread()
    old = {key: getattr(thread, key, None) for key in ("query_count", "query_time")}
    thread.query_count, thread.query_time = 0, 0.0
    result = {}
    try:
        yield result
        env.flush_all()
    finally:
        result["queries"] = thread.query_count
        result["sql_ms"] = thread.query_time * 1000
        for key, value in old.items():
            delattr(thread, key) if value is None else setattr(thread, key, value)
