from odoo import api, fields, models
from odoo.addons.sales_automation.engine import health
from odoo.fields import Domain
from odoo.tools import SQL

from .moments import tell_days

# A deal younger than this with no contact yet gives nothing to judge.
TOO_YOUNG_DAYS = 3
LEVELS = [("good", "Good"), ("watch", "Watch"), ("risk", "At Risk")]
COMPARE = {health.OVER: SQL(">"), health.FROM: SQL(">="), health.WITHIN: SQL("<=")}


class CrmLead(models.Model):
    """How an open deal does, with the reasons; never a bare number.

    The rules (`sales.health.rule`) are applied by the engine to the facts of `_query_all_facts`;
    the search applies the same rules to the same facts in SQL.
    """

    _inherit = "crm.lead"

    health_level = fields.Selection(
        LEVELS, "Health", compute="_compute_health", search="_search_health_level",
        help="Sum of the points of all health rules that hold. Empty: closed, or too new to "
        "judge.", groups="base.group_user")
    health_reasons = fields.Char(
        "Health Reasons", compute="_compute_health", groups="base.group_user")

    @api.depends(
        "last_contact_at", "stage_id", "date_deadline", "slip_count", "expected_revenue",
        "probability", "activity_ids", "sales_outcome", "active", "type")
    @api.depends_context("lang", "tz")
    def _compute_health(self):
        judged = self._deal_health(fields.Datetime.now())
        for lead in self:
            verdict = judged.get(lead._origin.id, {})
            lead.health_level = verdict.get("level")
            lead.health_reasons = " · ".join(
                reason["text"] for reason in verdict.get("reasons", ()))

    def _search_health_level(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_facts()
        wanted = tuple(level for level in value if level) or ("",)
        judged = wanted if False not in value else tuple(
            {level for level, _label in LEVELS} - set(value)) or ("",)
        now = fields.Datetime.now()
        domain = Domain.custom(to_sql=lambda model, alias, query: self._query_is_healthy(
            now, alias, judged))
        return ~domain if False in value else domain

    def _deal_health(self, now):
        """Judge the open deals among these; two queries whatever their number.

        :return: {lead id: {"level", "score", "reasons": [{"text", "tone", "points"}]}}; the level
            is False, with a sentence, when there is too little to judge
        """
        if not self._origin:
            return {}
        self._flush_facts()
        rules = self.env["sales.health.rule"]._get_rules()
        rows = self.env.execute_query_dict(self._query_all_facts(
            now, self._query_among(self._origin.ids)))
        return {row["lead_id"]: self._judge_health(rules, row) for row in rows}

    @api.model
    def _judge_health(self, rules, row):
        if not row["last_contact_at"] and row["age_days"] < TOO_YOUNG_DAYS:
            return {"level": False, "score": 0, "reasons": [{
                "text": self.env._(
                    "Too early to judge: the deal is new and nobody was in touch yet."),
                "tone": "muted", "points": 0}]}
        score, reasons = health.judge(rules, row)
        return {
            "level": health.level(score, row["sales_health_watch"], row["sales_health_risk"]),
            "score": score,
            "watch": row["sales_health_watch"], "risk": row["sales_health_risk"],
            "reasons": [{
                "text": self._tell_health(reason, row), "points": reason.points,
                "tone": "success" if reason.points > 0 else
                "danger" if reason.points <= row["sales_health_watch"] else "warning",
            } for reason in reasons],
        }

    @api.model
    def _tell_health(self, reason, row):
        """Return one reason in words."""
        _, value = self.env._, int(reason.value)
        days = tell_days(self.env, value)
        if reason.kind == "long_stage":
            return self._tell_long_stage(row)
        if reason.kind == "no_contact" and not row["last_contact_at"]:
            return _("Never in touch with the customer in %s", days)
        return {
            "no_contact": _("No contact with the customer for %s", days),
            "unanswered": _("We wrote last; no sign of the customer for %s", days),
            "answered": _("The customer was in touch %s ago", days)
            if value else _("The customer was in touch today"),
            "no_step": _("No next step is planned"),
            "overdue_step": _("The next step is overdue: %s", days),
            "meeting_ahead": _("A meeting is planned"),
            "late_close": _("The closing date passed %s ago", days),
            "slipped": _("The closing date was put off once")
            if value == 1 else _("The closing date was put off %s times", value),
            "quote_silent": _("A sent quotation is without a sign for %s", days),
            "quote_expired": _("A quotation expired %s ago", days),
            "few_contacts": _("Only one person of the customer is involved")
            if value == 1 else _("%s people of the customer are involved", value),
            "amount_down": _("The amount fell by %s %% from its highest", value),
            "probability_down": _("The probability fell by %s points in this stage", value),
        }[reason.kind]

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_is_healthy(self, now, alias, levels):
        """The engine's `judge` and `level` over the facts in SQL.

        Asked deal by deal, after the cheaper conditions of the search; closed ones never.
        """
        return SQL(
            """
            (%(outcome)s = 'open' AND EXISTS (
             SELECT FROM (SELECT f.*, (%(score)s) AS score FROM (%(facts)s) f) j
              WHERE (j.last_contact_at IS NOT NULL OR j.age_days >= %(young)s)
                AND CASE WHEN j.score <= j.sales_health_risk THEN 'risk'
                         WHEN j.score <= j.sales_health_watch THEN 'watch'
                         ELSE 'good' END IN %(levels)s))
            """,
            score=self._query_health_score(), levels=levels, young=TOO_YOUNG_DAYS,
            outcome=SQL.identifier(alias, "sales_outcome"),
            facts=self._query_all_facts(now, SQL("l.id = %s", SQL.identifier(alias, "id"))))

    @api.model
    def _query_health_score(self):
        rules = self.env["sales.health.rule"]._get_rules()
        terms = [
            SQL("CASE WHEN f.%s %s %s%s THEN %s ELSE 0 END",
                SQL.identifier(health.KINDS[rule.kind].fact),
                COMPARE[health.KINDS[rule.kind].compare], rule.threshold,
                SQL(" AND f.company_id = %s", rule.company) if rule.company else SQL(),
                rule.points)
            for rule in rules]
        return SQL(" + ").join(terms) if terms else SQL("0")
