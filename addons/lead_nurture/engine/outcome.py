"""What became of one person at one step: errors and waits are values, not side effects."""
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Outcome:
    """Leave by `label`, or stay until `until`, or leave the scenario with the reason `end`.

    `result` says in a word what the step did, for the log.

    >>> Outcome.go("yes").label, Outcome.end_with("won").end
    ('yes', 'won')
    """

    label: str = ""
    until: datetime | None = None
    end: str = ""
    result: str = ""

    @classmethod
    def go(cls, label: str = "next", result: str = "done") -> "Outcome":
        return cls(label=label, result=result)

    @classmethod
    def wait(cls, until: datetime, result: str = "waiting") -> "Outcome":
        return cls(until=until, result=result)

    @classmethod
    def end_with(cls, reason: str, result: str = "done") -> "Outcome":
        return cls(end=reason, result=result)

    def kind(self) -> tuple[str, str, str, bool]:
        """(label, end, result, waits?): the same for people who only wait to other moments.

        >>> Outcome.wait(datetime(2026, 1, 1)).kind()
        ('', '', 'waiting', True)
        """
        return self.label, self.end, self.result, self.until is not None
