from odoo import api, fields, models
from odoo.tools import SQL

from .nurture_enrolment import OPEN_STATES


class NurtureEnrolment(models.Model):
    """Journeys that end before their last step: the goal is reached, a rule says so, the person is
    left out from now on, or the lead is not what it was."""

    _inherit = "nurture.enrolment"

    goal_at = fields.Datetime("Goal reached", readonly=True)
    goal_rule_id = fields.Many2one(
        "nurture.scenario.rule", "Goal", readonly=True, ondelete="set null"
    )
    goal_value = fields.Monetary("Worth", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    exit_note = fields.Char(
        "Which one", readonly=True, help="The goal, the exit rule or the segment, in words."
    )

    @api.model
    def _exit_reasons(self):
        _ = self.env._
        return {
            **super()._exit_reasons(),
            "goal": _("Reached the goal"),
            "rule": _("Met an exit rule"),
            "suppressed": _("Came into a segment that is left out"),
            "archived": _("The lead was archived"),
            "company": _("The lead went to another company"),
        }

    # ------------------------------------------------------------
    # BEFORE EVERY BATCH
    # ------------------------------------------------------------

    def _leave_early(self, now):
        """The goal goes before everything else: won by it is not lost by another reason."""
        rules = self.env["nurture.scenario"]._rules_of(self.scenario_id)
        left = self.browse()
        # sudo: what the scenario asks for, not a reader
        if rules or self.scenario_id.sudo().suppress_segment_ids:
            left = self._leave_by_hits(rules._find_hits(rules, self._query_among(), now), now)
        return left | super(NurtureEnrolment, self - left)._leave_early(now)

    def _exit_reasons_now(self):
        """A lead that is not worked on any more, or is another company's, is left in peace."""
        reasons = super()._exit_reasons_now()
        for enrolment in self:
            lead = enrolment.lead_id
            if enrolment in reasons or not lead:
                continue
            if lead.company_id and lead.company_id != enrolment.company_id:
                reasons[enrolment] = "company"
            elif not lead.active and lead.won_status == "pending":
                reasons[enrolment] = "archived"
        return reasons

    @api.model
    def _leave_by_hits(self, hits, now):
        """Do what the rows of `_query_hits` say. → who left"""
        goals, exits, left = [], {}, self.browse()
        for enrolment_id, rule_id, segment_id, at in hits:
            rule = self.env["nurture.scenario.rule"].browse(rule_id)
            if rule.purpose == "goal":
                goals.append((enrolment_id, rule, at))
            key = (rule, self.env["nurture.segment"].browse(segment_id))
            exits[key] = exits.get(key, self.browse()) | self.browse(enrolment_id)
        if goals:
            self.env.execute_query(self._query_note_goals(goals))
            self.invalidate_model(["goal_at", "goal_rule_id", "goal_value"], flush=False)
        for (rule, segment), group in exits.items():
            left |= group.filtered("is_open")._leave_by(rule, segment, now)
        return left

    def _leave_by(self, rule, segment, now):
        reason = "suppressed" if segment else "goal" if rule.purpose == "goal" else "rule"
        if self:
            # sudo: the name is kept for who reads the journey, whatever he may see of segments
            self._write_rows(exit_note=segment.sudo().name or rule.summary)
            self._set_ended("done" if reason == "goal" else "exited", reason, now)
        return self

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_among(self):
        return SQL("j.id = ANY(%s)", self.ids)

    @api.model
    def _query_open(self):
        return SQL("j.state = ANY(%s)", list(OPEN_STATES))

    def _query_note_goals(self, goals):
        """Whoever reached a goal keeps when, which one, and what it was worth that day."""
        return SQL(
            """UPDATE nurture_enrolment e
                  SET goal_at = x.at, goal_rule_id = x.rule_id, goal_value = x.value
                 FROM unnest(%s::int[], %s::timestamp[], %s::int[], %s::numeric[])
                      x(id, at, rule_id, value)
                WHERE e.id = x.id AND e.goal_at IS NULL
            RETURNING e.id""",
            [enrolment_id for enrolment_id, _rule, _at in goals],
            [at for _id, _rule, at in goals],
            [rule.id for _id, rule, _at in goals],
            [rule.value for _id, rule, _at in goals],
        )
