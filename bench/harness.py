"""Timing: our work and its floor by turns, from the same state, the median of the rounds."""

import gc
import os
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from odoo.api import Environment
from odoo.tools import SQL

from .report import Row

Step = Callable[[], object]


@dataclass
class Bench:
    """What every benchmark is given: the database, the scale and how to measure."""

    env: Environment
    scale: float
    repeat: int = 3
    #: a database of the same modules of Odoo, in which none of our addons is installed
    without: Environment | None = None
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
                with memory_growth() as memory, cpu_spent(self.env) as cpu:
                    spent = self.timed(step)
                if turn:
                    times.append(spent)
                    if step is ours:
                        timing.memory_mb = max(timing.memory_mb, memory["mb"])
                        timing.cpus.append(cpu["s"])
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
class Beside:
    """The same work by turns in a database with us (first) and in one without, many short rounds:
    whatever else the machine does then hurts both alike."""

    rounds: list[tuple[float, float]] = field(default_factory=list)
    cpus: list[tuple[float, float]] = field(default_factory=list)

    @classmethod
    def measure(cls, sides, step: Callable, rounds: int) -> "Beside":
        """`step` does the work of one round on a side, which has an `env` and a `prepare()`.

        Every other round begins with the other side; the first one warms up and does not count.
        """
        beside = cls()
        for round_ in range(rounds + 1):
            spent, cpus = [0.0, 0.0], [0.0, 0.0]
            for number in (0, 1) if round_ % 2 else (1, 0):
                side = sides[number]
                side.prepare()
                gc.collect()
                with cpu_spent(side.env) as cpu:
                    start = time.perf_counter()
                    step(side)
                    spent[number] = time.perf_counter() - start
                cpus[number] = cpu["s"]
            if round_:
                beside.rounds.append(tuple(spent))
                beside.cpus.append(tuple(cpus))
        return beside

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(ours / theirs for ours, theirs in self.rounds)

    def as_kwargs(self, limit: float | None, each: int, **extra) -> dict:
        """The row of `each` pieces of work a round: P-8's limit, or none."""
        ours, theirs = map(sum, zip(*self.cpus, strict=True))
        seconds = [statistics.median(times) for times in zip(*self.rounds, strict=True)]
        return {
            "ours_s": seconds[0], "floor_s": seconds[1],
            "must": f"P-8 ratio <= {limit}" if limit else "",
            "ok": self.ratio <= limit if limit else None,
            "extra": {
                "ratio_of_rounds": round(self.ratio, 3), "cpu_ratio": round(ours / theirs, 3),
                "ms": round(1000 * seconds[0] / each, 2), **extra,
            },
        }  # fmt: skip


@dataclass
class Timing:
    """The rounds of one comparison."""

    ours: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    memory_mb: float = 0.0

    @property
    def ours_s(self) -> float:
        return statistics.median(self.ours)

    @property
    def floor_s(self) -> float:
        return statistics.median(self.floors)

    def as_kwargs(self, **extra) -> dict:
        """The floor, the memory and the extra figures of a row. The ratio of the best rounds is
        the one to believe on a machine that is busy with other things, and so is the time that
        the processors worked for us."""
        best = round(min(self.ours) / min(self.floors), 2)
        cpu = round(statistics.median(self.cpus), 2)
        return {
            "floor_s": self.floor_s,
            "memory_mb": self.memory_mb,
            "extra": {"best_ratio": best, "cpu_s": cpu, **extra},
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


@contextmanager
def cpu_spent(env: Environment):
    """Processor time of this process and of its database connection, in seconds.

    A database on another machine, or a system without /proc, counts with 0.
    """
    [(backend,)] = env.execute_query(SQL("SELECT pg_backend_pid()"))
    ours, theirs = time.process_time(), _ticks(backend)
    result = {}
    yield result
    result["s"] = time.process_time() - ours
    result["s"] += (_ticks(backend) - theirs) / os.sysconf("SC_CLK_TCK")


def _ticks(process: int) -> int:
    try:
        numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(numbers[11]) + int(numbers[12])  # in programs, and in the system for them


def resident_mb(process: int) -> float:
    """Memory that a process holds now, in MB; 0 on a system without /proc."""
    try:
        return _status_mb("VmRSS", process)
    except OSError:
        return 0.0


def _worked_ms(process: int) -> float:
    """Milliseconds on a processor so far; 0 for a process of another machine or system."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        return 0.0


def _status_mb(key: str, process: int | str = "self") -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def sql_spent(env: Environment):
    """Queries of what runs inside, the milliseconds they take, and those that the database works
    for them: on a busy machine the difference is waiting for a processor."""
    thread = threading.current_thread()
    [(backend,)] = env.execute_query(SQL("SELECT pg_backend_pid()"))
    worked = _worked_ms(backend)
    old = {key: getattr(thread, key, None) for key in ("query_count", "query_time")}
    thread.query_count, thread.query_time = 0, 0.0
    result = {}
    try:
        yield result
        env.flush_all()
    finally:
        result["queries"] = thread.query_count
        result["sql_ms"] = thread.query_time * 1000
        result["work_ms"] = _worked_ms(backend) - worked if worked else result["sql_ms"]
        for key, value in old.items():
            delattr(thread, key) if value is None else setattr(thread, key, value)
