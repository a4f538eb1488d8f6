"""How many people pass each step of a journey on which day, in expectation.

A journey is a set of stages; a stage is left by ways, each with the share of the people who take
it and with how many days they stand before they do. Days are whole: day 0 is today. People are
expected numbers, so they come in fractions, and nobody is lost: on each day

    entered so far + inside at the start = left so far + standing.
"""
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# ((days, part of the people), …); the parts sum to 1
Delay = tuple[tuple[int, float], ...]
AT_ONCE: Delay = ((0, 1.0),)
# what is left of a person in a loop within one day goes round again the next day
CRUMB = 1e-9
# and so is who goes through so many steps on one day
ROUNDS = 200


@dataclass(frozen=True)
class Way:
    """One exit of a stage: `share` of its people go by it to `target` ("": out of the journey).

    `by_day` gives the delay by the day of arrival, where it depends on the calendar. A `clock`
    way is taken when the time of a person is up.
    """

    label: str
    target: str
    share: float
    delay: Delay = AT_ONCE
    by_day: tuple[Delay, ...] = ()
    clock: bool = False

    def delay_on(self, day: int) -> Delay:
        return self.by_day[min(day, len(self.by_day) - 1)] if self.by_day else self.delay


@dataclass(frozen=True)
class Stage:
    """One step. Without ways the journey ends here."""

    uid: str
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Standing:
    """`count` people who arrived `stood` days ago and whose time is up in `due` days at most."""

    uid: str
    count: float
    stood: int = 0
    due: int | None = None


@dataclass
class Outlook:
    """By step and day: who arrives, who leaves, who stands at the end of the day; by day: who
    enters and who is out of the journey for good."""

    days: int
    arrive: dict[str, list[float]] = field(default_factory=dict)
    leave: dict[str, list[float]] = field(default_factory=dict)
    standing: dict[str, list[float]] = field(default_factory=dict)
    entered: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)


def outlook(
    stages: Iterable[Stage],
    arrivals: Mapping[tuple[str, int], float],
    standing: Iterable[Standing],
    days: int,
) -> Outlook:
    """Expected people for `days` days; `arrivals` are those who come in, by step and day.

    >>> wait = Stage("wait", (Way("next", "mail", 1.0, ((2, 1.0),)),))
    >>> mail = Stage("mail", (Way("next", "end", 1.0),))
    >>> found = outlook([wait, mail, Stage("end")], {("wait", 0): 10}, [], 4)
    >>> found.arrive["mail"], found.standing["wait"], found.ended
    ([0.0, 0.0, 10.0, 0.0], [10.0, 10.0, 0.0, 0.0], [0.0, 0.0, 10.0, 0.0])
    """
    return _Run(stages, days).go(arrivals, standing)


def plan(stage: Stage, people: Standing) -> list[tuple[Way, int, float]]:
    """When and by which way those who stand there already will leave: [(way, day, count)].

    They have stood for a while, so what would have happened before is no longer possible; and
    when their clock runs out, they go.

    >>> ask = Stage("ask", (Way("yes", "a", 0.5, ((0, 0.5), (2, 0.5))),
    ...                     Way("timeout", "b", 0.5, ((3, 1.0),), clock=True)))
    >>> [(w.label, day, round(n, 2)) for w, day, n in plan(ask, Standing("ask", 30, 1, 2))]
    [('yes', 1, 10.0), ('timeout', 2, 20.0)]
    """
    last = people.due
    found = []
    for way in stage.ways:
        if way.clock and last is not None:
            found.append((way, last, way.share))
            continue
        for days, part in way.delay_on(0):
            if days >= people.stood:
                day = days - people.stood
                found.append((way, day if last is None else min(day, last), way.share * part))
    total = sum(weight for _way, _day, weight in found)
    if not total:  # they stand for longer than anybody did
        found = [(way, 0, way.share) for way in stage.ways]
        total = sum(weight for _way, _day, weight in found)
    return [(way, day, people.count * weight / total) for way, day, weight in found if weight]


