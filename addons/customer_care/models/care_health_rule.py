from odoo import api, fields, models
from odoo.addons.customer_care.engine import health

OPERATOR_SELECTION = [
    ("ge", "is at least"), ("gt", "is more than"), ("le", "is at most"), ("lt", "is less than")]


class CareHealthRule(models.Model):
    """One reason for or against a customer: when a fact compares so, it gives so many points.

    All rules that fit add up (engine/health.py); a fact that is not known fits none. What facts
    there are says care.health.
    """

    _name = "care.health.rule"
    _description = "Health rule"
    _inherit = "care.judging"
    _order = "sequence, id"
    # the other fields are words
    _deciding = frozenset({"active", "company_id", "fact", "operator", "value", "points"})

    name = fields.Char(
        "In words", required=True, translate=True,
        help="Told beside the points wherever the score is shown.")
    sequence = fields.Integer(default=10, help="The order in which reasons are told.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        ondelete="cascade", help="Empty: this rule counts for every company.")
    fact = fields.Selection("_selection_fact", required=True)
    operator = fields.Selection(OPERATOR_SELECTION, required=True, default="ge")
    value = fields.Float("Number", digits=(16, 2))
    points = fields.Integer(
        help="Added to the score of every customer whom the rule fits; below 0 it is taken off.")
    unit = fields.Char(compute="_compute_unit")
    condition = fields.Char("When", compute="_compute_condition")
    explanation = fields.Char("What it is", compute="_compute_unit")

    _points_in_reason = models.Constraint(
        "CHECK(points BETWEEN -100 AND 100 AND points <> 0)",
        "A rule gives or takes 1 to 100 points.")

    @api.model
    def _selection_fact(self):
        facts = self.env["care.health"]._health_facts()
        return [(key, fact["label"]) for key, fact in sorted(
            facts.items(), key=lambda entry: entry[1]["sequence"])]

    @api.depends("fact")
    @api.depends_context("lang")
    def _compute_unit(self):
        facts = self.env["care.health"]._health_facts()
        for rule in self:
            fact = facts.get(rule.fact, {})
            rule.unit, rule.explanation = fact.get("unit"), fact.get("help")

    @api.depends("fact", "operator", "value")
    @api.depends_context("lang")
    def _compute_condition(self):
        labels = dict(self._selection_fact())
        operators = dict(self._fields["operator"]._description_selection(self.env))
        for rule in self:
            rule.condition = " ".join(filter(None, (
                labels.get(rule.fact), operators.get(rule.operator), f"{rule.value:g}",
                rule.unit)))

    @api.model
    def _rules_changed(self):
        if self.env.registry.ready:
            self.env["care.night"]._wake("health")

    @api.model
    def _rules_of(self, company):
        """The rules that judge customers of a company."""
        known = list(self.env["care.health"]._health_facts())
        # Everybody who may see a score sees its reasons, whatever company he works in.
        return self.sudo().search([
            ("company_id", "in", [False, company.id]), ("fact", "in", known)])

    def _to_engine(self) -> list[health.Rule]:
        return [health.Rule(rule.id, rule.fact, rule.operator, rule.value, rule.points)
                for rule in self]
