from odoo import api, models

#: Warnings of one subject; the list of alerts has the others.
MOST = 3


class CareWarning(models.AbstractModel):
    _inherit = "care.warning"

    @api.model
    def _care_warnings(self):
        return (*super()._care_warnings(), "alert")

    @api.model
    def _warning_alert(self, company, subjects):
        """Products that are offered and stand under an alert; customers who have such goods."""
        alerts = self.env["care.alert"].search([
            ("company_id", "=", company.id), ("state", "!=", "closed"),
            ("product_id", "!=", False)])
        if not alerts:
            return {}
        buyers = dict(self.env["care.alert.buyer"]._read_group(
            [("alert_id", "in", alerts.ids),
             ("partner_id", "in", [partner for partner, _products in subjects.values()])],
            ["partner_id"], ["alert_id:recordset"]))
        by_partner = {partner.id: found for partner, found in buyers.items()}
        told = {}
        for whatever, (partner, products) in subjects.items():
            offered = alerts.filtered(lambda a, ids=products: a.product_id.id in ids)
            owned = by_partner.get(partner, alerts.browse()) - offered
            lines = [self.env._("Offered here, under alert. %s", self._tell_alert(alert))
                     for alert in offered]
            lines += [self.env._("The customer has it, under alert. %s", self._tell_alert(alert))
                      for alert in owned]
            if lines:
                told[whatever] = lines[:MOST]
        return told

    def _tell_alert(self, alert) -> str:
        words = f"{alert.display_name}. {alert.reason}"
        if alert.measures:
            words += self.env._(". Measures: %s", alert.measures)
        return words
