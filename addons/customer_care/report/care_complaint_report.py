from odoo import fields, models
from odoo.addons.customer_care.models.care_case import CASE_KINDS, SEVERITIES
from odoo.addons.customer_care.models.care_case_complaint import COMPLAINT_KINDS
from odoo.addons.customer_care.models.care_remedy import REMEDIES
from odoo.addons.customer_care.models.care_stage import KINDS
from odoo.addons.customer_care.models.optional import OptionalFloat
from odoo.tools import SQL


class CareComplaintReport(models.Model):
    """One complaint, defect or return: why it came about, what it cost, and what came after.

    Without spam, duplicates and what was merged into another case. Shares are means of 100 and 0
    over those of whom the answer is known; nobody known is empty, never 0.
    """

    _name = "care.complaint.report"
    _description = "Complaints"
    _auto = False
    _order = "opened_on desc, id desc"
    _rec_name = "case_id"
    _depends = {
        "care.case": [
            "kind", "severity", "company_id", "team_id", "resolver_id", "category_id",
            "product_id", "lot_name", "commercial_partner_id", "opened_at", "last_resolved_at",
            "stage_kind", "close_reason", "root_cause_id", "remedy_wanted", "acceptance",
            "bought_again", "active", "corrective_action", "corrective_done_on"],
        "care.remedy": ["case_id", "kind", "amount", "move_id", "invoice_id"],
        "account.move": ["state", "amount_untaxed_signed"],
    }

    case_id = fields.Many2one("care.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    opened_on = fields.Date("Opened", readonly=True)
    settled_on = fields.Date("Settled", readonly=True)
    kind = fields.Selection(CASE_KINDS, readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)
    stage_kind = fields.Selection(KINDS, "Stage", readonly=True)
    team_id = fields.Many2one("care.team", "Team", readonly=True)
    resolver_id = fields.Many2one("res.users", "Resolved by", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    category_id = fields.Many2one("care.category", "Category", readonly=True)
    product_id = fields.Many2one("product.product", "Product", readonly=True)
    product_tmpl_id = fields.Many2one("product.template", "Product family", readonly=True)
    lot_name = fields.Char("Lot", readonly=True)
    root_cause_id = fields.Many2one("care.root.cause", "Root cause", readonly=True)
    remedy_wanted = fields.Selection(REMEDIES, "Wanted", readonly=True)
    remedy = fields.Selection(
        [*REMEDIES, ("several", "Several")], "Remedy", readonly=True,
        help="Several: remedies of more than one kind.")
    cost = fields.Monetary(
        "Cost of remedies", readonly=True,
        help="Untaxed, in company currency: posted credit notes, and what was entered for "
        "everything else.")
    complaints = fields.Integer("Complaints", readonly=True)
    settled_days = OptionalFloat(
        "Days to settle", readonly=True, aggregator="avg", digits=(16, 1),
        help="Days from the opening to the latest resolution, weekends included; mean of those "
        "resolved.")
    said = fields.Integer(
        "Accepted or refused", readonly=True, help="Customers who answered our answer.")
    accepted_percent = OptionalFloat(
        "Accepted (%)", readonly=True, aggregator="avg", digits=(16, 0),
        help="Accepted / (accepted + refused). Empty when nobody said.")
    matured = fields.Integer(
        "Old enough to say", readonly=True,
        help="Settled complaints whose customer bought again, or had all the days of the settings "
        "for it.")
    bought_again_percent = OptionalFloat(
        "Bought again (%)", readonly=True, aggregator="avg", digits=(16, 0),
        help="Bought again / those old enough to say, counting only those whose days are over. "
        "Empty while nobody's are.")
    corrective = fields.Selection(
        [("none", "None planned"), ("planned", "Planned"), ("done", "Done")],
        "Corrective action", readonly=True)

    def action_open_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "care.case",
            "res_id": self.case_id.id, "views": [(False, "form")]}

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            self._query_complaints(company) for company in self.env.companies)

    def _query_complaints(self, company) -> SQL:
        """Complaints of one company. Index care_case_complaint_idx.

        Who bought again is in the share only when his days are over: else the quick ones would be
        counted while the others are still waited for.
        """
        # Its days in the company's own zone.
        zone, today = company._care_zone(), company._care_today()
        return SQL(
            """SELECT c.*, CASE WHEN c.matured = 1 THEN
                               CASE WHEN c.answer = 'yes' THEN 100.0 ELSE 0 END
                           END AS bought_again_percent
                 FROM (
                   SELECT s.id, s.id AS case_id, 1 AS complaints, s.company_id, s.kind, s.severity,
                          s.stage_kind, s.team_id, s.resolver_id, s.commercial_partner_id,
                          s.category_id, s.product_id, v.product_tmpl_id, s.lot_name,
                          s.root_cause_id,
                          s.remedy_wanted, r.remedy, COALESCE(r.cost, 0) AS cost,
                          s.bought_again AS answer, d.opened_on, d.settled_on,
                          CASE WHEN d.settled_on IS NOT NULL THEN EXTRACT(
                              EPOCH FROM s.last_resolved_at - s.opened_at) / 86400
                          END::float8 AS settled_days,
                          (s.acceptance IN ('accepted', 'refused'))::int AS said,
                          CASE s.acceptance WHEN 'accepted' THEN 100.0 WHEN 'refused' THEN 0
                          END AS accepted_percent,
                          COALESCE(s.bought_again IS NOT NULL
                              AND d.settled_on + %(limit)s < %(today)s, FALSE)::int AS matured,
                          CASE WHEN s.corrective_done_on IS NOT NULL THEN 'done'
                               WHEN COALESCE(s.corrective_action, '') <> '' THEN 'planned'
                               ELSE 'none' END AS corrective
                     FROM care_case s
             CROSS JOIN LATERAL (SELECT
                          (s.opened_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                              AS opened_on,
                          CASE WHEN s.stage_kind IN ('resolved', 'closed') THEN
                              (s.last_resolved_at AT TIME ZONE 'UTC'
                               AT TIME ZONE %(zone)s)::date END AS settled_on) d
                LEFT JOIN product_product v ON v.id = s.product_id
                LEFT JOIN (%(remedies)s) r ON r.case_id = s.id
                    WHERE s.company_id = %(company)s AND s.kind = ANY(%(kinds)s) AND s.active
                      AND COALESCE(s.close_reason, 'solved')
                          NOT IN ('spam', 'duplicate', 'merged')
               ) c""",
            limit=company.care_bought_again_days, today=today, zone=zone, company=company.id,
            kinds=list(COMPLAINT_KINDS), remedies=self._query_remedies(company))

    def _query_remedies(self, company) -> SQL:
        """Rows (case_id, remedy, cost): as care.remedy tells the cost of each."""
        return SQL(
            """SELECT g.case_id,
                      CASE WHEN COUNT(DISTINCT g.kind) > 1 THEN 'several' ELSE MIN(g.kind) END
                          AS remedy,
                      SUM(CASE WHEN g.move_id IS NOT NULL THEN
                                    CASE WHEN m.state = 'posted' THEN -m.amount_untaxed_signed
                                         ELSE 0 END
                               WHEN g.invoice_id IS NOT NULL THEN 0
                               ELSE COALESCE(g.amount, 0) END) AS cost
                 FROM care_remedy g LEFT JOIN account_move m ON m.id = g.move_id
                WHERE g.company_id = %s GROUP BY g.case_id""",
            company.id)
