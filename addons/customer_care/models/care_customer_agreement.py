from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

from .care_agreement import LIVE


class CareCustomer(models.Model):
    _inherit = "care.customer"

    agreement_ids = fields.One2many(
        "care.agreement", string="Agreements", compute="_compute_agreements")
    agreement_count = fields.Integer("Running agreements", compute="_compute_agreements")
    agreement_monthly = fields.Monetary(
        "Agreements per month", compute="_compute_agreements",
        help="Untaxed amount per month of the agreements that run, in company currency at the "
        "rate of their first days.")
    agreement_end = fields.Date(
        "Next end", compute="_compute_agreements",
        help="The first last day among the running agreements.")

    renewal_due_id = fields.Many2one("care.agreement", compute="_compute_agreements")

    @api.model
    def _lists(self):
        return super()._lists() | {"agreement_ids": ("care.agreement", "commercial_partner_id")}

    @api.depends_context("uid")
    def _compute_agreements(self):
        """One look for a whole list: a customer has few. Index care_agreement_customer_idx."""
        agreements = self.env["care.agreement"]
        found = self._search_list("agreement_ids", [
            ("commercial_partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids), ("state", "!=", "cancelled"),
        ], order="date_start desc, id desc")
        by_key = found.grouped(lambda a: (a.commercial_partner_id, a.company_id))
        for customer in self:
            own = by_key.get((customer.partner_id, customer.company_id), agreements)
            live = own.filtered(lambda a: a.state in LIVE)
            customer.agreement_ids = own
            customer.agreement_count = len(live)
            customer.agreement_monthly = sum(live.mapped("monthly_company"))
            ends = live.filtered("date_end").mapped("date_end")
            customer.agreement_end = min(ends, default=False)
            customer.renewal_due_id = own.filtered(lambda a: a.state == "to_renew").sorted(
                lambda a: a.date_end or date.max)[:1]

    def _advice_candidates(self, rules):
        """What ends unless somebody acts comes before what his status suggests."""
        candidates = super()._advice_candidates(rules)
        due = self.renewal_due_id
        if due and due.renewal == "manual":
            candidates.append((30, self.env._(
                "Renew %(type)s %(number)s: %(situation)s", type=due.type_id.name,
                number=due.name, situation=" ".join(
                    filter(None, (due.situation, due._tell_begun()))))))
        return candidates

    def action_open_agreements(self):
        self.ensure_one()
        return self._get_action("customer_care.care_agreement_action") | {
            "domain": [("commercial_partner_id", "=", self.partner_id.id),
                       ("company_id", "=", self.company_id.id)],
            "context": {"default_partner_id": self.partner_id.id,
                        "default_company_id": self.company_id.id},
        }

    def _query_meet_buyers(self, since):
        """Whoever has an agreement gets a record too, also before his first invoice.

        He is counted with the next marks; nobody has to be welcomed for an old contract.
        """
        self.env["care.dirty"]._mark(self._query_meet_parties(since))
        return super()._query_meet_buyers(since)

    def _query_meet_parties(self, since) -> set[tuple[int, int]]:
        """(customer, company) of the new records. Few agreements change between two looks."""
        self.env["care.agreement"].flush_model()
        companies = self.env["res.company"].sudo().search([])  # every company's partner and day
        rows = self.env.execute_query(SQL(
            """INSERT INTO care_customer
                      (partner_id, company_id, revenue_net, invoiced, credited, purchase_days,
                       status, status_since, computed_at)
               SELECT DISTINCT a.commercial_partner_id, a.company_id, 0, 0, 0, 0,
                      'prospect', c.today, %(now)s::timestamp
                 FROM care_agreement a
                 JOIN unnest(%(companies)s, %(days)s::date[]) c (id, today) ON c.id = a.company_id
                WHERE a.state IN ('running', 'to_renew') AND a.write_date >= %(since)s
                  AND a.commercial_partner_id <> ALL(%(own)s)
                  AND NOT EXISTS (SELECT 1 FROM care_customer k
                                   WHERE k.partner_id = a.commercial_partner_id
                                     AND k.company_id = a.company_id)
               ON CONFLICT DO NOTHING RETURNING partner_id, company_id""",
            companies=companies.ids, days=[company._care_today() for company in companies],
            now=fields.Datetime.now(), since=since, own=companies.partner_id.ids,
        ))
        return set(rows)
