from odoo import api, fields, models


class SalesSnooze(models.TransientModel):
    """One row per time somebody is asked until when, and why, deals may stay quiet."""

    _name = "sales.snooze"
    _description = "Keep Quiet Until"

    lead_ids = fields.Many2many("crm.lead", string="Opportunities", required=True)
    until = fields.Date(
        required=True, help="Up to this day the deals are not called stale.")
    note = fields.Char(
        "Reason", required=True, help="What the customer said, e.g. \"call me in March\".")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        ids = self.env.context.get("default_lead_ids") or self.env.context.get("active_ids")
        if "lead_ids" in fields_list and ids:
            leads = self.env["crm.lead"].browse(ids)
            values["lead_ids"] = [fields.Command.set(leads.ids)]
            if len(leads) == 1:
                values.setdefault("until", leads._suggest_snooze())
        return values

    def action_apply(self):
        self.lead_ids._snooze(self.until, self.note)
        return {"type": "ir.actions.act_window_close"}
