from odoo import fields, models


class NurtureNode(models.Model):
    """How many people passed a step and how many stand there, over all versions of it."""

    _inherit = "nurture.node"

    passed_count = fields.Integer("Passed", compute="_compute_people")
    standing_count = fields.Integer("Here now", compute="_compute_people")

    def _compute_people(self):
        for scenario, nodes in self.grouped("scenario_id").items():
            passed, standing = nodes._count_people() if scenario else ({}, {})
            for node in nodes:
                node.passed_count = passed.get(node.uid, 0)
                node.standing_count = standing.get(node.uid, 0)

    def _count_people(self):
        """({uid: people who went on from here}, {uid: people who stand here}), by step key, so
        that the numbers of a step run on from version to version."""
        numbers = self.env["nurture.node.stat"]._numbers(self.scenario_id) if self else {}
        return (
            {uid: row["passed"] for uid, row in numbers.items()},
            {uid: row["waiting"] for uid, row in numbers.items()},
        )
