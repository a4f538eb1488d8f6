from odoo import api, fields, models
from odoo.tools import SQL

from .care_case import SEVERE
from .care_purchases import Scope
from .care_stage import OPEN_KINDS

#: Cases in which we owe the customer something before we may sell to him.
OWED_KINDS = ("complaint", "defect")
#: Fields by which a case becomes, or is no more, an open severe one.
DECIDING = frozenset({
    "kind", "severity", "stage_id", "active", "partner_id", "company_id", "commercial_partner_id"})


class CareCase(models.Model):
    """While a severe complaint or defect is open, nothing is sold to the customer.

    Reminders and proposals ask `_query_severe` themselves; what others read (the contact tag, the
    warning on deals) is set when the case becomes severe and taken away when the last one ends.
    """

    _inherit = "care.case"

    # Customers with an open severe case: few among many.
    _severe_idx = models.Index(
        "(company_id, commercial_partner_id) WHERE active AND kind IN ('complaint', 'defect')"
        " AND severity IN ('3', '4') AND stage_kind IN ('new', 'open', 'waiting')")

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._tell_severe(set(), cases._get_severe_keys())
        return cases

    def write(self, vals):
        if DECIDING.isdisjoint(vals):
            return super().write(vals)
        before = self._get_severe_keys()
        result = super().write(vals)
        self._tell_severe(before, self._get_severe_keys())
        return result

    def unlink(self):
        before = self._get_severe_keys()
        result = super().unlink()
        self._tell_severe(before, set())
        return result

    @api.model
    def _severe_domain(self):
        return [("kind", "in", OWED_KINDS), ("severity", "in", SEVERE),
                ("stage_kind", "in", OPEN_KINDS)]

    def _get_severe_keys(self) -> set[tuple[int, int]]:
        """(customer, company) of those that are open and severe at this moment."""
        return {
            (case.commercial_partner_id.id, case.company_id.id)
            for case in self
            if case.active and case.kind in OWED_KINDS and case.severity in SEVERE
            and case.stage_kind in OPEN_KINDS and case.commercial_partner_id}

    def _tell_severe(self, before, after) -> None:
        """Say it to the rest of the house when it begins, and when nothing of it is left."""
        if before == after:
            return
        self.env.flush_all()
        changed = before ^ after
        # An agent or the customer himself moves the case: tags, deals and figures are ours.
        house = self.sudo()
        for company in house.env["res.company"].browse({company for _one, company in changed}):
            partners = [partner for partner, key in changed if key == company.id]
            still = house._get_severe_partners(company, partners)
            now = fields.Datetime.now()
            tag = self.env.ref(
                "customer_care.partner_category_complaint", raise_if_not_found=False)
            house.env["care.tag"]._keep_in_step(company, now, tag, partners)
            house.env["care.loop"]._tell_sales(company, still, sorted(set(partners) - still))
            house.env["care.reminder"]._resume_settled(
                company, sorted(set(partners) - still), now)
        house.env["care.dirty"]._mark(changed)

    @api.model
    def _get_severe_partners(self, company, partner_ids) -> set[int]:
        """Those of these customers who have an open severe case."""
        self.env["care.case"].flush_model()
        rows = self.env.execute_query(self._query_severe(company, Scope(ids=tuple(partner_ids))))
        return {partner for (partner,) in rows}

    def _query_severe(self, company, scope: Scope) -> SQL:
        """Rows (partner_id): customers of a company with an open severe case. Index _severe_idx."""
        return SQL(
            """SELECT DISTINCT s.commercial_partner_id AS partner_id FROM care_case s
                WHERE s.company_id = %s AND s.active AND s.kind IN ('complaint', 'defect')
                  AND s.severity IN ('3', '4') AND s.stage_kind IN ('new', 'open', 'waiting')
                  AND s.commercial_partner_id IS NOT NULL AND %s""",
            company.id,
            self.env["care.purchases"]._query_scope(scope, SQL("s.commercial_partner_id")))
