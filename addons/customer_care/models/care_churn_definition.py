from odoo import api, fields, models
from odoo.addons.customer_care.engine import churn

from .care_status_rule import CONDITION_FIELDS

#: What of a status rule decides, as it is kept with the months that were judged by it.
KEPT = tuple(name for name in CONDITION_FIELDS if name not in ("sequence", "active", "company_id"))


class CareChurnDefinition(models.Model):
    """One version of what "lost" means in a company: the status rules and how silence is measured.

    Months are printed by the version of their day and keep it: another definition begins with the
    next month that is printed, and what was printed before stands.
    """

    _name = "care.churn.definition"
    _description = "Definition of churn"
    _order = "company_id, version desc"
    _rec_name = "version"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    version = fields.Integer(required=True, readonly=True)
    date_from = fields.Date(
        "First month", required=True, readonly=True, help="The first month judged by it.")
    mode = fields.Selection(
        lambda self: self.env["res.company"]._fields["care_lapse_mode"].selection,
        "Limit of silence", required=True, readonly=True)
    lapse_days = fields.Integer("Days without a rhythm", readonly=True)
    pool_weight = fields.Float("Weight of the typical gap", readonly=True)
    grace_days = fields.Integer(
        "Grace of agreements", readonly=True,
        help="Days after its last day within which an agreement counts as renewed.")
    rules = fields.Json("Status rules", readonly=True)
    figures_version = fields.Integer(
        "Definitions of purchases", readonly=True,
        help="The version of what counts as a purchase by which its months were counted.")
    words = fields.Text("What lost means", compute="_compute_words")

    _company_version_uniq = models.UniqueIndex(
        "(company_id, version)", "This version of the definition exists already.")

    @api.depends("version", "mode", "lapse_days", "grace_days", "rules")
    @api.depends_context("lang")
    def _compute_words(self):
        modes = dict(self._fields["mode"]._description_selection(self.env))
        for definition in self:
            rules = definition._to_rules().filtered(lambda rule: rule.status == "churned")
            definition.words = self.env._(
                "Lost is who is %(conditions)s. %(mode)s: without a rhythm of their own, customers "
                "are lost after %(days)s days of silence. Under agreement, lost is who has not "
                "renewed within %(grace)s days of its end.",
                conditions=self.env._(" or ").join(rules.mapped("condition")),
                mode=modes.get(definition.mode), days=definition.lapse_days,
                grace=definition.grace_days)

    @api.depends("version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for definition in self:
            definition.display_name = self.env._("Version %s", definition.version)

    @api.model
    def _today(self, company, month):
        """The version that judges a month printed now: the last one, unless something changed."""
        last = self.search([("company_id", "=", company.id)], limit=1)
        vals = self._prepare_vals(company)
        if last and all(last[name] == vals[name] for name in vals):
            return last
        return self.create(vals | {
            "company_id": company.id, "version": last.version + 1, "date_from": month})

    @api.model
    def _prepare_vals(self, company):
        rules = self.env["care.status.rule"]._rules_of(company)
        return {
            "mode": company.care_lapse_mode,
            "lapse_days": company.care_lapse_days,
            "pool_weight": company.care_pool_weight,
            "grace_days": company.care_grace_days,
            "figures_version": company._care_definition_version(),
            "rules": [{name: rule[name] for name in KEPT} for rule in rules],
        }

    def _to_rules(self):
        """The status rules of this version, to judge by; they may be other ones today."""
        rules = self.env["care.status.rule"]
        for vals in self.rules or []:
            rules += rules.new(vals)
        return rules

    def _to_pace(self, pool, few=()):
        """pool and few: measured anew for each month, they are no part of the definition."""
        self.ensure_one()
        return churn.pace_for(
            self.mode, self.lapse_days, self.pool_weight, pool, self._to_rules()._to_engine(), few)
