"""Sales velocity: what the pipeline brings a day, and what each of its four levers would add."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Velocity:
    """The four factors of one population (KPI: open deals x win rate x won value / cycle days)."""

    open_deals: int
    win_rate: float | None
    won_value: float | None
    cycle_days: float | None

    @property
    def per_day(self) -> float | None:
        """Money a day; None where a factor is not known, or nothing takes any time.

        >>> Velocity(40, 0.25, 6000.0, 50.0).per_day
        1200.0
        >>> Velocity(40, None, 6000.0, 50.0).per_day is None
        True
        """
        if self.win_rate is None or self.won_value is None or not self.cycle_days:
            return None
        return self.open_deals * self.win_rate * self.won_value / self.cycle_days

    def gains(self, step: float = 0.1) -> dict[str, float]:
        """What a better factor alone adds a day: so much more of it, or so many fewer days.

        A cycle shorter by a tenth gives 1 / 0.9 of the velocity, which is more than a tenth.

        >>> gains = Velocity(40, 0.25, 6000.0, 50.0).gains()
        >>> {name: round(gain, 2) for name, gain in gains.items()}
        {'open_deals': 120.0, 'win_rate': 120.0, 'won_value': 120.0, 'cycle_days': 133.33}

        A win rate of 95 % cannot become better than 100 %:

        >>> round(Velocity(10, 0.95, 100.0, 10.0).gains()["win_rate"], 2)
        5.0
        """
        now = self.per_day
        if now is None or self.win_rate is None:
            return {}
        best_rate = min(1.0, self.win_rate * (1 + step))
        rate_gain = now * (best_rate / self.win_rate - 1) if self.win_rate else 0.0
        return {
            "open_deals": now * step, "win_rate": rate_gain, "won_value": now * step,
            "cycle_days": now / (1 - step) - now}
