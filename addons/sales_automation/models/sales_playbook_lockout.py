from ast import literal_eval
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Fewer won deals than this prove nothing about a criterion.
ENOUGH_WON = 5
SAMPLE = 500
LOOK_BACK = timedelta(days=365)
# They say where the deal stands: at the moment of the check it stands in the next stage already.
WHERE_FIELDS = frozenset({
    "stage_id", "won_status", "sales_outcome", "active", "probability", "type"})


class SalesPlaybook(models.Model):
    """A playbook that would lock everyone out is refused, with the reason in words."""

    _inherit = "sales.playbook"

    def _check_lock_out(self):
        """Look for what can be known beforehand, then try the rules on the deals of the past."""
        for playbook in self.sudo():  # the check sees all deals, whoever edits the playbook
            playbook._check_filter()
            for step in playbook.step_ids:
                step._check_stage()
                for criterion in step.criterion_ids:
                    criterion._check_possible()
                step._check_exclusive()
            if playbook.enforcement == "block" and not playbook.is_new_practice:
                playbook._check_past()

    def _check_filter(self):
        self._read_domain(
            self.filter_domain, self.env._("Deals of the playbook %s", self.name), WHERE_FIELDS)

    def _read_domain(self, text, where, forbidden=frozenset()):
        """Return a condition as a Domain, or say why it cannot be one."""
        model = self.env["crm.lead"]
        try:
            domain = Domain(literal_eval(text or "[]"))
            domain.validate(model)
            names = {row.field_expr.split(".")[0] for row in domain.iter_conditions()}
            optimized = domain.optimize_full(model)
            model.sudo().search(optimized, limit=1)  # only the database knows whether it runs
        except Exception as error:
            raise ValidationError(self.env._(
                "%(where)s: the condition cannot be used. Choose it again with fixed values "
                "(%(error)s).", where=where, error=error)) from error
        if wrong := sorted(forbidden & names):
            raise ValidationError(self.env._(
                "%(where)s: leave out %(fields)s. The stage and the outcome are what the move "
                "changes; a condition on them could never be met.", where=where,
                fields=", ".join(model._fields[name]._description_string(self.env)
                                 for name in wrong)))
        if optimized.is_false():
            raise ValidationError(self.env._(
                "%s: no deal can ever meet this condition.", where))
        return domain

    def _check_past(self):
        """Refuse criteria that none of the deals won in the last year would have met."""
        won = self._sample_won()
        if len(won) < ENOUGH_WON:
            return
        criteria = self._past_criteria()
        if not criteria:
            return
        now = fields.Datetime.now()
        unmet = criteria._find_unmet({lead: criteria for lead in won}, now)
        if len(unmet) < len(won):
            return
        for criterion in criteria:
            if all(criterion in missing for missing in unmet.values()):
                raise ValidationError(self.env._(
                    "Stage %(stage)s, criterion \"%(criterion)s\": none of the %(count)s deals "
                    "that were won in the last year would have passed. Nobody could go on. "
                    "Begin with \"Warn\", or tick \"New Practice\" if it really is new.",
                    stage=criterion.step_id.stage_id.name, criterion=criterion.label,
                    count=len(won)))
        raise ValidationError(self.env._(
            "None of the %s deals that were won in the last year would have met all criteria "
            "together. Nobody could go on. Take one away, begin with \"Warn\", or tick \"New "
            "Practice\" if it really is new.", len(won)))

    def _past_criteria(self):
        """Return the criteria that can be answered for deals of before the playbook."""
        looks_back = self.env["sales.playbook.criterion"]._kinds_that("looks_back")
        return self.step_ids.criterion_ids.filtered(lambda row: row.kind in looks_back)

    def _sample_won(self):
        """Return the latest deals won in the last year to which this playbook would apply.

        Reached by the index on crm_lead.won_at.
        """
        deals = self.env["crm.lead"].with_context(active_test=False).search([
            ("won_at", ">=", fields.Datetime.now() - LOOK_BACK),
            ("sales_outcome", "=", "won"), ("type", "=", "opportunity"),
        ], order="won_at desc, id desc", limit=SAMPLE)
        return self._fitting(deals)
