from odoo import api, fields, models
from odoo.tools import SQL

#: Sources that a row's id can tell apart.
MOST_SOURCES = 8


class CareCostReport(models.Model):
    """One cost of keeping customers on one day (or in one month, when it is spread).

    A new source is one entry in `_cost_sources()` and one method `_query_cost_<key>(company)`:
    rows (ref, day, category_id, partner_id, name, gross, percent, res_model, res_id). Cost is
    positive; ref tells the rows of the source apart; partner_id is the customer it was spent on,
    empty where it was spent on all.
    """

    _name = "care.cost.report"
    _description = "Retention cost by line"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "name"
    _depends = {
        "care.retention.cost": [
            "name", "company_id", "category_id", "date_from", "date_to", "amount", "percent"],
        "account.analytic.account": [
            "care_retention", "care_retention_percent", "care_retention_category_id"],
        "account.analytic.line": [
            "amount", "date", "company_id", "name", "general_account_id", "partner_id"],
        "account.move": [
            "care_compensation", "state", "move_type", "invoice_date", "company_id", "name",
            "amount_untaxed_signed", "commercial_partner_id"],
        "res.company": ["care_refund_in"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(readonly=True)
    source = fields.Selection("_select_source", readonly=True)
    category_id = fields.Many2one("care.retention.category", "Kind", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True,
        help="Whom the cost was spent on: the customer of the case, of the credit note or of the "
        "booking. Empty: it was spent on all.")
    name = fields.Char("Description", readonly=True)
    gross = fields.Monetary(readonly=True, help="The whole cost, before the allocation.")
    percent = fields.Float("Of it for retention", readonly=True, aggregator=None)
    amount = fields.Monetary("Retention cost", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)

    @api.model
    def _cost_sources(self) -> dict[str, str]:
        """Registry: key → label, in the order of their ids (append, never insert)."""
        return {
            "manual": self.env._("Entered by hand"),
            "analytic": self.env._("Analytic accounts"),
            "compensation": self.env._("Compensation"),
        }

    @api.model
    def _select_source(self):
        return list(self._cost_sources().items())

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            self._query_company_costs(company) for company in self.env.companies)

    def action_open_source(self):
        """The entry that this cost comes from."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _query_company_costs(self, company) -> SQL:
        """All costs of one company from all sources, in the columns of this report."""
        return SQL(" UNION ALL ").join(
            SQL(
                """SELECT c.ref::bigint * %(most)s + %(number)s AS id,
                          %(company)s::integer AS company_id, c.day::date AS day,
                          %(source)s::varchar AS source, c.category_id::integer AS category_id,
                          c.partner_id::integer AS partner_id,
                          c.name::varchar AS name, c.gross::numeric AS gross,
                          c.percent::float8 AS percent,
                          (c.gross * c.percent::numeric / 100)::numeric AS amount,
                          c.res_model::varchar AS res_model, c.res_id::integer AS res_id
                     FROM (%(rows)s) c""",
                most=MOST_SOURCES, number=number, company=company.id, source=source,
                rows=getattr(self, f"_query_cost_{source}")(company),
            )
            for number, source in enumerate(self._cost_sources())
        )

    def _query_cost_manual(self, company) -> SQL:
        """A spread amount is one row for each month it touches, by days. Index _days_idx."""
        return SQL(
            """SELECT r.id::bigint * 2000 + 12 * date_part('year', m.month)
                      + date_part('month', m.month) - 24000 AS ref,
                      GREATEST(r.date_from, m.month::date) AS day, r.category_id,
                      NULL AS partner_id, r.name,
                      r.amount * (LEAST(r.date_to, (m.month + interval '1 month - 1 day')::date)
                                  - GREATEST(r.date_from, m.month::date) + 1)
                      / (r.date_to - r.date_from + 1) AS gross,
                      r.percent, 'care.retention.cost' AS res_model, r.id AS res_id
                 FROM care_retention_cost r,
              LATERAL generate_series(date_trunc('month', r.date_from::timestamp),
                                      r.date_to::timestamp, interval '1 month') m (month)
                WHERE r.company_id = %s""",
            company.id,
        )

    def _query_cost_analytic(self, company) -> SQL:
        """What is booked on flagged accounts: costs are negative there, and what a supplier gave
        back positive; revenue is left out. A line that stands on two flagged accounts counts
        once, by the larger part. Indexes of account_analytic_line by plan.
        """
        lines = self.env["account.analytic.line"].sudo()  # plans are the same for everybody
        columns = [SQL.identifier("l", name) for name in lines._get_plan_fnames()]
        flagged = SQL("(SELECT id FROM account_analytic_account WHERE care_retention)")
        return SQL(
            """SELECT l.id AS ref, l.date AS day, a.care_retention_category_id AS category_id,
                      p.commercial_partner_id AS partner_id,
                      l.name, -l.amount AS gross, a.care_retention_percent AS percent,
                      'account.analytic.line' AS res_model, l.id AS res_id
                 FROM account_analytic_line l
         JOIN LATERAL (SELECT care_retention_category_id, care_retention_percent
                         FROM account_analytic_account f
                        WHERE f.care_retention AND f.id IN (%(columns)s)
                     ORDER BY care_retention_percent DESC, f.id LIMIT 1) a ON TRUE
            LEFT JOIN account_account g ON g.id = l.general_account_id
            LEFT JOIN res_partner p ON p.id = l.partner_id
                WHERE l.company_id = %(company)s AND (%(stands)s)
                  AND (g.id IS NULL OR g.account_type LIKE 'expense%%')""",
            columns=SQL(", ").join(columns), company=company.id,
            stands=SQL(" OR ").join(SQL("%s IN %s", column, flagged) for column in columns),
        )

    def _query_cost_compensation(self, company) -> SQL:
        """Nothing while compensation lowers the customers' value."""
        return SQL(
            """SELECT c.move_id AS ref, c.day, NULL AS category_id, c.partner_id, c.name,
                      c.amount AS gross, 100 AS percent, 'account.move' AS res_model,
                      c.move_id AS res_id
                 FROM (%s) c WHERE %s""",
            self._query_compensation(company), company.care_refund_in == "cost",
        )

    def _query_compensation(self, company) -> SQL:
        """Rows (move_id, partner_id, day, name, amount) of credit notes given as compensation."""
        return SQL(
            """SELECT m.id AS move_id, m.commercial_partner_id AS partner_id,
                      m.invoice_date AS day, m.name, -m.amount_untaxed_signed AS amount
                 FROM account_move m
                WHERE m.care_compensation AND m.company_id = %s AND m.state = 'posted'
                  AND m.move_type = 'out_refund'""",
            company.id,
        )
