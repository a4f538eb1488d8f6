from odoo import fields, models


class NurtureNode(models.Model):
    """A branch may ask whether the person is in a segment."""

    _inherit = "nurture.node"

    condition = fields.Selection(
        selection_add=[("segment", "The person is in a segment")], ondelete={"segment": "set null"}
    )
    segment_id = fields.Many2one(
        "nurture.segment", "Segment", ondelete="restrict", index="btree_not_null",
        domain="[('company_id', 'in', [False, company_id]), ('state', '!=', 'draft')]",
    )  # fmt: skip

    def _branch_on_segment(self, enrolments, now):
        inside = self.segment_id._holding(enrolments.person_id.ids)
        return enrolments.filtered(lambda e: e.person_id.id in inside)

    def _branch_text_segment(self):
        return self.env._("Is the person in “%s”?", self.segment_id.name or "")

    def _branch_problem_segment(self):
        return self._segment_problem()

    def _segment_problem(self):
        """A sentence why the segment of this step cannot be used, or False."""
        if not self.segment_id:
            return self.env._("“%s” does not say which segment.", self.name)
        if self.segment_id.company_id not in (self.company_id, self.env["res.company"]):
            return self.env._("“%s” asks for a segment of another company.", self.name)
        return False
