from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# leads are looked at as a whole, so not every minute
EVERY = timedelta(minutes=5)
WHAT = ("trigger_kind", "trigger_after_domain", "trigger_points", "trigger_direction")


class NurtureScenario(models.Model):
    """Lets people in when something begins to hold, or ceases to, that did not before: conditions
    on the fields of a lead, or a number of points of its score. What holds at the start is no
    occasion."""

    _inherit = "nurture.scenario"

    trigger_after_domain = fields.Char(
        "The lead becomes",
        default="[]",
        help="People enter when their lead begins to match these conditions and did not before: "
        "a stage, a tag, a salesperson, any field. Looked at every five minutes.",
    )
    trigger_points = fields.Integer("Points", default=50, help="Of the score that is shown.")
    trigger_direction = fields.Selection(
        [("up", "rises to"), ("down", "falls below")], "The score", default="up"
    )
    holding_filled = fields.Boolean(readonly=True, copy=False)

    @api.model
    def _trigger_kinds(self):
        return {
            **super()._trigger_kinds(),
            "change": self.env._("A lead changes: its stage, a tag, any field"),
            "score": self.env._("The score passes a number of points"),
        }

    @api.constrains("trigger_after_domain")
    def _check_trigger_after_domain(self):
        for scenario in self:
            scenario._validate_lead_domain(scenario.trigger_after_domain)

    def write(self, vals):
        """Asked for something else, it looks at everybody anew, and in silence."""
        result = super().write(vals)
        if any(name in vals for name in WHAT):
            self.env["nurture.holding"].sudo()._forget(self)  # sudo: rows of the engine
            super().write({"holding_filled": False, "full_pass_at": False})
        return result

    def _reason_trigger_change(self):
        if self._parse_lead_domain(self.trigger_after_domain).is_true():
            return self.env._("It does not say what leads must become so that people enter.")
        return False

    def _full_pass_every(self):
        return EVERY if self.trigger_kind in ("change", "score") else super()._full_pass_every()

    def _look_trigger_change(self, now):
        self._look_at_holding(self._query_holding_change(), now)

    def _look_trigger_score(self, now):
        self._look_at_holding(self._query_holding_score(), now)

    def _look_at_holding(self, leads, now):
        self.env["nurture.holding"]._look(self, leads, now, silent=not self.holding_filled)
        if not self.holding_filled:
            self._write_marks({"holding_filled": True})

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_holding_change(self):
        return self._query_leads(
            self._domain_at_work() & self._parse_lead_domain(self.trigger_after_domain)
        )

    def _query_holding_score(self):
        """Leads of people with so many points, whichever way they must go."""
        # indexes nurture_score_top_idx, nurture_identity__person_id_index
        return SQL(
            """SELECT i.res_id AS lead_id
                 FROM (%s) score(res_id, score_id, total, band, grade, person_id)
                 JOIN nurture_identity i ON i.kind = 'lead' AND i.person_id = score.person_id
                WHERE score.total >= %s""",
            self.env["nurture.person"]._query_nurture_scores(),
            self.trigger_points,
        )

    def _query_leads(self, domain):
        """Rows (lead_id) of the leads that the owner may see and that match."""
        owner = self._as_owner()
        query = owner.env["crm.lead"]._search(
            Domain("company_id", "in", [False, self.company_id.id]) & domain
        )
        return query.select(SQL("crm_lead.id AS lead_id"))

    def _query_candidates_change(self, full, now):
        return self._query_candidates_moved("began_at", SQL("move.ended_at IS NULL"), now)

    def _query_candidates_score(self, full, now):
        if self.trigger_direction == "down":
            return self._query_candidates_moved("ended_at", SQL("TRUE"), now)
        return self._query_candidates_moved("began_at", SQL("move.ended_at IS NULL"), now)

    def _query_candidates_moved(self, moment, still, now):
        """Leads that began, or ceased, to fulfil it lately."""
        # indexes nurture_holding_began_idx, nurture_holding_ended_idx
        return self._query_candidates(
            self._domain_at_work(),
            occasion=SQL.identifier("move", moment),
            joins=SQL(
                """JOIN nurture_holding move
                     ON move.lead_id = crm_lead.id AND move.scenario_id = %s
                    AND %s >= %s AND %s""",
                self.id,
                SQL.identifier("move", moment),
                self._memory_since(now),
                still,
            ),
        )
