from odoo import fields, models


class ResCompany(models.Model):
    """Settings of the daily discipline: next steps, stale deals, reminders, health."""

    _inherit = "res.company"

    sales_next_action = fields.Boolean(
        "Ask for a Next Step", default=True,
        help="An open deal without a planned activity or meeting is marked on the deal and in "
        "the pipeline and listed under \"No Next Step\". Single stages can be left out.",
        groups="base.group_user", prefetch=True)
    sales_nudge = fields.Selection(
        [("off", "Never"), ("weekly", "Once a week"), ("daily", "Every working day")],
        "Remind Salespeople", default="weekly", required=True,
        help="One message to each salesperson with all his deals that have no next step or went "
        "stale, on working days of his schedule. Never more than one a day.",
        groups="base.group_user", prefetch="sales_automation")
    sales_stale_contact_days = fields.Integer(
        "Stale After Days Without Contact", default=21,
        help="Days without contact with the customer after which a deal is stale. A stage may "
        "have its own number. 0: contact is not looked at.",
        groups="base.group_user", prefetch="sales_automation")
    sales_stale_stage_age = fields.Boolean(
        "Compare the Stage Age With Won Deals", default=True,
        help="A deal that stays longer in its stage than three of four won deals did is worth a "
        "look. With fewer than 8 won deals the stage's own \"days to rot\" count.",
        groups="base.group_user", prefetch="sales_automation")
    sales_stale_deadline = fields.Boolean(
        "Look at Closing Dates That Have Passed", default=True,
        help="An open deal whose expected closing date has passed is worth a look.",
        groups="base.group_user", prefetch="sales_automation")
    sales_stale_slips = fields.Integer(
        "Slipped Closing Dates", default=2,
        help="A deal whose closing date was put off at least so often is worth a look. 0: slips "
        "are not looked at.",
        groups="base.group_user", prefetch="sales_automation")
    sales_stale_escalation_days = fields.Integer(
        "Tell the Team Leader After Days", default=7,
        help="When a deal is still stale so many days after its salesperson was reminded, the "
        "team leader is told, once per deal and stage. 0: the leader is never told.",
        groups="base.group_user", prefetch="sales_automation")
    sales_health_watch = fields.Integer(
        "Watch at Points", default=-15,
        help="At this sum of points or below a deal's health is \"watch\".",
        groups="base.group_user", prefetch="sales_automation")
    sales_health_risk = fields.Integer(
        "At Risk at Points", default=-40,
        help="At this sum of points or below a deal is \"at risk\".",
        groups="base.group_user", prefetch="sales_automation")

    _sales_discipline_days_positive = models.Constraint(
        "CHECK(sales_stale_contact_days >= 0 AND sales_stale_slips >= 0 "
        "AND sales_stale_escalation_days >= 0)",
        "Days and numbers of slips cannot be negative.")
    _sales_health_order = models.Constraint(
        "CHECK(sales_health_risk < sales_health_watch AND sales_health_watch <= 0)",
        "\"At risk\" must lie below \"watch\", and \"watch\" at zero points or below.")
