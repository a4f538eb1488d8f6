from odoo import api, fields, models
from odoo.addons.customer_care.models.care_remedy import REMEDIES


class CareCaseResolve(models.TransientModel):
    """What the file of one complaint lacks, asked for when its case is to be resolved."""

    _name = "care.case.resolve"
    _description = "Resolve a complaint"
    _check_company_auto = True

    case_id = fields.Many2one("care.case", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_required = fields.Boolean(related="company_id.care_complaint_complete")
    missing = fields.Char(related="case_id.complaint_missing")
    needs_cause = fields.Boolean(compute="_compute_needs")
    needs_remedy = fields.Boolean(compute="_compute_needs")
    root_cause_id = fields.Many2one(
        "care.root.cause", "Root cause", check_company=True,
        help="Why it came about, as found out; not what the customer believes.")
    root_cause_note = fields.Text("How it came about")
    remedy = fields.Selection(
        REMEDIES, help="What the customer was given; “No remedy” is an answer, too.")
    remedy_amount = fields.Monetary(
        "Cost of the remedy", help="Untaxed, in company currency: goods at cost, hours, freight.")

    @api.depends("case_id")
    def _compute_needs(self):
        for wizard in self:
            gaps = wizard.case_id._get_gaps()
            wizard.needs_cause = "root_cause_id" in gaps
            wizard.needs_remedy = "remedy_ids" in gaps

    def action_apply(self):
        """The file takes what was told, and the case is resolved."""
        case = self.case_id.with_context(care_asks=False)
        if self.root_cause_id:
            case.write({"root_cause_id": self.root_cause_id.id,
                        "root_cause_note": self.root_cause_note or case.root_cause_note})
        if self.remedy:
            self.env["care.remedy"].create({
                "case_id": case.id, "kind": self.remedy, "amount": self.remedy_amount})
        case.action_resolve()
