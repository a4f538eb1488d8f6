from odoo import api, fields, models


class NurturePerson(models.Model):
    """A person tells his segments, those of now and those he left."""

    _inherit = "nurture.person"

    segment_stay_ids = fields.One2many("nurture.segment.member", "person_id", "Stays in segments")
    segment_count = fields.Integer("Number of segments", compute="_compute_segment_count")

    @api.depends("segment_stay_ids.left_at")
    def _compute_segment_count(self):
        for person in self:
            person.segment_count = len(person.nurture_segment_ids)

    def action_open_segments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_segment_member_action"
        )
        return {
            **action,
            "display_name": self.env._("Segments of %s", self.name),
            "domain": [("person_id", "=", self.id)],
            "context": {"search_default_inside": 1},
        }
