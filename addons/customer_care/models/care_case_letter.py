from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .care_case_complaint import COLLEAGUES, COMPLAINT_KINDS

REPORT = "customer_care.care_case_letter_report"


class CareCase(models.Model):
    """The letter that ends a complaint: findings, remedy and what we change, in the customer's
    language and in words that were written for him. Nothing that is noted inside stands in it.
    """

    _inherit = "care.case"

    letter_cause = fields.Text(
        "Cause, as told to the customer", groups=COLLEAGUES, copy=False,
        help="Stands in the closing letter. Empty: the letter names no cause. What is noted under "
        "Finding stays inside.")
    letter_change = fields.Text(
        "Change, as told to the customer", groups=COLLEAGUES, copy=False,
        help="Stands in the closing letter. Empty: the letter says nothing of it. The corrective "
        "action itself stays inside.")
    is_letter_due = fields.Boolean(compute="_compute_is_letter_due", groups=COLLEAGUES)

    @api.depends("kind", "stage_kind", "close_reason", "acceptance")
    def _compute_is_letter_due(self):
        """Closed as solved, or resolved and accepted by the customer."""
        for case in self:
            case.is_letter_due = case.kind in COMPLAINT_KINDS and (
                (case.stage_kind == "closed" and case.close_reason == "solved")
                or (case.stage_kind == "resolved" and case.acceptance == "accepted"))

    def _has_letter(self) -> bool:
        """Whether the customer finds a letter on his page: somebody of ours has made it."""
        self.ensure_one()
        case = self.sudo()  # the file is for colleagues; that there is a letter is not
        return bool(case.is_letter_due and case.letter_on)

    def _check_letter(self):
        """Colleagues see it before it is made, customers afterwards."""
        inside = self.env.user._is_internal()
        for case in self:
            case.check_access("read")
            if not (case.sudo().is_letter_due if inside else case._has_letter()):  # as above
                raise UserError(self.env._(
                    "%s has no closing letter: a complaint has one when it is closed as solved, or "
                    "resolved and accepted by the customer.", case.display_name))

    def action_letter(self):
        """The letter on paper; from then on the customer finds it on his page."""
        self.check_access("write")
        self._check_letter()
        for case in self.filtered(lambda one: not one.letter_on):
            case.letter_on = case.company_id._care_today()
        return self.env.ref(REPORT).report_action(self, config=False)

    def _get_report_base_filename(self):
        return self.env._("Closing letter %s", self.number)

    # ---- what stands in it ----------------------------------------------------------------------

    def _prepare_letter(self) -> dict:
        """Everything that the customer is told."""
        self.ensure_one()
        case = self.sudo()  # remedies are told to their customer, whoever prints the letter
        signer = case.user_id or case.resolver_id
        return {
            "name": case.partner_id.name or case.partner_name or case.email_from,
            "day": case.letter_on or case.company_id._care_today(),
            "cause": case.letter_cause, "change": case.letter_change,
            "remedies": [case._tell_remedy(one) for one in case.remedy_ids],
            "elsewhere": case.company_id.care_letter_elsewhere,
            "signer": signer.name, "function": signer.partner_id.function}

    def _tell_remedy(self, remedy) -> str:
        """A remedy in the customer's words; what it cost us is not among them."""
        _ = self.env._
        note = remedy.move_id
        if remedy.kind == "none":
            return _("After what we found, we cannot offer you a remedy.")
        if note.state == "posted":
            return _(
                "%(remedy)s: credit note %(number)s of %(amount)s", remedy=remedy.display_name,
                number=note.name,
                amount=formatLang(self.env, note.amount_total, currency_obj=note.currency_id))
        return remedy.display_name
