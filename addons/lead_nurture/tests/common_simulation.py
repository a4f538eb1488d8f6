from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time

from .common_scenario import ScenarioCase

START = "2026-03-16 09:00:00"  # a Monday


class SimulationCase(ScenarioCase):
    """Trying a scenario, and living it: both told in the same words."""

    def _simulate(self, scenario, user=None, **options):
        scenario = scenario.with_user(user or self.mira)
        with self.enter_registry_test_mode():
            return scenario.simulate({"start": START, **options})

    def _answers(self, what="click", hours=4):
        return {"what": what, "hours": hours}

    def _told(self, person):
        """[(step, came, went)] of one person of a story."""
        return [
            (line["name"], line["arrived"]["utc"], line["left"] and line["left"]["utc"])
            for line in person["lines"]
        ]

    def _lived(self, scenario, lead):
        logs = self._enrolment_of(lead).filtered(lambda e: e.scenario_id == scenario).log_ids
        return [
            (log.node_id.name, str(log.arrived_at), log.left_at and str(log.left_at))
            for log in logs.sorted("visit")
        ]

    def _live(self, scenario, leads, click_after=None, clicked="welcome"):
        """The live lane under a frozen clock that goes from moment to moment. Everybody clicks in
        the mail of one step so many hours after the start."""
        now = start = fields.Datetime.to_datetime(START)
        scenario.enrol_since = start - timedelta(days=1)
        with freeze_time(start):
            self.assertEqual(len(scenario._enrol_leads(leads)), len(leads))
        click = click_after is not None and start + timedelta(hours=click_after, minutes=1)
        for _moment in range(100):
            with freeze_time(now):
                self._advance(now)
            inside = scenario.enrolment_ids.filtered("is_open")
            if not inside:
                return
            now = min(filter(None, [*inside.mapped("run_at"), click]))
            if now == click:
                click = False
                sends = inside.send_ids.filtered(lambda s: s.node_id.name == clicked)
                with freeze_time(now):
                    self.env["nurture.event"]._insert_events(
                        [send._prepare_event_vals("mail_click", now) for send in sends]
                    )
        self.fail("the journey did not end")
