from odoo import fields, models


class SalesPlaybookStep(models.Model):
    """How many deals of the stage could leave it today."""

    _inherit = "sales.playbook.step"

    fare = fields.Char("Today", compute="_compute_fare")

    def _compute_fare(self):
        now = fields.Datetime.now()
        for playbook, steps in self.grouped("playbook_id").items():
            deals = playbook._origin._open_deals()
            for step in steps:
                here = deals.filtered(lambda lead: lead.stage_id == step.stage_id)  # noqa: B023
                step.fare = step._origin._tell_fare(here, now)

    def _tell_fare(self, deals, now):
        if not deals:
            return self.env._("No open deal is in this stage.")
        criteria = self.sudo().criterion_ids  # read as the rules read
        unmet = criteria._find_unmet({lead: criteria for lead in deals}, now)
        return self.env._(
            "%(ready)s of %(count)s open deals could leave this stage today.",
            ready=len(deals) - len(unmet), count=len(deals))
