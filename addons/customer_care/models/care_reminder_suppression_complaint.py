from odoo import api, fields, models
from odoo.tools import SQL

from .care_cost_period import EVERYBODY


class CareReminder(models.Model):
    # Loaded after the reasons that it adds to.
    _inherit = "care.reminder"

    @api.model
    def _suppression_reasons(self):
        """The first reason that holds is told: the complaint stands before everything else."""
        return {"complaint": self.env._("has an open severe complaint")} | \
            super()._suppression_reasons()

    def _query_suppressed_complaint(self, company, now) -> SQL:
        """Every kind of reminder; what is still in time goes on when the complaint is settled."""
        return SQL(
            "d.partner_id IN (%s)", self.env["care.case"]._query_severe(company, EVERYBODY))

    @api.model
    def _resume_settled(self, company, partner_ids, now) -> int:
        """What was held back by a complaint and is not too late is planned again.

        The next night judges it anew: who has bought since is not reminded. Index
        care_reminder_partner_idx.
        """
        if not partner_ids:
            return 0
        held = self.search([
            ("company_id", "=", company.id), ("partner_id", "in", partner_ids),
            ("state", "=", "suppressed"), ("reason", "=", "complaint"),
            ("rule_id.is_on", "=", True)])
        today = company._care_today(now)
        in_time = held.filtered(
            lambda one: fields.Date.add(one.send_on, days=one.rule_id.late_days) >= today)
        in_time._set_planned()
        return len(in_time)
