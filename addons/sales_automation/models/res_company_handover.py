from odoo import fields, models


class ResCompany(models.Model):
    """Company settings of leavers."""

    _inherit = "res.company"

    sales_leaver_policy = fields.Selection(
        [("ask", "Ask who takes the work over"),
         ("leader", "Give it to the team leaders"),
         ("block", "Refuse until it is handed over")],
        "When a User Is Archived", default="ask", required=True,
        help="What happens to deals, activities, meetings and quotations of a user who is "
        "archived. Asking is possible on the screen only: by import or by another program, the "
        "work goes to the team leaders.",
        groups="base.group_user", prefetch="sales_automation")
    sales_leaver_fallback_id = fields.Many2one(
        "res.users", "Without a Team Leader", domain="[('share', '=', False)]",
        help="Takes over what belongs to no team, or to a team without a leader. Empty: whoever "
        "archives the user, else a sales manager.",
        groups="base.group_user", prefetch="sales_automation")
    sales_leaver_orders = fields.Boolean(
        "Hand Over Confirmed Orders",
        help="Confirmed orders that are not fully invoiced go over with the rest, also when a "
        "user is archived by import or by another program. Otherwise they stay with the person "
        "who left.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handover_undo_days = fields.Integer(
        "Take Back Within", default=30,
        help="Days within which a handover can be taken back with one click.",
        groups="base.group_user", prefetch="sales_automation")

    _sales_handover_undo_days_positive = models.Constraint(
        "CHECK(sales_handover_undo_days >= 0)",
        "The number of days to take a handover back cannot be negative.")
