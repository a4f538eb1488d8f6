from odoo import fields, models


class SalesDailyReport(models.Model):
    """What customers said that day."""

    _inherit = "sales.daily.report"

    voice_ids = fields.One2many(
        "sales.voice", "report_id", string="Customers Said", readonly=True)

    def action_add_voice(self):
        """Open the quick dialog; what is kept there belongs to this day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_voice_action_quick")
        return {**action, "context": {
            "default_report_id": self.id, "default_heard_on": fields.Date.to_string(self.date)}}
