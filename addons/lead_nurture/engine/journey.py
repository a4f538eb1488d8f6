"""The graph of a scenario: what is wrong with it, and how to read it from top to bottom.

A journey is a set of steps and of labelled moves between them. Everybody enters at `start`.
Every exit of a step must lead somewhere, and only a step without exits ends the journey, so
that nobody is ever left standing by accident.
"""
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One node. `exits` are the labels that may leave it; `pauses` says that time passes here."""

    uid: str
    exits: tuple[str, ...] = ()
    pauses: bool = False


@dataclass(frozen=True)
class Move:
    """One arrow: who leaves `source` by `label` stands at `target` next."""

    source: str
    label: str
    target: str


@dataclass(frozen=True)
class Problem:
    """One reason why the journey may not run; `uid` is the step to look at, if any."""

    code: str
    uid: str = ""
    label: str = ""


@dataclass(frozen=True)
class Journey:
    start: str
    steps: tuple[Step, ...]
    moves: tuple[Move, ...]

    def by_uid(self) -> dict[str, Step]:
        return {step.uid: step for step in self.steps}

    def target(self, uid: str, label: str) -> str | None:
        """Where `label` leads from `uid`.

        >>> Journey("a", (), (Move("a", "next", "b"),)).target("a", "next")
        'b'
        """
        for move in self.moves:
            if move.source == uid and move.label == label:
                return move.target
        return None

    def successors(self, uid: str) -> list[str]:
        known = self.by_uid()
        return [m.target for m in self.moves if m.source == uid and m.target in known]


def problems(journey: Journey) -> list[Problem]:
    """Everything that keeps the journey from running, in reading order.

    >>> mail, end = Step("mail", ("next",)), Step("end")
    >>> problems(Journey("mail", (mail, end), (Move("mail", "next", "end"),)))
    []
    >>> problems(Journey("mail", (mail, end), ()))  # doctest: +NORMALIZE_WHITESPACE
    [Problem(code='missing_exit', uid='mail', label='next'),
     Problem(code='unreachable', uid='end', label='')]
    >>> problems(Journey("mail", (mail,), (Move("mail", "next", "mail"),)))
    [Problem(code='no_end', uid='', label=''), Problem(code='loop', uid='mail', label='')]
    """
    if not journey.steps:
        return [Problem("empty")]
    if journey.start not in journey.by_uid():
        return [Problem("no_start")]
    return [
        *_exit_problems(journey),
        *_reach_problems(journey),
        *(Problem("loop", uid) for uid in _restless_loop(journey)),
    ]


def _exit_problems(journey: Journey) -> Iterator[Problem]:
    known = journey.by_uid()
    for step in journey.steps:
        labels = [move.label for move in journey.moves if move.source == step.uid]
        for label in step.exits:
            if labels.count(label) == 0:
                yield Problem("missing_exit", step.uid, label)
            elif labels.count(label) > 1:
                yield Problem("double_exit", step.uid, label)
        for label in labels:
            if label not in step.exits:
                yield Problem("odd_exit", step.uid, label)
    for move in journey.moves:
        if move.target not in known:
            yield Problem("lost_exit", move.source, move.label)


def _reach_problems(journey: Journey) -> Iterator[Problem]:
    reached = reachable(journey)
    ends = any(step.uid in reached and not step.exits for step in journey.steps)
    if not ends and _all_linked(journey, reached):
        yield Problem("no_end")
    for step in journey.steps:
        if step.uid not in reached:
            yield Problem("unreachable", step.uid)


def _all_linked(journey: Journey, reached: set[str]) -> bool:
    """No exit of a reached step is open: then a missing end is the real trouble, not a gap."""
    known = journey.by_uid()
    return all(journey.target(uid, label) for uid in reached for label in known[uid].exits)


def reachable(journey: Journey) -> set[str]:
    """Steps that somebody who enters can ever see."""
    seen, todo = set(), [journey.start]
    while todo:
        uid = todo.pop()
        if uid not in seen:
            seen.add(uid)
            todo.extend(journey.successors(uid))
    return seen


def _restless_loop(journey: Journey) -> list[str]:
    """One step of a loop in which no time passes (it would spin for ever), if there is any.

    Steps without a pause form the graph to search; whatever is left after taking away, again
    and again, the steps that no other one leads to, lies on or behind a loop.
    """
    restless = {step.uid for step in journey.steps if not step.pauses}
    after = {u: [t for t in journey.successors(u) if t in restless] for u in restless}
    while True:
        targets = {target for uid in after for target in after[uid]}
        free = [uid for uid in after if uid not in targets]
        if not free:
            break
        for uid in free:
            del after[uid]
    return [step.uid for step in journey.steps if step.uid in after][:1]


def reading_order(journey: Journey) -> tuple[str, ...]:
    """The steps that can be reached, from top to bottom, each path to its end before the next.

    A step that several paths lead to stands where the first one meets it.

    >>> steps = (Step("ask", ("yes", "no")), Step("mail", ("next",)), Step("end"))
    >>> moves = (Move("ask", "yes", "end"), Move("ask", "no", "mail"), Move("mail", "next", "end"))
    >>> reading_order(Journey("ask", steps, moves))
    ('ask', 'end', 'mail')
    """
    known = journey.by_uid()
    targets = {(move.source, move.label): move.target for move in journey.moves}
    order: dict[str, None] = {}
    todo = [journey.start]
    while todo:
        uid = todo.pop()
        if uid in known and uid not in order:
            order[uid] = None
            exits = (targets.get((uid, label)) for label in known[uid].exits)
            todo.extend(reversed([target for target in exits if target]))
    return tuple(order)
