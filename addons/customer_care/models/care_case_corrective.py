from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .care_case_complaint import COLLEAGUES

ACTIVITY = "customer_care.mail_activity_corrective"
#: Writing one of these moves the activity of the owner.
PLANNED = frozenset({"corrective_action", "corrective_user_id", "corrective_due"})


class CareCase(models.Model):
    """What we change so that it does not happen again: an owner, a day, and whether it helped."""

    _inherit = "care.case"

    corrective_action = fields.Text(
        groups=COLLEAGUES, copy=False,
        help="What we change so that the same does not happen again.")
    corrective_user_id = fields.Many2one(
        "res.users", "Owner", domain="[('share', '=', False)]", groups=COLLEAGUES, copy=False,
        help="Gets an activity on the case with the day it is due.")
    corrective_due = fields.Date("Due", groups=COLLEAGUES, copy=False)
    corrective_done_on = fields.Date("Done on", readonly=True, copy=False, groups=COLLEAGUES)
    corrective_effect = fields.Selection(
        [("open", "To be checked"), ("yes", "It helped"), ("no", "It did not help")],
        "Effect", default="open", groups=COLLEAGUES, copy=False,
        help="Checked some time after it was done: did the same happen again?")

    @api.constrains("corrective_user_id", "corrective_due")
    def _check_corrective_due(self):
        for case in self:
            if case.corrective_user_id and not case.corrective_due:
                raise ValidationError(self.env._(
                    "A corrective action with an owner needs the day it is due."))

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases.filtered("corrective_user_id")._plan_corrective()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if not PLANNED.isdisjoint(vals):
            self._plan_corrective()
        return result

    def _plan_corrective(self):
        """One open activity of the owner, on the day; none when it is done or has no owner."""
        # The owner need not work with cases: he is told all the same.
        for case in self.sudo():
            case.activity_unlink([ACTIVITY])
            if case.corrective_user_id and case.corrective_due and not case.corrective_done_on:
                case.activity_schedule(
                    ACTIVITY, user_id=case.corrective_user_id.id,
                    date_deadline=case.corrective_due,
                    summary=self.env._("Corrective action"), note=case.corrective_action)

    def action_corrective_done(self):
        """Its activity is done with it."""
        self.check_access("write")
        for case in self:
            # It may be the activity of a colleague.
            open_one = case.sudo().activity_ids.filtered(
                lambda one: one.activity_type_id == self.env.ref(ACTIVITY))
            if open_one:
                open_one._action_done()
            case._set_corrective_done()

    def action_corrective_undone(self):
        self.check_access("write")
        self._note({"corrective_done_on": False})
        self._plan_corrective()

    def _set_corrective_done(self):
        for case in self.filtered(lambda one: not one.corrective_done_on):
            case._note({"corrective_done_on": case.company_id._care_today()})
