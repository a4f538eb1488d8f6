from odoo import fields

from .common_lifecycle import LifecycleCase

# a wait out of which people may have to be taken
WAIT = {
    "wait": ("wait", {"delay_count": 30, "delay_unit": "days"}, {"next": "letter"}),
    "letter": ("mail", {}, {"next": "end"}),
    "end": ("exit", {}, {}),
}


class GoalCase(LifecycleCase):
    """Stories of journeys that end before their last step, and of what came out of them."""

    def _enter(self, leads, days_ago=2, steps=WAIT, **kw):
        """The leads have stood at the first pause for so many days."""
        scenario = self._create_scenario(steps, **kw)
        self.assertGreaterEqual(self._let_in(scenario), len(leads.nurture_person_id))
        self._advance()
        self._age(scenario.enrolment_ids, "enrolled_at", days=days_ago)
        self.env.invalidate_all()
        return scenario

    def _let_sweep_again(self):
        for name in ("leave all", "leave ended"):
            self.env["nurture.watermark"]._write_mark(name, None, 0)

    def _sweep(self):
        """The job, for what is new and for everybody."""
        self.env.flush_all()
        now = fields.Datetime.now()
        self.env["nurture.enrolment"]._leave_by_news(now)
        self._let_sweep_again()
        while self.env["nurture.enrolment"]._leave_inside(now)[1]:
            pass
        while self.env["nurture.enrolment"]._leave_ended(now)[1]:
            pass
        self.env.invalidate_all()
