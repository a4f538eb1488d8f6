from odoo import api, models


class CareJudging(models.AbstractModel):
    """A rule, of one company or of all, that judges customers together with the others.

    When a rule comes, goes or changes in one of its `_deciding` fields, `_rules_changed` is told.
    """

    _name = "care.judging"
    _inherit = "care.shared.or.own"
    _description = "Rule that judges customers"
    _deciding = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self._rules_changed()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if not self._deciding.isdisjoint(vals):
            self._rules_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_tells_rules_changed(self):
        self._rules_changed()

    @api.model
    def _rules_changed(self):
        """What is to be done about customers that were judged by other rules."""
        raise NotImplementedError
