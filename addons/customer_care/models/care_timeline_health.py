from odoo import api, models


class CareTimeline(models.AbstractModel):
    _inherit = "care.timeline"

    @api.model
    def _timeline_sources(self):
        return super()._timeline_sources() | {
            "health": {"label": self.env._("Health set by hand"), "icon": "fa-heartbeat",
                       "model": "care.health.override", "sequence": 90},
        }

    def _timeline_health(self, customer, offset, limit):
        words = self.env["care.health.override"].search(
            [("partner_id", "=", customer.partner_id.id),
             ("company_id", "=", customer.company_id.id)],
            order="id desc", offset=offset, limit=limit)
        return [{
            "at": word.create_date,
            "title": self.env._("%(who)s set health to %(score)s",
                                who=word.user_id.name, score=word.score),
            "detail": word.reason,
            "tone": "warning" if word.score < customer.company_id.care_health_risk else "info",
            "model": word._name, "res_id": word.id,
        } for word in words]
