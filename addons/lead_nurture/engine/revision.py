"""What a new edition of a journey means for those who travel the old one.

Steps keep their uid from edition to edition. Nobody is to get a step twice because the steps were
changed; what the old edition itself would have repeated (a loop) may repeat in the new one.
"""
from collections.abc import Mapping

from .journey import Journey, reachable

# the way on of somebody for whom nothing happened, best first
QUIET_WAYS = ("next", "timeout", "no")


def quiet_way(exits: tuple[str, ...]) -> str | None:
    """The exit by which somebody leaves a step without having done it.

    >>> quiet_way(("yes", "timeout")), quiet_way(("a", "b")), quiet_way(())
    ('timeout', 'a', None)
    """
    for label in QUIET_WAYS:
        if label in exits:
            return label
    return exits[0] if exits else None


def behind(journey: Journey, uid: str) -> set[str]:
    """The steps that somebody who stands at `uid` may still reach. Itself only in a loop.

    >>> from .journey import Move, Step
    >>> line = Journey("a", (Step("a", ("next",)), Step("b")), (Move("a", "next", "b"),))
    >>> behind(line, "a"), behind(line, "b")
    ({'b'}, set())
    """
    found: set[str] = set()
    for successor in journey.successors(uid):
        found |= reachable(Journey(successor, journey.steps, journey.moves))
    return found


def follower(
    old: Journey, new: Journey, uid: str, chosen: Mapping[str, str] | None = None
) -> str | None:
    """Where somebody goes on whose step `uid` was taken out: at the first step on his quiet way
    through the old edition that the new one still has. None: nothing of it is left. `chosen` says
    of steps taken out where whoever took them out sent people; it counts more than the quiet way.

    >>> from .journey import Move, Step
    >>> a, b, c = Step("a", ("next",)), Step("b", ("next",)), Step("c")
    >>> old = Journey("a", (a, b, c), (Move("a", "next", "b"), Move("b", "next", "c")))
    >>> follower(old, Journey("a", (a, c), ()), "b")
    'c'
    >>> follower(old, Journey("a", (a,), ()), "b") is None
    True
    >>> follower(old, Journey("a", (a, c), ()), "b", {"b": "a"})
    'a'
    """
    known, kept, chosen = old.by_uid(), new.by_uid(), chosen or {}
    seen: set[str] = set()
    while uid not in seen:
        if uid in kept:
            return uid
        seen.add(uid)
        label = quiet_way(known[uid].exits) if uid in known else None
        uid = chosen.get(uid) or (label and old.target(uid, label)) or ""
    return None


def not_again(old: Journey, new: Journey, uid: str, target: str) -> set[str]:
    """The steps that somebody who stood at `uid` and goes on at `target` must not get once more,
    if he had them: those that the old edition would not have brought him again, and `target`
    itself unless he just goes on standing there. Ends may be reached by everybody.

    >>> from .journey import Move, Step
    >>> mail, wait, end = Step("mail", ("next",)), Step("wait", ("next",), True), Step("end")
    >>> old = Journey("mail", (mail, wait, end),
    ...               (Move("mail", "next", "wait"), Move("wait", "next", "end")))
    >>> new = Journey("wait", (mail, wait, end),
    ...               (Move("wait", "next", "mail"), Move("mail", "next", "end")))
    >>> sorted(not_again(old, new, "wait", "wait"))
    ['mail', 'wait']
    """
    again = behind(old, uid)
    kept = {step.uid for step in new.steps if step.exits and step.uid in old.by_uid()}
    return {step for step in kept if step not in again or (step == target and target != uid)}
