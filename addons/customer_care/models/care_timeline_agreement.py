from odoo import models
from odoo.tools import format_amount


class CareTimeline(models.AbstractModel):
    _inherit = "care.timeline"

    def _timeline_sources(self):
        return super()._timeline_sources() | {
            "agreements": {"label": self.env._("Agreements"), "icon": "fa-handshake-o",
                           "model": "care.agreement", "sequence": 25},
        }

    def _timeline_agreements(self, customer, offset, limit):
        agreements = self.env["care.agreement"].search(
            [("commercial_partner_id", "=", customer.partner_id.id),
             ("company_id", "=", customer.company_id.id),
             ("state", "not in", ("draft", "cancelled"))],
            order="date_start desc, id desc", offset=offset, limit=limit)
        return [{
            "at": agreement.date_start,
            "title": self.env._("%(type)s %(name)s begins", type=agreement.type_id.name,
                                name=agreement.name),
            "detail": agreement.situation,
            "amount": self.env._("%s per month", format_amount(
                self.env, agreement.monthly_company, agreement.company_currency_id)),
            "tone": "danger" if agreement.state == "ended" else "",
            "model": "care.agreement", "res_id": agreement.id,
        } for agreement in agreements]
