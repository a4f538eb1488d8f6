from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import split as engine
from odoo.tools import formatLang


class NurtureNodeCase(models.Model):
    """What each path of a split has brought so far."""

    _inherit = "nurture.node.case"

    people_count = fields.Integer(
        "People", compute="_compute_numbers",
        help="Went this way since measuring began and had their time to answer.",
    )  # fmt: skip
    win_count = fields.Integer("Answers", compute="_compute_numbers")
    rate_text = fields.Char(
        "Rate", compute="_compute_numbers",
        help="Answers of a hundred people, with the range in which the true rate lies in 95 of "
        "100 cases. Empty under 30 people.",
    )  # fmt: skip
    is_winner = fields.Boolean("Winner", compute="_compute_numbers")

    @api.depends("node_id.split_measure")
    def _compute_numbers(self):
        now = fields.Datetime.now()
        for node, cases in self.grouped("node_id").items():
            node = node._origin
            row = self.env["nurture.split"]._of(node) if node.kind == "split" else False
            arms = node._split_arms(row.since, now) if row else []
            by_label = {arm.label: arm for arm in arms}
            for case in cases:
                arm = by_label.get(case.label) or engine.Arm(case.label, 0, 0)
                case.people_count, case.win_count = arm.people, arm.wins
                case.rate_text = self._rate_text(arm)
                case.is_winner = bool(row) and row.winner_label == case.label

    def _rate_text(self, arm):
        if arm.people < engine.MIN_PEOPLE:
            return ""
        low, high = engine.interval(arm)
        rate, low, high = (
            formatLang(self.env, 100 * share, digits=1) for share in (arm.rate, low, high))
        return f"{rate}% ({low}% – {high}%)"
