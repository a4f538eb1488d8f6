from odoo import api, fields, models

from .care_stage import OPEN_KINDS

#: Cases shown on a care record, the latest; the board has them all.
SHOWN = 40


class CareCustomer(models.Model):
    _inherit = "care.customer"

    case_ids = fields.One2many("care.case", string="Cases", compute="_compute_case_ids")
    case_count = fields.Integer("All cases", compute="_compute_case_ids")
    open_case_count = fields.Integer("Open cases", compute="_compute_open_cases")
    severe_case_id = fields.Many2one(
        "care.case", "Worst open complaint", compute="_compute_open_cases")

    @api.model
    def _lists(self):
        return super()._lists() | {"case_ids": ("care.case", "commercial_partner_id")}

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_case_ids(self):
        """The latest first; they are counted beyond what is shown."""
        cases = self.env["care.case"]
        for customer in self:
            domain = customer._case_domain()
            shown = customer._search_list(
                "case_ids", domain, order="opened_at desc, id desc", limit=SHOWN)
            customer.case_ids = shown
            customer.case_count = (
                len(shown) if len(shown) < SHOWN else cases.search_count(domain))

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_cases(self):
        """One look for a whole list; a single record shows its cases anyway."""
        cases = self.env["care.case"]
        if len(self) == 1 and len(self.case_ids) < SHOWN:
            found = self.case_ids.filtered(lambda case: case.stage_kind in OPEN_KINDS).sorted(
                lambda case: (case.severity, case.id), reverse=True)
        else:
            found = self._find_open_cases()
        by_key = found.grouped(lambda case: (case.commercial_partner_id, case.company_id))
        severe = found.filtered_domain(cases._severe_domain())
        for customer in self:
            mine = by_key.get((customer.partner_id, customer.company_id), cases)
            customer.open_case_count = len(mine)
            customer.severe_case_id = (mine & severe)[:1]

    def _find_open_cases(self):
        cases = self.env["care.case"]
        return cases.search_fetch([
            ("commercial_partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids), ("stage_kind", "in", OPEN_KINDS),
        ], order="severity desc, id desc") if cases.has_access("read") else cases

    def action_open_cases(self):
        self.ensure_one()
        return self._get_action("customer_care.care_case_action") | {
            "domain": self._case_domain(),
            "context": {"default_partner_id": self.partner_id.id}}

    def _case_domain(self):
        self.ensure_one()
        return [("commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id)]

    def _advice_candidates(self, rules):
        """Before everything else: who has complained is not sold to."""
        candidates = super()._advice_candidates(rules)
        if self.severe_case_id:
            candidates.append((5, self.env._(
                "Settle the complaint first: %s.", self.severe_case_id.display_name)))
        return candidates
