from odoo import api, fields, models
from odoo.exceptions import UserError


class NurtureEnrol(models.TransientModel):
    """Enrols chosen leads, or the leads of chosen people, in one scenario by hand."""

    _name = "nurture.enrol"
    _description = "Enrol in scenario"

    scenario_id = fields.Many2one(
        "nurture.scenario",
        required=True,
        domain="[('state', '=', 'running'), ('company_id', 'in', allowed_company_ids)]",
        help="Only running scenarios take people in.",
    )
    lead_ids = fields.Many2many("crm.lead", default=lambda self: self._default_lead_ids())
    lead_count = fields.Integer(compute="_compute_lead_count")
    anew = fields.Boolean(
        "Also those who were in it before",
        help="Who is inside now is never enrolled a second time.",
    )

    @api.model
    def _default_lead_ids(self):
        ids = self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == "nurture.person":
            return self.env["nurture.person"].browse(ids).lead_ids
        return self.env["crm.lead"].browse(ids)

    @api.depends("lead_ids")
    def _compute_lead_count(self):
        for wizard in self:
            wizard.lead_count = len(wizard.lead_ids)

    def action_enrol(self):
        self.ensure_one()
        if self.scenario_id.state != "running":
            raise UserError(self.env._("Start the scenario first."))
        self.env["nurture.enrolment"]._check_user()
        self.lead_ids.check_access("read")
        # sudo: enrolments are written by the engine alone; the leads pass the owner's rights there
        scenario = self.scenario_id.sudo()
        self.env["nurture.change"].sudo()._ensure_identified(self.lead_ids)  # sudo: as above
        entered = scenario._enrol_leads(self.lead_ids, self.anew)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if entered else "warning",
                "message": self._result_text(len(entered)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _result_text(self, entered):
        left_out = self.lead_count - entered
        text = self.env._("%(count)s entered “%(scenario)s”.", count=entered,
                          scenario=self.scenario_id.name)
        if left_out:
            text += " " + self.env._(
                "%s did not: they are inside, were here before, opted out, do not match the "
                "conditions, or belong to the same person.",
                left_out,
            )
        return text
