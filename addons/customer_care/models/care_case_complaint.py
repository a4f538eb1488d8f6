from odoo import api, fields, models
from odoo.exceptions import UserError

from .care_remedy import REMEDIES
from .care_stage import OPEN_KINDS

#: Kinds of cases that have a complaint file.
COMPLAINT_KINDS = ("complaint", "defect", "return")
#: What we gave is for those who look after cases, and for those who book it.
REMEDY_READERS = "customer_care.group_customer_care_user,account.group_account_invoice"
#: Everything else of the file is for us, not for the customer in the portal.
COLLEAGUES = "base.group_user"


class CareCase(models.Model):
    """The complaint file, in the words of ISO 10002.

    What the customer wants, why it came about, what he was given and at what cost, what we change
    so that it does not come again, and whether he accepted the answer. Acknowledged is the first
    reply.
    """

    _inherit = "care.case"

    is_complaint = fields.Boolean(compute="_compute_is_complaint")
    remedy_wanted = fields.Selection(
        REMEDIES, "Wants", groups=COLLEAGUES, tracking=True,
        help="What the customer asks for, whether or not he gets it.")
    root_cause_id = fields.Many2one(
        "care.root.cause", "Root cause", index="btree_not_null", check_company=True, copy=False,
        groups=COLLEAGUES, tracking=True, ondelete="restrict",
        help="Why it came about, as found out; not what the customer believes.")
    root_cause_note = fields.Text("How it came about", groups=COLLEAGUES, copy=False)
    remedy_ids = fields.One2many("care.remedy", "case_id", "Remedies", groups=REMEDY_READERS)
    remedy_cost = fields.Monetary(
        "Cost of the remedies", compute="_compute_remedy_cost", currency_field="currency_id",
        groups=REMEDY_READERS, help="Untaxed, in company currency: posted credit notes, and the "
        "cost entered for everything else.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    acceptance = fields.Selection(
        [("open", "Not answered yet"), ("accepted", "Accepted"), ("refused", "Refused"),
         ("no_answer", "No answer")],
        "Customer's word", default="open", required=True, groups=COLLEAGUES, tracking=True,
        copy=False,
        help="Did he accept our answer? The accepted share of the report is accepted / (accepted "
        "+ refused); without an answer a complaint is in neither.")
    acceptance_on = fields.Date(
        "Said on", compute="_compute_acceptance_on", store=True, readonly=False, copy=False,
        groups=COLLEAGUES)
    acceptance_note = fields.Char(
        "How", groups=COLLEAGUES, copy=False, help="By phone, in his mail of …")
    letter_on = fields.Date(
        "Closing letter", groups=COLLEAGUES, copy=False,
        help="The day on which the customer was told our findings, the remedy, and where else he "
        "can turn.")
    complaint_missing = fields.Char(compute="_compute_complaint_missing", groups=COLLEAGUES)

    # The report on complaints reads them by the day they were opened.
    _complaint_idx = models.Index(
        "(company_id, opened_at) WHERE kind IN ('complaint', 'defect', 'return')")

    @api.depends("kind")
    def _compute_is_complaint(self):
        for case in self:
            case.is_complaint = case.kind in COMPLAINT_KINDS

    @api.depends("remedy_ids.cost")
    def _compute_remedy_cost(self):
        for case in self:
            case.remedy_cost = sum(case.remedy_ids.mapped("cost"))

    @api.depends("acceptance")
    def _compute_acceptance_on(self):
        for case in self:
            if case.acceptance == "open":
                case.acceptance_on = False
            elif not case.acceptance_on:
                case.acceptance_on = case.company_id._care_today()

    @api.depends("kind", "root_cause_id", "remedy_ids", "company_id")
    @api.depends_context("lang")
    def _compute_complaint_missing(self):
        for case in self:
            missing = case._get_missing()
            case.complaint_missing = self.env._(
                "Before it can be resolved: %s.", ", ".join(missing)) if missing else False

    def _get_missing(self) -> list[str]:
        """What the company wants in the file and is not there, in words."""
        self.ensure_one()
        _, gaps = self.env._, self._get_gaps() if self.company_id.care_complaint_complete else ()
        words = {"root_cause_id": _("the root cause"),
                 "remedy_ids": _("a remedy (“No remedy” is one)")}
        return [words[name] for name in gaps]

    def _get_gaps(self) -> list[str]:
        """Fields of its file that nobody has filled in, whether or not the company wants them."""
        if self.kind not in COMPLAINT_KINDS:
            return []
        # Whoever resolves it is told, whether or not he may see what was given.
        case = self.sudo()
        return [name for name in ("root_cause_id", "remedy_ids") if not case[name]]

    def _set_resolved(self, now):
        """A complaint ends with its file, where the company wants that."""
        for case in self:
            missing = case._get_missing()
            if missing:
                raise UserError(self.env._(
                    "%(case)s cannot be resolved yet. Fill in on its page Complaint: %(missing)s.",
                    case=case.display_name, missing=", ".join(missing)))
        return super()._set_resolved(now)

    def action_resolve(self):
        """A button of the form asks for what the file lacks, in one dialog, before it ends."""
        self.check_access("write")
        asks = self.env.context.get("care_asks") and len(self) == 1
        if asks and self.stage_kind in OPEN_KINDS and self._get_gaps() and (
                self._is_severe() or self._get_missing()):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "customer_care.care_case_resolve_action")
            return action | {"context": {
                "default_case_id": self.id, "care_seen": self.env.context.get("care_seen")}}
        return super().action_resolve()

    def action_credit(self):
        """A credit note to make up for it: made here, or asked of accounting."""
        self.ensure_one()
        self.check_access("read")
        self.env["care.case.credit"].check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_case_credit_action")
        return action | {"context": {"default_case_id": self.id}}
