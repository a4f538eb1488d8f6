from odoo import fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """The step that puts people on a segment kept by hand, or takes them off it."""

    _inherit = "nurture.node"

    list_mode = fields.Selection(
        [("add", "Put on the list"), ("remove", "Take off the list")],
        "On or off", default="add", required=True,
    )  # fmt: skip

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "list": {
                "label": self.env._("Put on or off a list"),
                "help": self.env._(
                    "Add the person to a segment kept by hand, or take them off."
                ),
                "icon": "fa-list-ul",
                "group": "action",
                "exits": ("next",),
            },
        }

    def _run_node_list(self, enrolments, now):
        segment, ids = self.segment_id, enrolments.person_id.ids
        moved = set(
            segment._add_persons(ids) if self.list_mode == "add" else segment._remove_persons(ids)
        )
        return {
            e: Outcome.go(result="done" if e.person_id.id in moved else "no change")
            for e in enrolments
        }

    def _summary_node_list(self):
        sign = "+" if self.list_mode == "add" else "−"
        return f"{sign} {self.segment_id.name}" if self.segment_id else ""

    def _problem_node_list(self):
        if self.segment_id and self.segment_id.kind != "static":
            return self.env._(
                "“%(step)s”: the segment “%(segment)s” fills itself by its conditions.",
                step=self.name,
                segment=self.segment_id.name,
            )
        return self._segment_problem()
