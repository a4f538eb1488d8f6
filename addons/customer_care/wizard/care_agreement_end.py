from odoo import api, fields, models
from odoo.addons.customer_care.models.moments import tell_day


class CareAgreementEnd(models.TransientModel):
    """One question: on which day does this agreement end, and why?"""

    _name = "care.agreement.end"
    _description = "End an agreement"

    agreement_id = fields.Many2one("care.agreement", required=True, ondelete="cascade")
    last_day = fields.Date(
        required=True, compute="_compute_last_day", store=True, readonly=False, precompute=True,
        help="The last day on which it holds. A day to come is a notice: it runs until then.")
    reason_id = fields.Many2one("care.agreement.reason", "Reason", required=True)
    consequence = fields.Char(compute="_compute_consequence")

    @api.depends("agreement_id")
    def _compute_last_day(self):
        """Today, or the day on which it ended already: nobody is given days by being late."""
        for wizard in self:
            agreement = wizard.agreement_id
            today = agreement.company_id._care_today() if agreement else False
            wizard.last_day = min(filter(None, (today, agreement.date_end)), default=False)

    @api.depends("last_day", "agreement_id")
    def _compute_consequence(self):
        for wizard in self:
            day = tell_day(self.env, wizard.last_day)
            texts = {
                "withdraw": self.env._("It has not begun by then: it is withdrawn and counts "
                                       "nowhere."),
                "notice": self.env._("Notice: it runs until %s and is not renewed.", day),
                "end": self.env._("It is lost as of %s.", day),
            }
            wizard.consequence = texts[wizard._meaning()]

    def _meaning(self) -> str:
        agreement = self.agreement_id
        if not self.last_day or self.last_day < agreement.date_start:
            return "withdraw"
        if self.last_day >= agreement.company_id._care_today():
            return "notice"
        return "end"

    def action_end(self):
        """Withdraw, give notice or end, as the day says."""
        self.ensure_one()
        agreement, meaning = self.agreement_id, self._meaning()
        agreement.check_access("write")
        if meaning == "withdraw":
            agreement._set_cancelled(self.reason_id)
        elif meaning == "notice":
            agreement.write({
                "date_end": self.last_day, "renewal": "none", "end_reason_id": self.reason_id.id})
        else:
            agreement._set_ended(self.last_day, self.reason_id)
        return {"type": "ir.actions.act_window_close"}
