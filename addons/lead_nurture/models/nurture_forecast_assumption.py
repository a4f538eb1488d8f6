from odoo import api, fields, models
from odoo.exceptions import ValidationError


class NurtureForecastAssumption(models.Model):
    """What a marketer supposes of one exit of one step: the share of people who leave by it.

    A forecast mixes it with what people did; without a row, the default of the kind is supposed.
    It belongs to the step in all its versions, so it can be changed while people travel them.
    """

    _name = "nurture.forecast.assumption"
    _description = "Assumption of a forecast"

    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scenario_id.company_id", store=True, index=True)
    node_uid = fields.Char("Step key", required=True)
    label = fields.Char("Exit", required=True)
    share = fields.Float(
        required=True, help="How many of 100 people who leave this step do so by this exit."
    )

    _exit_uniq = models.UniqueIndex(
        "(scenario_id, node_uid, label)", "There is an assumption for this exit already."
    )

    @api.constrains("share")
    def _check_share(self):
        if any(not 0 <= assumption.share <= 100 for assumption in self):
            raise ValidationError(self.env._("A share is between 0 and 100 %."))

    @api.model
    def _of_scenario(self, scenario):
        """{step key: {exit: share of 1}}"""
        found = {}
        for row in self.search([("scenario_id", "=", scenario.id)]):
            found.setdefault(row.node_uid, {})[row.label] = row.share / 100
        return found
