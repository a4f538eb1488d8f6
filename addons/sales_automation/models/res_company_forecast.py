from odoo import fields, models

WEEKDAYS = [
    ("0", "Monday"), ("1", "Tuesday"), ("2", "Wednesday"), ("3", "Thursday"), ("4", "Friday"),
    ("5", "Saturday"), ("6", "Sunday")]


class ResCompany(models.Model):
    """How a company plans its sales, and when it takes stock."""

    _inherit = "res.company"

    sales_forecast_period = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter")], "Forecast Period", default="month",
        required=True, help="The period that the forecast opens with; the other one is a click "
        "away.", groups="base.group_user", prefetch="sales_automation")
    sales_snapshot_weekday = fields.Selection(
        WEEKDAYS, "Snapshot Day", default="0", required=True,
        help="On this day of each week the forecast is kept as it stands. Next week it shows what "
        "changed, and later how right it was. If the server was off that day, the next day "
        "on which it runs.",
        groups="base.group_user", prefetch="sales_automation")
    sales_rate_policy = fields.Selection(
        [("change", "The day the amount was last changed"), ("day", "Today's, each night"),
         ("month", "The first of the month, all month long")],
        "Rate of Foreign Deals", default="change", required=True,
        help="At which rate open deals in another currency are added up. A won deal keeps the "
        "rate of the day on which it was won (with monthly rates: of that month).",
        groups="base.group_user", prefetch="sales_automation")
    sales_snapshot_failure = fields.Char(
        "Snapshot Failed", readonly=True,
        groups="base.group_user", prefetch="sales_automation")
