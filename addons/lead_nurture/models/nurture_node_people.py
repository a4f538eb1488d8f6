from odoo import fields, models


class NurtureNode(models.Model):
    """How many people passed a step and how many stand there, over all versions of it."""

    _inherit = "nurture.node"

    passed_count = fields.Integer("Passed", compute="_compute_people")
    standing_count = fields.Integer("Here now", compute="_compute_people")

    def _compute_people(self):
        passed, standing = self._count_people()
        for node in self:
            node.passed_count = passed.get(node.uid, 0)
            node.standing_count = standing.get(node.uid, 0)

    def _count_people(self):
        """({uid: people who went on from here}, {uid: people who stand here}), by step key, so
        that the numbers of a step run on from version to version."""
        scope = [("scenario_id", "in", self.scenario_id.ids)]
        passed = self.env["nurture.step.log"]._read_group(
            [*scope, ("label", "!=", False)], ["node_uid"], ["__count"]
        )
        standing = self.env["nurture.enrolment"]._read_group(
            [*scope, ("is_open", "=", True)], ["node_id"], ["__count"]
        )
        by_uid = {}
        for node, number in standing:
            by_uid[node.uid] = by_uid.get(node.uid, 0) + number
        return dict(passed), by_uid
