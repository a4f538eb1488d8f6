from odoo import api, fields, models


class MailComposeMessage(models.TransientModel):
    """The mail composer: whoever writes about a deal sees that a colleague is there, too."""

    _inherit = "mail.compose.message"

    sales_warning = fields.Text(
        compute="_compute_sales_warning", groups="base.group_user",
        help="Colleagues who work with the customer of this deal.")

    @api.depends("model", "res_ids", "composition_mode")
    def _compute_sales_warning(self):
        now = fields.Datetime.now()
        for composer in self:
            lead = composer._get_written_deal()
            told = lead._tell_others(lead._read_account_contacts(now), now) if lead else []
            composer.sales_warning = "\n".join(told)

    def _get_written_deal(self):
        """The deal that one mail is about, itself or by its quotation; none of many."""
        leads = self.env["crm.lead"]
        ids = self._evaluate_res_ids() if self.composition_mode == "comment" else []
        if len(ids) != 1 or not self.env.user.has_group(
                "sales_automation.group_sales_automation_user"):
            return leads
        if self.model == "sale.order":
            leads = self.env["sale.order"].browse(ids).opportunity_id
        elif self.model == "crm.lead":
            leads = leads.browse(ids)
        return leads.filtered(lambda lead: lead.has_access("read") and lead.partner_id)
