from datetime import timedelta

import psycopg2
from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.scope import Scope
from odoo.exceptions import UserError

GROWTH_DAYS = 90


class NurtureSegment(models.Model):
    """Why somebody is in it, by the statement that put him there; and how it grew."""

    _inherit = "nurture.segment"

    growth = fields.Json(compute="_compute_growth")

    # ------------------------------------------------------------
    # WHY
    # ------------------------------------------------------------

    def _explain_person(self, person):
        """The answer to each condition at this moment, and what it rests on."""
        self.ensure_one()
        told = {"kind": self.kind, "match": self.match, "error": False, "rows": []}
        if self.kind == "static" or not self.condition_ids:
            return told
        self.env.flush_all()
        scope = Scope.of_ids(person.ids, fields.Datetime.now())
        try:
            with self.env.cr.savepoint():
                answers = self.env.execute_query_dict(self._query_told(scope))
        except CONFLICTS:
            raise  # not the fault of the segment: the request is repeated
        except (UserError, ValueError, KeyError) as error:
            return {**told, "error": str(error)}
        except psycopg2.Error:
            error = self.env._("Its conditions cannot be calculated at this moment.")
            return {**told, "error": self.error or error}
        return {
            **told,
            "outside": not answers,  # archived, or of another company
            "rows": [
                condition._prepare_reason(person, answers[0])
                for condition in self.condition_ids
                if answers
            ],
        }

    # ------------------------------------------------------------
    # GROWTH
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_growth(self):
        for segment in self:
            segment.growth = segment._prepare_growth() if segment.id else False

    def _prepare_growth(self):
        """Day by day, oldest first: who came, who went, and how many were inside in the evening."""
        today = fields.Datetime.context_timestamp(
            self.with_context(tz=self.tz), fields.Datetime.now()
        ).date()
        entered, left = self._count_by_day("entered_at"), self._count_by_day("left_at")
        inside, days = self.member_count, []
        for back in range(GROWTH_DAYS):
            day = today - timedelta(days=back)
            came, went = entered.get(day, 0), left.get(day, 0)
            days.append({"day": day.isoformat(), "inside": inside, "in": came, "out": went})
            inside -= came - went
        while len(days) > 1 and not (days[-1]["inside"] or days[-1]["in"] or days[-1]["out"]):
            days.pop()  # the time before it began
        return {"days": days[::-1]}

    def _count_by_day(self, name):
        since = fields.Datetime.now() - timedelta(days=GROWTH_DAYS + 1)
        rows = self.env["nurture.segment.member"].with_context(tz=self.tz)._read_group(
            [("segment_id", "=", self.id), (name, ">=", since)], [f"{name}:day"], ["__count"]
        )
        return {day.date(): count for day, count in rows}
