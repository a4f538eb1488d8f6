from odoo import api, fields, models
from odoo.addons.customer_care.engine import lifecycle
from odoo.exceptions import ValidationError
from odoo.tools import SQL

STATUS_SELECTION = [
    ("prospect", "Prospect"),
    ("new", "New"),
    ("active", "Active"),
    ("loyal", "Loyal"),
    ("reactivated", "Reactivated"),
    ("at_risk", "At risk"),
    ("lapsed", "Lapsed"),
    ("churned", "Churned"),
]
#: Fields that decide; the others (name, advice) are words.
CONDITION_FIELDS = (
    "sequence", "active", "company_id", "status", "purchases_min", "purchases_max", "revenue_min",
    "age_max", "silence_from", "silence_to", "comeback_from", "unit",
)


class CareStatusRule(models.Model):
    """One line of "which status does a customer have": the first line from the top that fits.

    A line without a company counts for all; a company's own lines stand among them by their
    order. What a line means is told by engine/lifecycle.py; `_query_status` says the same in SQL.
    """

    _name = "care.status.rule"
    _description = "Lifecycle status rule"
    _inherit = "care.judging"
    _order = "sequence, id"
    _deciding = frozenset(CONDITION_FIELDS)

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="Lines are read from the top; the first that fits decides.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        ondelete="cascade", help="Empty: this line counts for every company.")
    status = fields.Selection(STATUS_SELECTION, required=True, default="active")
    advice = fields.Char(
        "Advised next action", translate=True,
        help="What to do with a customer in this status; shown on the customer.")

    purchases_min = fields.Integer(
        "Purchases from",
        help="At least this many purchases (days with an invoice that stands). 0: any.")
    purchases_max = fields.Integer("Purchases up to", help="At most this many purchases. 0: any.")
    revenue_min = fields.Float(
        "Revenue from", digits=(16, 2),
        help="At least this net revenue, in the company's currency. 0: any.")
    age_max = fields.Integer(
        "Customer for at most", help="The first purchase was at most this many days ago. 0: any.")
    unit = fields.Selection(
        [("gap", "own gaps"), ("day", "days")], required=True, default="gap", string="Silence in",
        help="Own gaps: multiples of the days that usually lie between two purchases of this "
        "customer. Days: the same for everybody.")
    silence_from = fields.Float("Silent for more than", help="Since the last purchase. 0: any.")
    silence_to = fields.Float("Silent for up to", help="Since the last purchase. 0: any.")
    comeback_from = fields.Float(
        "Came back after more than", help="The silence that the last purchase ended. 0: any.")
    condition = fields.Char("When", compute="_compute_condition")

    _not_negative = models.Constraint(
        "CHECK(purchases_min >= 0 AND purchases_max >= 0 AND revenue_min >= 0 AND age_max >= 0"
        " AND silence_from >= 0 AND silence_to >= 0 AND comeback_from >= 0)",
        "Numbers in a status rule cannot be negative.")

    @api.depends(*CONDITION_FIELDS)
    @api.depends_context("lang")
    def _compute_condition(self):
        for rule in self:
            rule.condition = "; ".join(rule._condition_parts()) or self.env._("everybody else")

    def _condition_parts(self) -> list[str]:
        """The conditions in words, in the order in which they are set on the form."""
        self.ensure_one()
        if self.status == lifecycle.PROSPECT:
            return [self.env._("no purchase yet")]
        _ = self.env._
        unit = _("own gaps") if self.unit == "gap" else _("days")

        def words(field, text):
            return text % {"number": f"{self[field]:g}", "unit": unit} if self[field] else None

        parts = [
            words("purchases_min", _("%(number)s purchases or more")),
            words("purchases_max", _("%(number)s purchases or fewer")),
            words("revenue_min", _("revenue of %(number)s or more")),
            words("age_max", _("customer for at most %(number)s days")),
            words("silence_from", _("silent for more than %(number)s %(unit)s")),
            words("silence_to", _("silent for up to %(number)s %(unit)s")),
            words("comeback_from", _("came back after more than %(number)s %(unit)s")),
        ]
        return [part for part in parts if part]

    @api.model
    def _rules_changed(self):
        """Check all rules together, once, at the end of the transaction: dragging one line
        rewrites the order of several, and halfway they need not make sense."""
        pending = self.env.cr.precommit
        # While modules load, seeded rules come one by one and are checked by the tests.
        if not self.env.registry.ready or "customer_care.rules" in pending.data:
            return
        pending.data["customer_care.rules"] = True
        # Rules of companies the user does not see are broken or kept by the same edit.
        pending.add(self.sudo()._check_rules)

    def _check_rules(self):
        all_companies = self.env["res.company"]
        for company in [all_companies, *self.search([("company_id", "!=", False)]).company_id]:
            rules = self._rules_of(company)
            found = lifecycle.problems(rules._to_engine())
            if found:
                raise ValidationError("\n".join(rules._problem_text(p, company) for p in found))
        self.env["care.night"]._wake("status")

    def _problem_text(self, problem: lifecycle.Problem, company) -> str:
        where = company.name or self.env._("all companies")
        if problem.idle is not None:
            return self.env._(
                "The status rule “%(rule)s” can never apply for %(company)s: the lines above it "
                "take every customer it could fit. Move it up or change its conditions.",
                rule=self[problem.idle].name, company=where)
        case = problem.uncovered
        if not case.purchases:
            return self.env._(
                "No status rule for %(company)s covers customers without a purchase: keep one "
                "line with the status Prospect.", company=where)
        return self.env._(
            "No status rule for %(company)s covers this customer: %(purchases)s purchases, "
            "revenue %(revenue)s, silent for %(silence)s days with a usual gap of %(gap)s days, "
            "first purchase %(age)s days ago. Add a last line without conditions.",
            company=where, purchases=case.purchases, revenue=f"{case.revenue:g}",
            silence=case.silence, gap=f"{case.gap:g}", age=case.age)

    @api.model
    def _rules_of(self, company):
        """The lines that judge customers of a company, in reading order."""
        # Rules are read for everybody who may see a status, whatever company he works in.
        return self.sudo().search_fetch(
            [("company_id", "in", [False, company.id])],
            [field.name for field in self._fields.values() if field.store and field.column_type])

    def _to_engine(self) -> list[lifecycle.Rule]:
        names = [name for name in lifecycle.Rule.__dataclass_fields__ if name != "status"]
        return [
            lifecycle.Rule(rule.status, **{name: rule[name] for name in names}) for rule in self
        ]

    def _query_status(self) -> SQL:
        """lifecycle.judge() as a CASE over the columns of care.figures' `paced` rows."""
        arms = [SQL("WHEN %s THEN %s", rule._query_condition(), rule.status) for rule in self]
        return SQL("(CASE %s ELSE 'active' END)", SQL(" ").join(arms)) if arms else SQL("'active'")

    def _query_condition(self) -> SQL:
        """lifecycle.fits() of one line."""
        self.ensure_one()
        if self.status == lifecycle.PROSPECT:
            return SQL("purchase_days = 0")
        unit = SQL("gap") if self.unit == "gap" else SQL("1")
        tests = [
            (self.purchases_min, SQL("purchase_days >= %s", self.purchases_min)),
            (self.purchases_max, SQL("purchase_days <= %s", self.purchases_max)),
            (self.revenue_min, SQL("revenue_net >= %s", self.revenue_min)),
            (self.age_max, SQL("age <= %s", self.age_max)),
            (self.silence_from, SQL("silence > %s * %s", self.silence_from, unit)),
            (self.silence_to, SQL("silence <= %s * %s", self.silence_to, unit)),
            (self.comeback_from, SQL("comeback > %s * %s", self.comeback_from, unit)),
        ]
        return SQL(" AND ").join(
            [SQL("purchase_days > 0"), *(test for number, test in tests if number)])

    def _query_since(self) -> SQL:
        """The day on which the deciding line began to fit, NULL where figures do not tell it."""
        arms = []
        for rule in self:
            unit = SQL("gap") if rule.unit == "gap" else SQL("1")
            if rule.silence_from:
                since = SQL("last_purchase + floor(%s * %s)::int + 1", rule.silence_from, unit)
            elif rule.comeback_from:
                since = SQL("last_purchase")
            elif rule.age_max:
                since = SQL("first_purchase")
            else:
                since = SQL("NULL::date")
            arms.append(SQL("WHEN %s THEN %s", rule._query_condition(), since))
        return SQL("(CASE %s END)", SQL(" ").join(arms)) if arms else SQL("NULL::date")
