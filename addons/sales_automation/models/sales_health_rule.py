from odoo import api, fields, models, tools
from odoo.addons.sales_automation.engine import health
from odoo.exceptions import ValidationError


class SalesHealthRule(models.Model):
    """One row per rule of deal health: which fact, beyond which threshold, gives which points."""

    _name = "sales.health.rule"
    _inherit = "sales.shared"
    _description = "Health Rule"
    _order = "sequence, id"
    _rec_name = "kind"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", ondelete="cascade", default=lambda self: self._default_company_id(),
        help="Empty: deals of all companies are judged by it.")
    kind = fields.Selection(
        [
            ("no_contact", "No contact with the customer for more than … days"),
            ("unanswered", "We wrote last, no sign of the customer for more than … days"),
            ("answered", "The customer was in touch within … days"),
            ("no_step", "No next step is planned"),
            ("overdue_step", "The next step is overdue by more than … days"),
            ("meeting_ahead", "A meeting is planned"),
            ("long_stage", "In the stage more than … times as long as three of four won deals"),
            ("late_close", "The closing date has passed by more than … days"),
            ("slipped", "The closing date was put off … times or more"),
            ("quote_silent", "A sent quotation is without a sign for more than … days"),
            ("quote_expired", "A quotation has expired by more than … days"),
            ("few_contacts", "… or fewer people of the customer are involved"),
            ("amount_down", "The amount fell by … % or more from its highest"),
            ("probability_down", "The probability fell by … points or more in this stage"),
        ], "When", required=True,
        help="What the rule looks at; … is the threshold. A fact that is not known makes no rule "
        "true.")
    threshold = fields.Float(
        "…", digits=(16, 1), help="The number in the place of the dots: days, times, people or per "
        "cent. Kinds without dots do not look at it.")
    points = fields.Integer(
        required=True, default=-10,
        help="Added to the deal's points when the rule holds. Negative points are trouble. From "
        "which sum on a deal is \"watch\" or \"at risk\" is said in the settings.")

    @api.constrains("kind", "threshold", "points")
    def _check_rule(self):
        for rule in self:
            if rule.threshold < 0:
                raise ValidationError(self.env._("The threshold cannot be negative."))
            if not -100 <= rule.points <= 100 or not rule.points:
                raise ValidationError(self.env._(
                    "Points lie between -100 and 100 and are not zero: a rule without points "
                    "changes nothing. Archive it instead."))

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache()
    def _get_rules(self):
        """The active rules in the engine's form, known to every list and form of deals; a deal is
        judged by those of its company."""
        rules = self.sudo().search_fetch(  # no secrets
            [("active", "=", True)], ["kind", "threshold", "points", "company_id"])
        return tuple(
            health.Rule(rule.kind, rule.threshold, rule.points, rule.company_id.id or None)
            for rule in rules)
