from odoo import api, fields, models


class NurtureBacktestSuggestion(models.Model):
    """One row: what history says one property of a lead is worth, as a rule that may be accepted.

    Written by the run; only the tick is the reader's.
    """

    _name = "nurture.backtest.suggestion"
    _description = "Suggested score rule"
    _order = "backtest_id, accepted desc, points desc, iv desc, id"

    backtest_id = fields.Many2one(
        "nurture.backtest", "Backtest", required=True, readonly=True, index=True,
        ondelete="cascade",
    )  # fmt: skip
    company_id = fields.Many2one(related="backtest_id.company_id", store=True)
    accepted = fields.Boolean("Take")
    name = fields.Char("When", required=True, readonly=True)
    source = fields.Selection(
        [("lead", "Lead"), ("partner", "Contact"), ("event", "Event")], required=True,
        readonly=True,
    )  # fmt: skip
    domain = fields.Char(readonly=True)
    event_kind = fields.Char(readonly=True)
    count_by = fields.Char(readonly=True)
    min_count = fields.Integer(readonly=True)
    won = fields.Integer(readonly=True)
    lost = fields.Integer(readonly=True)
    win_rate = fields.Float(
        compute="_compute_win_rate", help="Won of all closed leads that have it."
    )
    woe = fields.Float(
        "Evidence", digits=(16, 2), readonly=True,
        help="Weight of evidence (WOE): above 0 it is more frequent among won leads, below 0 "
        "among lost.",
    )  # fmt: skip
    iv = fields.Float(
        "Information", digits=(16, 2), readonly=True,
        help="Information value (IV) of the whole field: under 0.02 it tells nothing, from 0.1 "
        "some, from 0.3 much. Above 1 it is probably filled in after the outcome.",
    )  # fmt: skip
    points = fields.Integer(readonly=True, help="On a scale on which the best lead has 100.")
    warning = fields.Selection(
        [("no_effect", "No effect"), ("too_good", "Is this filled in after the outcome?"),
         ("overlap", "Others say the same")],
        "Note", readonly=True,
    )  # fmt: skip

    @api.depends("won", "lost")
    def _compute_win_rate(self):
        for suggestion in self:
            closed = suggestion.won + suggestion.lost
            suggestion.win_rate = suggestion.won / closed if closed else 0.0

    def _prepare_rule_vals(self):
        """The rule that the suggestion is, without its group."""
        self.ensure_one()
        vals = {"name": self.name, "points": self.points, "source": self.source}
        if self.source != "event":
            return {**vals, "domain": self.domain}
        return {
            **vals,
            "event_kind": self.event_kind,
            "count_by": self.count_by,
            "min_count": self.min_count,
            "max_count": 1,
        }
