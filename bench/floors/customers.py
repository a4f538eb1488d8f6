"""The floor of the customer figures: one INSERT .. SELECT .. GROUP BY from the invoices.

It tells apart what any correct figure must (refunds, invoices wholly credited, several invoices
of one day) and nothing else: no status, no look at the rows of before, no chunks, no queue.
"""

from datetime import datetime

from odoo.api import Environment
from odoo.tools import SQL

TABLE = "bench_customer"


def write_customers(env: Environment, now: datetime, partners: list[int] | None = None) -> None:
    """Insert the figures of every customer of the company, or of these."""
    env.cr.execute(
        SQL(
            """WITH taken_back AS (
                   SELECT c.reversed_entry_id AS id
                     FROM account_move c
                     JOIN account_move i ON i.id = c.reversed_entry_id
                    WHERE c.move_type = 'out_refund' AND c.state = 'posted'%(only_c)s
                 GROUP BY c.reversed_entry_id
                   HAVING sum(c.amount_untaxed_in_currency_signed)
                          + min(i.amount_untaxed_in_currency_signed) <= 0),
               counted AS (
                   SELECT m.commercial_partner_id AS partner,
                          sum(m.amount_untaxed_signed) AS net,
                          sum(m.amount_untaxed_signed)
                              FILTER (WHERE m.move_type <> 'out_refund') AS invoiced,
                          -sum(m.amount_untaxed_signed)
                              FILTER (WHERE m.move_type = 'out_refund') AS credited,
                          array_agg(DISTINCT m.invoice_date ORDER BY m.invoice_date)
                              FILTER (WHERE m.move_type <> 'out_refund' AND t.id IS NULL) AS days
                     FROM account_move m
                LEFT JOIN taken_back t ON t.id = m.id
                    WHERE m.state = 'posted' AND m.company_id = %(company)s
                      AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')%(only_m)s
                 GROUP BY m.commercial_partner_id)
               INSERT INTO %(table)s (partner_id, company_id, revenue_net, invoiced, credited,
                      purchase_days, first_purchase, previous_purchase, last_purchase, gap_days,
                      status, computed_at)
               SELECT partner, %(company)s, net, COALESCE(invoiced, 0), COALESCE(credited, 0),
                      COALESCE(cardinality(days), 0), days[1],
                      days[cardinality(days) - 1], days[cardinality(days)],
                      (days[cardinality(days)] - days[1])::float8
                          / NULLIF(cardinality(days) - 1, 0),
                      'active', %(now)s
                 FROM counted""",
            table=SQL.identifier(TABLE),
            company=env.company.id,
            now=now,
            only_c=_only(SQL("c.commercial_partner_id"), partners),
            only_m=_only(SQL("m.commercial_partner_id"), partners),
        )
    )


def _only(column: SQL, partners: list[int] | None) -> SQL:
    return SQL() if partners is None else SQL(" AND %s = ANY(%s)", column, partners)
