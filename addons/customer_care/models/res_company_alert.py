from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_alert_days = fields.Integer(
        "Cluster within", default=7,
        help="Days in which complaints and defects of a product, or of one lot of it, are counted "
        "together.", groups="base.group_user", prefetch="customer_care")
    care_alert_least = fields.Integer(
        "Cluster from", default=5,
        help="Complaints and defects within these days below which nothing is a cluster, however "
        "rare they are. From here on it is one when chance alone would bring so many less than "
        "once in a thousand times, compared with the product's own 12 months before.",
        groups="base.group_user", prefetch="customer_care")
    care_alert_pause = fields.Boolean(
        "Clusters pause selling",
        help="Also an alert without a safety word pauses reminders and proposals for the product. "
        "A safety alert always begins with the pause; each can be lifted on the alert.",
        groups="base.group_user", prefetch="customer_care")
    care_alert_owner_id = fields.Many2one(
        "res.users", "Alerts go to", domain="[('share', '=', False)]",
        help="Owner of alerts on products that have no owner of their own.",
        groups="base.group_user", prefetch="customer_care")
    care_alert_user_ids = fields.Many2many(
        "res.users", "res_company_care_alert_user_rel", string="Also told",
        domain="[('share', '=', False)]",
        help="Get the mail of every product alert: production, quality, whoever buys.",
        groups="base.group_user", prefetch="customer_care")
    care_alert_purchasing = fields.Boolean(
        "Tell purchasing", default=True,
        help="All users of purchasing get the mail of every product alert, where it is installed.",
        groups="base.group_user", prefetch="customer_care")

    _care_alert_numbers = models.Constraint(
        "CHECK(care_alert_days BETWEEN 1 AND 90 AND care_alert_least >= 2)",
        "Clusters are looked for within 1 to 90 days, and from 2 complaints on.")
