from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.addons.customer_care.engine import cluster

from .care_voice import COUNTED
from .figures import tell_figure


class ProductTemplate(models.Model):
    _inherit = "product.template"

    care_owner_id = fields.Many2one(
        "res.users", "Answers for the product", domain="[('share', '=', False)]",
        groups="base.group_user",
        help="Gets the alert when customers say that it is dangerous, or complain of it more often "
        "than usual. Empty: the person of the settings.")
    care_voice_count = fields.Integer(compute="_compute_care_voice", groups="base.group_user")
    care_voice_rate = fields.Char(
        "Complaints per 1,000", compute="_compute_care_voice", groups="base.group_user",
        help="Complaints and defects of the month under way and the 11 before it / units sold in "
        "these months and not returned × 1,000, in the current company. n/a under 30 units: one "
        "complaint alone would decide it.")
    care_alert_count = fields.Integer(compute="_compute_care_voice", groups="base.group_user")

    @api.depends_context("company", "lang")
    def _compute_care_voice(self):
        company = self.env.company
        today = company._care_today()
        # units are known by whole months: complaints are counted over the same ones
        since = today.replace(day=1) + relativedelta(months=-11, days=-1)
        voices, products = self.env["care.voice"], self.product_variant_ids
        here = [("company_id", "=", company.id), ("product_tmpl_id", "in", self.ids)]
        # How many there are is no secret; what was said is.
        rows = voices.sudo()._read_group(
            [*here, ("said_on", ">", since)], ["product_tmpl_id", "kind"], ["__count"])
        alerts = dict(self.env["care.alert"].sudo()._read_group(  # their number, as above
            [("company_id", "=", company.id), ("product_id", "in", products.ids),
             ("state", "!=", "closed")], ["product_id"], ["__count"]))
        # Units are summed over customers: nothing of a single one is told.
        sold = self.env["care.product.month"].sudo()._sold(company, products, since, today)
        for template in self:
            own = [(kind, count) for tmpl, kind, count in rows if tmpl == template]
            template.care_voice_rate = self._tell_voice_rate(
                sum(count for kind, count in own if kind in COUNTED),
                sum(sold.get(variant.id, 0) for variant in template.product_variant_ids))
            template.care_voice_count = sum(count for _kind, count in own)
            template.care_alert_count = sum(
                alerts.get(variant, 0) for variant in template.product_variant_ids)

    def _tell_voice_rate(self, count, sold):
        rate = cluster.comparable_rate(count, sold)
        if rate is not None:
            return self.env._("%s per 1,000", tell_figure(self.env, rate, 1))
        if sold > 0:
            return self.env._("n/a: too few sold (%s)", f"{sold:g}")
        return self.env._("n/a per 1,000")

    def action_open_care_voices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_voice_action")
        return {
            **action, "domain": [("product_tmpl_id", "=", self.id)],
            "context": {"default_product_id": self.product_variant_id.id}}

    def action_open_care_alerts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_alert_action")
        return {**action, "domain": [("product_id.product_tmpl_id", "=", self.id)], "context": {}}

    def action_open_care_trend(self):
        """Complaints per 1,000 sold, month by month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_voice_report_action")
        return {
            **action, "name": self.env._("Complaints per 1,000 sold: %s", self.display_name),
            "views": [(False, "graph"), (False, "pivot"), (False, "list")],
            "domain": [("product_tmpl_id", "=", self.id)],
            "context": {"search_default_year": 1}}

    def action_hear_voice(self):
        """The quick dialog, about this product."""
        return self.env["care.voice"]._open_quick(
            default_product_id=self.product_variant_id.id)


class ProductProduct(models.Model):
    _inherit = "product.product"

    def action_open_care_voices(self):
        return self.product_tmpl_id.action_open_care_voices()

    def action_open_care_alerts(self):
        return self.product_tmpl_id.action_open_care_alerts()

    def action_hear_voice(self):
        return self.env["care.voice"]._open_quick(default_product_id=self.id)
