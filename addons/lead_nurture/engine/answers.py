"""What people do in a simulation: chosen answers, or answers drawn from how others behaved.

An answer says what a person does about a mail, or whether an event that a step waits for happens,
and after how many hours. Draws are seeded by the person and the step, so that the same simulation
gives the same journey each time.
"""
import heapq
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# who clicks or answers has read the mail before
READ_FIRST = timedelta(minutes=1)
MAIL_EVENTS = {
    "none": (),
    "open": ("mail_open",),
    "click": ("mail_open", "mail_click"),
    "reply": ("mail_open", "mail_reply"),
}
DRAWN = "history"
# drawn answers come within so many hours
DRAWN_HOURS = 48


@dataclass(frozen=True)
class Answer:
    """`what` is a key of MAIL_EVENTS, "happens" or "none" for other events, or "history"."""

    what: str = "none"
    hours: float = 4.0


@dataclass(frozen=True, order=True)
class Happening:
    """One event to come: who does what, and about which message, if about any."""

    at: datetime
    who: int
    kind: str
    about: int = 0


def events_of(answer: Answer, kind: str, at: datetime) -> list[tuple[str, datetime]]:
    """The events that an answer stands for, to a mail (`kind` is "") or to a wait for `kind`.

    >>> nine = datetime(2026, 3, 16, 9)
    >>> [(what, f"{when:%H:%M}") for what, when in events_of(Answer("click", 2), "", nine)]
    [('mail_open', '11:00'), ('mail_click', '11:01')]
    >>> events_of(Answer("none"), "purchase", nine)
    []
    """
    moment = at + timedelta(hours=answer.hours)
    if kind:
        return [(kind, moment)] if answer.what == "happens" else []
    return [
        (event, moment + number * READ_FIRST)
        for number, event in enumerate(MAIL_EVENTS.get(answer.what, ()))
    ]


def draw(seed: str, shares: Mapping[str, float]) -> Answer:
    """One of the answers by their shares, always the same for the same seed.

    >>> draw("7:12:abc", {"click": 1.0}).what
    'click'
    >>> draw("7:12:abc", {"click": 0.5, "none": 0.5}) == draw("7:12:abc", {"click": 1, "none": 1})
    True
    """
    source = random.Random(seed)
    what = source.choices([*shares], [*shares.values()])[0]
    return Answer(what, round(source.uniform(0.25, DRAWN_HOURS), 2))


@dataclass
class Script:
    """The answers of one simulation, and what is still to happen in it.

    `answers` are those chosen for a step, by its key; `usual` is for the mails without one.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    usual: Answer = field(default_factory=Answer)
    seed: int = 1
    # {step: {answer: share}}, and under "" the shares where a step has no history
    mail_shares: dict[str, dict[str, float]] = field(default_factory=dict)
    event_shares: dict[str, dict[str, float]] = field(default_factory=dict)
    coming: list[Happening] = field(default_factory=list)
    # {(person, step, visit): answer}: what was chosen or drawn
    given: dict[tuple[int, str, int], Answer] = field(default_factory=dict)
    # {(person, visit): why the mail of this step could not leave at once}
    held: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    # {(server, company): {hour: mails that the simulation itself would send}}
    places: dict[tuple[int, int], dict[datetime, int]] = field(default_factory=dict)

    def hold(self, who: int, visit: int, reason: str) -> None:
        """Note once that a mail was held back for this reason."""
        reasons = self.held.setdefault((who, visit), [])
        if reason not in reasons:
            reasons.append(reason)

    def answer(self, uid: str, who: int, visit: int, kind: str) -> Answer:
        """The answer of a person at a step, drawn now if it is to be drawn."""
        wanted = self.answers.get(uid) or (Answer() if kind and self.usual.what != DRAWN
                                           else self.usual)
        if wanted.what == DRAWN:
            shares = self.event_shares if kind else self.mail_shares
            wanted = draw(f"{self.seed}:{who}:{uid}:{visit}", shares.get(uid) or shares[""])
        self.given[who, uid, visit] = wanted
        return wanted

    def plan(
        self, uid: str, who: int, visit: int, at: datetime, kind: str = "", about: int = 0
    ) -> None:
        """From now on the person is going to do what he answers.

        >>> script = Script(usual=Answer("open", 1))
        >>> script.plan("mail", 5, 1, datetime(2026, 3, 16, 9), about=8)
        >>> script.next_at(), script.due(datetime(2026, 3, 16, 10))[0].kind, script.next_at()
        (datetime.datetime(2026, 3, 16, 10, 0), 'mail_open', None)
        """
        for event, moment in events_of(self.answer(uid, who, visit, kind), kind, at):
            heapq.heappush(self.coming, Happening(moment, who, event, about))

    def next_at(self) -> datetime | None:
        return self.coming[0].at if self.coming else None

    def due(self, now: datetime) -> list[Happening]:
        """What has happened by now; each is told once."""
        found = []
        while self.coming and self.coming[0].at <= now:
            found.append(heapq.heappop(self.coming))
        return found
