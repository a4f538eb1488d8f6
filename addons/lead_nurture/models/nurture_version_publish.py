from uuid import uuid4

from odoo import fields, models


class NurtureScenarioVersion(models.Model):
    """Publishing, and what of a version one sees later."""

    _inherit = "nurture.scenario.version"

    open_count = fields.Integer("Here now", compute="_compute_numbers")
    in_count = fields.Integer(
        "Entered", compute="_compute_numbers", help="People who began at the first step."
    )
    finished_count = fields.Integer("Finished", compute="_compute_numbers")
    goal_count = fields.Integer("Reached the goal", compute="_compute_numbers")
    left_early_count = fields.Integer("Left early", compute="_compute_numbers")
    mail_count = fields.Integer("Mails", compute="_compute_numbers")
    note = fields.Char("What it means", compute="_compute_numbers")

    def _compute_numbers(self):
        stat = self.env["nurture.node.stat"]
        for version in self:
            numbers = stat._numbers(version.scenario_id, version) if version.scenario_id else {}
            start = numbers.get(version._start_node().uid, {})
            version.open_count = sum(row["waiting"] for row in numbers.values())
            version.in_count = start.get("in", 0)
            version.finished_count = sum(row["ends"].get("finished", 0) for row in numbers.values())
            version.goal_count = sum(row["goal"] for row in numbers.values())
            version.left_early_count = sum(row["left"] for row in numbers.values())
            version.mail_count = sum(row["mail"] for row in numbers.values())
            version.note = version._note_text()

    def _note_text(self):
        if self.state == "draft":
            return self.env._("Nobody travels it before it is published.")
        if self.state == "published":
            return self.env._("Who enters now travels this version.")
        if self.open_count:
            return self.env._("Some people still finish their journey on it.")
        return self.env._("Nobody travels it any more. It is kept for its numbers.")

    def _set_published(self):
        self._split_changed_kinds()
        return super()._set_published()

    def _split_changed_kinds(self):
        """A step that became another kind of step is another step: what people did at the old one
        says nothing about it."""
        published = self.scenario_id.version_id - self
        kinds = {node.uid: node.kind for node in published.node_ids}
        for node in self.node_ids:
            if kinds.get(node.uid, node.kind) != node.kind:
                node.uid = uuid4().hex[:12]

    def action_bring_over(self):
        """Decide about the people who still travel this older version."""
        self.ensure_one()
        return self.env["nurture.publish"]._open(self, self.scenario_id.version_id)

    def action_compare(self):
        """This version beside the one before it, or beside the published one."""
        self.ensure_one()
        return self.env["nurture.version.compare"]._open(self)

    def action_view_people(self):
        self.ensure_one()
        action = self.scenario_id.action_view_enrolments()
        return {**action, "domain": [("version_id", "=", self.id), ("is_open", "=", True)]}
