from datetime import timedelta

from odoo import models
from odoo.addons.lead_nurture.engine import forecast

# so many people must have left a step before what they did is believed at all
ENOUGH = 10
# moments of a day at which somebody may arrive at a wait
HOURS = (3, 9, 15, 21)
# of 100 people, how many do this within the time that a step gives them, if nobody knows better
ASSUMED_EVENTS = {
    "mail_sent": 0.95, "mail_open": 0.30, "mail_click": 0.10, "mail_reply": 0.02,
    "mail_bounce": 0.02, "unsubscribe": 0.01, "purchase": 0.02,
}  # fmt: skip
ASSUMED_OTHER_EVENT = 0.05


class NurtureNode(models.Model):
    """A step as a forecast sees it: by which exits people leave, and after how many days.

    A kind may say what is supposed of it by `_assumed_shares_node_<kind>()` → {exit: share};
    otherwise people are supposed to spread evenly.
    """

    _inherit = "nurture.node"

    def _prepare_stage(self, history, assumed, now, days):
        """(stage for the engine, what it rests on). `history` is {exit: {days stood: people}}."""
        labels = self._exits()
        counts = {label: sum(history.get(label, {}).values()) for label in (*labels, "end")}
        people = sum(counts.values())
        supposed = assumed or self._assumed_shares()
        known = people >= ENOUGH or len(labels) == 1
        shares = forecast.shares(
            counts if people >= ENOUGH else {}, {**supposed, **({"end": 0.0} if labels else {})}
        )
        ways = tuple(
            forecast.Way(
                label,
                self._target(label).uid or "",
                shares[label],
                **self._prepare_delay(label, history.get(label, {}), now, days),
            )
            for label in labels
        )
        if labels and shares.get("end"):
            early = forecast.delay_of(history.get("end", {}))
            ways += (forecast.Way("end", "", shares["end"], early),)
        rests = {"people": people, "known": known, "shares": shares, "supposed": supposed}
        return forecast.Stage(self.uid, ways), rests

    def _assumed_shares(self):
        shares = self._of_kind("_assumed_shares_node")
        return shares or dict.fromkeys(self._exits(), 1 / max(len(self._exits()), 1))

    def _assumed_shares_node_wait_event(self):
        return self._assumed_event("timeout")

    def _assumed_shares_node_branch(self):
        return self._assumed_event("no") if self.condition == "event" else {"yes": 0.5, "no": 0.5}

    def _assumed_event(self, otherwise):
        yes = ASSUMED_EVENTS.get(self.event_kind, ASSUMED_OTHER_EVENT)
        return {"yes": yes, otherwise: 1 - yes}

    # ------------------------------------------------------------
    # HOW LONG
    # ------------------------------------------------------------

    def _prepare_delay(self, label, history, now, days):
        """As arguments of a way: what people took, or what the clock of the step says."""
        if not self._node_kinds()[self.kind].get("pauses"):
            return {"delay": forecast.delay_of(history)} if self._is_held(history) else {}
        if label == self._clock_exit():
            return {"by_day": self._prepare_clock(now, days), "clock": True}
        if sum(history.values()) >= ENOUGH:
            return {"delay": forecast.delay_of(history)}
        return {"delay": forecast.fading((self._due(now) - now).days)}

    def _is_held(self, history):
        """Quiet hours and limits hold mails back, as far as they did so lately."""
        return sum(history.values()) >= ENOUGH

    def _clock_exit(self):
        """The exit that people take when their time is up."""
        return self._exits()[-1]

    def _prepare_clock(self, now, days):
        """For each day of arrival: after how many days the time is up, whenever on the day."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        clock = []
        for day in range(days):
            arrivals = [midnight + timedelta(days=day, hours=hour) for hour in HOURS]
            stood = [(self._due(moment).date() - moment.date()).days for moment in arrivals]
            clock.append(forecast.delay_of({gone: stood.count(gone) for gone in stood}))
        return tuple(clock)

    def _longest_stay(self, now):
        """After so long everybody has left, so what they did is no longer in the making."""
        if not self._node_kinds()[self.kind].get("pauses"):
            return timedelta()
        return max(self._due(now) - now, timedelta())
