from odoo import fields, models


class ResCompany(models.Model):
    """When reports are prepared, and when people are reminded of them."""

    _inherit = "res.company"

    sales_report_hour = fields.Float(
        "Report Prepared At", default=17.0,
        help="Hour of the day, in each person's own time zone, from which the day's report is "
        "ready to be completed.",
        groups="base.group_user", prefetch="sales_automation")
    sales_report_reminder = fields.Boolean(
        "Remind of Reports", default=True,
        help="Whoever has not submitted his report by the reminder hour is reminded, once.",
        groups="base.group_user", prefetch="sales_automation")
    sales_report_reminder_hour = fields.Float(
        "Reminder At", default=18.0, help="Hour of the day, in each person's own time zone.",
        groups="base.group_user", prefetch="sales_automation")

    _sales_report_hour_of_day = models.Constraint(
        "CHECK(sales_report_hour >= 0 AND sales_report_hour < 24)",
        "The hour at which reports are prepared lies between 00:00 and 23:59.")
    _sales_report_reminder_after = models.Constraint(
        "CHECK(sales_report_reminder_hour >= sales_report_hour"
        " AND sales_report_reminder_hour < 24)",
        "People are reminded after their report was prepared, and before midnight.")
