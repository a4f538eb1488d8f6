from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import models
from odoo.addons.lead_nurture.engine import business, forecast, local_time

UTC = ZoneInfo("UTC")
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
    otherwise people are supposed to spread evenly. Where its settings decide it, and not people,
    it says so by `_fixed_shares_node_<kind>()`. A way to wait says by
    `_typical_until_<mode>(now, closed)` until when somebody who lives where the company is waits.
    """

    _inherit = "nurture.node"

    def _prepare_stage(self, history, assumed, now, days):
        """(stage for the engine, what it rests on). `history` is {exit: {days stood: people}}."""
        labels = self._exits()
        counts = {label: sum(history.get(label, {}).values()) for label in (*labels, "end")}
        people = sum(counts.values())
        fixed = self._of_kind("_fixed_shares_node")
        supposed = fixed or assumed or self._assumed_shares()
        known = bool(fixed) or people >= ENOUGH or len(labels) == 1
        shares = fixed or forecast.shares(
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
        rests = {
            "people": people, "known": known, "shares": shares, "supposed": supposed,
            "fixed": bool(fixed),
        }  # fmt: skip
        return forecast.Stage(self.uid, ways), rests

    def _assumed_shares(self):
        shares = self._of_kind("_assumed_shares_node")
        return shares or dict.fromkeys(self._exits(), 1 / max(len(self._exits()), 1))

    def _assumed_shares_node_wait_event(self):
        return self._assumed_event("timeout")

    def _assumed_shares_node_branch(self):
        return self._assumed_event("no") if self.condition == "event" else {"yes": 0.5, "no": 0.5}

    def _fixed_shares_node_split(self):
        """Everybody goes where the winner is, if there is one; else as the percentages say."""
        winner = self.env["nurture.split"]._of(self).winner_label
        total = sum(self.case_ids.mapped("percent"))
        if winner in self._case_labels():
            return {case.label: float(case.label == winner) for case in self.case_ids}
        return total and {case.label: case.percent / total for case in self.case_ids}

    def _assumed_event(self, otherwise):
        yes = ASSUMED_EVENTS.get(self.event_kind, ASSUMED_OTHER_EVENT)
        return {"yes": yes, otherwise: 1 - yes}

    # ------------------------------------------------------------
    # HOW LONG
    # ------------------------------------------------------------

    def _prepare_delay(self, label, history, now, days):
        """As arguments of a way: what people took, or what the clock of the step says."""
        enough = sum(history.values()) >= ENOUGH
        if not self._node_kinds()[self.kind].get("pauses"):
            # quiet hours and limits hold mails back, as far as they did so lately
            return {"delay": forecast.delay_of(history)} if enough else {}
        if label != self._exits()[-1]:
            longest = self._longest_stay(now).days
            return {"delay": forecast.delay_of(history) if enough else forecast.fading(longest)}
        if enough and not self._keeps_a_clock():
            return {"delay": forecast.delay_of(history), "clock": True}
        return {"by_day": self._prepare_clock(now, days), "clock": True}

    def _keeps_a_clock(self):
        """When the time of a wait is up can be said beforehand, whoever waits."""
        return self.kind != "wait" or bool(self._typical_method())

    def _typical_method(self):
        return getattr(self, f"_typical_until_{self.wait_mode}", None)

    def _typical_until(self, now, closed=()):
        """Until when somebody who lives where the company is stands here, coming at `now`."""
        method = self.kind == "wait" and self._typical_method()
        return (method and method(now, closed)) or self._due(now)

    def _typical_until_delay(self, now, closed):
        return self._due(now)

    def _typical_until_working(self, now, closed):
        after = {"hours": business.after_hours, "days": business.after_days}[self.working_unit]
        hours = self.company_id._nurture_working_hours()
        return after(now, self.delay_count, self._home_zone(), hours, closed)

    def _typical_until_window(self, now, closed):
        return local_time.next_open(now, self._home_zone(), self._window(), closed)

    def _home_zone(self):
        return local_time.zone(self.company_id.partner_id.tz) or UTC

    def _home_closed(self, now):
        if not self.skip_holidays:
            return ()
        home = self.company_id.country_id.id or 0
        days = self.env["nurture.holiday"]._closed_days({home}, self.company_id, now, own=True)
        return days.get(home, ())

    def _prepare_clock(self, now, days):
        """For each day of arrival: after how many days the time is up, whenever on the day."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        closed, clock = self._home_closed(now), []
        for day in range(days):
            arrivals = [midnight + timedelta(days=day, hours=hour) for hour in HOURS]
            stood = [
                max((self._typical_until(moment, closed).date() - moment.date()).days, 0)
                for moment in arrivals
            ]
            clock.append(forecast.delay_of({gone: stood.count(gone) for gone in stood}))
        return tuple(clock)

    def _longest_stay(self, now):
        """After so long everybody has left, so what they did is no longer in the making."""
        if self.kind != "wait_event":
            return timedelta()
        return max(self._due(now) - now, timedelta())