class _Run:
    """One pass over the days; `due[day]` are the people who leave a stage for a target that day."""

    def __init__(self, stages: Iterable[Stage], days: int) -> None:
        self.stages = {stage.uid: stage for stage in stages}
        self.days = days
        self.due: dict[int, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
        self.inside = dict.fromkeys(self.stages, 0.0)
        self.found = Outlook(days, entered=[0.0] * days, ended=[0.0] * days)
        for uid in self.stages:
            self.found.arrive[uid] = [0.0] * days
            self.found.leave[uid] = [0.0] * days
            self.found.standing[uid] = [0.0] * days

    def go(
        self, arrivals: Mapping[tuple[str, int], float], standing: Iterable[Standing]
    ) -> Outlook:
        for people in standing:
            self.inside[people.uid] += people.count
            for way, day, count in plan(self.stages[people.uid], people):
                self.due[day][people.uid, way.target] += count
        for day in range(self.days):
            coming = {uid: n for (uid, when), n in arrivals.items() if when == day}
            self.found.entered[day] = float(sum(coming.values()))
            self._one_day(day, coming)
            for uid, count in self.inside.items():
                self.found.standing[uid][day] = max(count, 0.0)
        return self.found

    def _one_day(self, day: int, coming: Mapping[str, float]) -> None:
        """Steps that take no time follow each other within the day."""
        todo: dict[str, float] = defaultdict(float, coming)
        for (uid, target), count in self.due.pop(day, {}).items():
            self._leave(uid, target, count, day, todo)
        rounds = 0
        while todo:
            now, todo, rounds = todo, defaultdict(float), rounds + 1
            for uid, count in now.items():
                self._arrive(uid, count, day, todo, tired=rounds > ROUNDS)

    def _leave(self, uid: str, target: str, count: float, day: int, todo: dict[str, float]) -> None:
        self.inside[uid] -= count
        self.found.leave[uid][day] += count
        if target in self.stages:
            todo[target] += count
        else:
            self.found.ended[day] += count

    def _arrive(
        self, uid: str, count: float, day: int, todo: dict[str, float], tired: bool
    ) -> None:
        self.found.arrive[uid][day] += count
        ways = self.stages[uid].ways
        if not ways:
            self.found.leave[uid][day] += count
            self.found.ended[day] += count
            return
        self.inside[uid] += count
        for way in ways:
            for days, part in way.delay_on(day):
                people = count * way.share * part
                if not people:
                    continue
                if days or tired or people < CRUMB:
                    self.due[day + max(days, 1)][uid, way.target] += people
                else:
                    self._leave(uid, way.target, people, day, todo)


def shares(
    counts: Mapping[str, int], assumed: Mapping[str, float], weight: float = 10
) -> dict[str, float]:
    """Share of each exit: counted people, plus `weight` people who behave as assumed.

    The mean of a Dirichlet posterior (for two exits: of a Beta): few people change the assumption
    a little, many replace it, and nobody ever gives 0 % or 100 %.

    >>> shares({"yes": 0, "no": 10}, {"yes": 0.5, "no": 0.5})
    {'yes': 0.25, 'no': 0.75}
    >>> shares({}, {"yes": 0.1, "no": 0.9})
    {'yes': 0.1, 'no': 0.9}
    """
    scale = sum(assumed.values()) or 1.0
    total = sum(counts.get(label, 0) for label in assumed) + weight
    return {
        label: (counts.get(label, 0) + weight * part / scale) / total
        for label, part in assumed.items()
    }


def delay_of(counts: Mapping[int, int]) -> Delay:
    """Days that people stood, as counted.

    >>> delay_of({3: 1, 0: 3})
    ((0, 0.75), (3, 0.25))
    """
    total = sum(counts.values())
    return tuple((days, n / total) for days, n in sorted(counts.items()) if n) or AT_ONCE


def fading(days: int) -> Delay:
    """An assumption about answers: half of them on the first day, half of the rest on the next,
    and so on; none after `days` days.

    >>> fading(2)
    ((0, 0.5714285714285714), (1, 0.2857142857142857), (2, 0.14285714285714285))
    """
    weights = [0.5 ** (day + 1) for day in range(min(max(days, 0), 60) + 1)]
    return tuple((day, weight / sum(weights)) for day, weight in enumerate(weights))


def weeks(values: list[float]) -> list[float]:
    """Sums by week from today on; the last one may be short.

    >>> weeks([1.0] * 10)
    [7.0, 3.0]
    """
    return [sum(values[start : start + 7]) for start in range(0, len(values), 7)]
