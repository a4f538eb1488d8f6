from odoo import api, fields, models


class CrmLead(models.Model):
    """How often, and by how many days, the expected closing date was moved to a later day.

    Core does not track the date. The moves are kept in `sales.slip`; the figures on the deal are
    their count and sum.
    """

    _inherit = "crm.lead"

    date_deadline_initial = fields.Date(
        "First Expected Closing", readonly=True, copy=False,
        help="The closing date that was expected first; later moves do not change it.",
        groups="base.group_user", prefetch="sales_automation")
    slip_count = fields.Integer(
        "Times Slipped", readonly=True, copy=False,
        help="How often the expected closing date was moved to a later day. Moves by one person "
        "within a day count once.", groups="base.group_user", prefetch="sales_automation")
    slip_days = fields.Integer(
        "Days Slipped", readonly=True, copy=False,
        help="By how many days these moves put the closing off in all.", groups="base.group_user",
        prefetch="sales_automation")
    slip_ids = fields.One2many(
        "sales.slip", "lead_id", string="Slips", readonly=True, copy=False,
        groups="base.group_user")

    def _prepare_create_values(self, vals_list):
        result = super()._prepare_create_values(vals_list)
        for vals in result:
            if vals.get("date_deadline"):
                vals["date_deadline_initial"] = vals["date_deadline"]
        return result

    def write(self, vals):
        if "date_deadline" not in vals:
            return super().write(vals)
        before = {lead.id: lead.date_deadline for lead in self}
        result = super().write(vals)
        new = fields.Date.to_date(vals["date_deadline"])
        if moved := [lead_id for lead_id, old in before.items() if new and old != new]:
            slips = self.env["sales.slip"].sudo()  # written by the system only
            slips._follow(moved, [before[lead_id] or None for lead_id in moved], new)
        return result

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"date_deadline_initial", "slip_count", "slip_days"}

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        slips = self.env["sales.slip"].sudo().search(  # they go with the lead, but do not count
            [("lead_id", "in", opportunities.ids)])
        slips.write({"lead_id": self.id, "is_merged": True})
        return result

    @api.model
    def _backfill_slips(self, lead_ids):
        """The first date that is known of existing deals; repeatable. Past moves are unknown."""
        self.env.flush_all()
        self.env.execute_query(self.env["sales.slip"]._query_first_dates(lead_ids))
        self.invalidate_model(["date_deadline_initial"], flush=False)
