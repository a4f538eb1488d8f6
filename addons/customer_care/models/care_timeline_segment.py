from odoo import api, models


class CareTimeline(models.AbstractModel):
    _inherit = "care.timeline"

    @api.model
    def _timeline_sources(self):
        return super()._timeline_sources() | {
            "segments": {"label": self.env._("Segment"), "icon": "fa-th",
                         "model": "care.segment.move", "sequence": 85},
        }

    def _timeline_segments(self, customer, offset, limit):
        moves = self.env["care.segment.move"].search(
            [("partner_id", "=", customer.partner_id.id),
             ("company_id", "=", customer.company_id.id)],
            order="moved_on desc, id desc", offset=offset, limit=limit)
        nothing = self.env._("no segment")
        return [{
            "at": move.moved_on,
            "title": self.env._(
                "RFM segment from %(before)s to %(after)s",
                before=move.from_segment_id.name or nothing,
                after=move.to_segment_id.name or nothing),
            "detail": self.env._("By new borders or another map, not by himself.")
            if move.why == "rules" else "",
        } for move in moves]
