from odoo import api, fields, models
from odoo.addons.customer_care.models.care_case import CASE_KINDS
from odoo.exceptions import UserError


class CareCaseMerge(models.TransientModel):
    """One question: which case goes on, and are these really one matter?"""

    _name = "care.case.merge"
    _description = "Merge cases"

    mode = fields.Selection(
        [("merge", "Merge"), ("duplicate", "Mark as duplicate")], required=True, default="merge")
    case_ids = fields.Many2many("care.case", string="Cases", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    survivor_id = fields.Many2one(
        "care.case", "Goes on", required=True, compute="_compute_survivor_id", store=True,
        readonly=False, domain="[('company_id', '=', company_id), ('parent_id', '=', False)]",
        help="Contacts, messages, files, followers, activities and answers go over to it. The "
        "others are closed; a mail that answers one of them lands here.")
    other_customers = fields.Char(compute="_compute_other_customers")
    complaint_kind = fields.Selection(
        CASE_KINDS, compute="_compute_complaint_kind",
        help="Set where a complaint is among them and the case that goes on is none.")
    is_confirmed = fields.Boolean("They are the same matter all the same")

    @api.depends("case_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.case_ids[:1].company_id

    @api.depends("case_ids", "mode")
    def _compute_survivor_id(self):
        """The oldest of several; for a single one the oldest open case of the same customer."""
        for wizard in self:
            cases = wizard.case_ids._origin.sorted("opened_at, id")
            customer = cases[:1].commercial_partner_id
            if len(cases) == 1 and customer:
                cases = cases.search([
                    ("commercial_partner_id", "=", customer.id), ("id", "not in", cases.ids),
                    ("company_id", "=", cases.company_id.id), ("parent_id", "=", False),
                    ("stage_kind", "!=", "closed")], order="opened_at, id", limit=1)
            elif len(cases) == 1:
                cases = cases.browse()
            wizard.survivor_id = cases[:1]

    @api.depends("case_ids", "survivor_id")
    def _compute_other_customers(self):
        for wizard in self:
            customers = (wizard.case_ids | wizard.survivor_id).commercial_partner_id
            wizard.other_customers = (
                ", ".join(customers.mapped("display_name")) if len(customers) > 1 else False)

    @api.depends("case_ids", "survivor_id")
    def _compute_complaint_kind(self):
        for wizard in self:
            others = wizard.case_ids._origin - wizard.survivor_id
            wizard.complaint_kind = wizard.survivor_id._find_complaint(others).kind

    def action_apply(self):
        """Merge, or mark; then show the case that goes on."""
        self.ensure_one()
        if self.other_customers and not self.is_confirmed:
            raise UserError(self.env._(
                "These are cases of different customers: %s. Confirm that they are one matter.",
                self.other_customers))
        others = self.case_ids - self.survivor_id
        if self.mode == "merge":
            others._merge_into(self.survivor_id)
        else:
            others._mark_duplicate_of(self.survivor_id)
        return {
            "type": "ir.actions.act_window", "res_model": "care.case",
            "res_id": self.survivor_id.id, "views": [(False, "form")]}
