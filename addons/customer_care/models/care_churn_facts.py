from odoo import models
from odoo.tools import SQL

#: What is counted of a period: customers, and money in company currency.
COUNTS = ("active_start", "retained", "lost", "arrived", "reactivated", "returned", "brief",
          "corrected", "active_end", "purchases")
MONEY = ("revenue_start", "revenue_lost", "contraction", "expansion", "revenue")


class CareChurnFacts(models.AbstractModel):
    """From months of customers to what a period counts; the same for month, quarter and year.

    A quarter is not the sum of its months: who was active when it began and is not when it ends
    was lost in it, whatever happened in between.
    """

    _name = "care.churn.facts"
    _description = "What a period of churn counts"

    def _query_facts(self, rows: SQL, periods: SQL) -> SQL:
        """Rows (partner_id, kind, span, date_from, COUNTS, MONEY): a customer's part in a period.

        rows: columns as in care.customer.month; periods: (kind, span, date_from, last_month).
        The counts are 0 or 1 unless partners were merged later: then both histories count.
        """
        return SQL(
            """SELECT partner_id, kind, span, date_from, starts AS active_start, retained,
                      starts - retained AS lost, arrived,
                      CASE WHEN starts = 0 AND arrived = 0 THEN LEAST(backs, 1) ELSE 0 END
                          AS reactivated,
                      CASE WHEN retained > 0 THEN LEAST(losses, 1) ELSE 0 END AS returned,
                      CASE WHEN ends > 0 OR starts > 0 THEN 0 WHEN arrived > 0 THEN arrived
                           ELSE LEAST(backs, 1) END AS brief,
                      restored - withdrawn AS corrected, ends AS active_end, purchases,
                      CASE WHEN starts > 0 THEN base ELSE 0 END AS revenue_start,
                      CASE WHEN starts > 0 AND retained = 0 THEN base ELSE 0 END AS revenue_lost,
                      CASE WHEN retained > 0 AND grown THEN GREATEST(base - worth, 0) ELSE 0 END
                          AS contraction,
                      CASE WHEN retained > 0 AND grown THEN GREATEST(worth - base, 0) ELSE 0 END
                          AS expansion,
                      revenue
                 FROM (SELECT *, LEAST(starts, ends) AS retained
                         FROM (SELECT part.*, CASE WHEN withdrawn > 0 AND ends = 0 THEN 0
                                                   ELSE begun END AS starts
                                 FROM (%s) part) counted) known""",
            self._query_parts(rows, periods),
        )

    def _query_parts(self, rows: SQL, periods: SQL) -> SQL:
        """A customer's months of a period, counted.

        Contraction and expansion compare two whole years: only who bought a year before is asked;
        agreements are compared by what runs.
        """
        return SQL(
            """SELECT r.partner_id, p.kind, p.span, p.date_from,
                      COUNT(*) FILTER (WHERE r.month = p.date_from AND r.active_start) AS begun,
                      COUNT(*) FILTER (WHERE r.month = p.last_month AND r.active_end) AS ends,
                      COUNT(*) FILTER (WHERE r.event = 'new') AS arrived,
                      COUNT(*) FILTER (WHERE r.event = 'reactivated') AS backs,
                      COUNT(*) FILTER (WHERE r.event = 'lost') AS losses,
                      COUNT(*) FILTER (WHERE r.event = 'restored') AS restored,
                      COUNT(*) FILTER (WHERE r.event = 'withdrawn') AS withdrawn,
                      SUM(r.purchases) AS purchases,
                      COALESCE(SUM(r.revenue_before)
                          FILTER (WHERE r.month = p.date_from AND r.active_start), 0) AS base,
                      COALESCE(SUM(r.revenue_after)
                          FILTER (WHERE r.month = p.last_month AND r.active_end), 0) AS worth,
                      COALESCE(bool_or(r.basis = 'agreements')
                               OR MIN(r.cohort) <= p.date_from - interval '1 year', FALSE) AS grown,
                      SUM(r.revenue) AS revenue
                 FROM (%(periods)s) p
                 JOIN (%(rows)s) r ON r.month BETWEEN p.date_from AND p.last_month
                  AND CASE WHEN p.kind = 'both' THEN r.in_both ELSE r.basis = p.kind END
             GROUP BY r.partner_id, p.kind, p.span, p.date_from""",
            periods=periods, rows=rows,
        )

    def _query_printed(self, company, first, last, scope: SQL | None = None) -> SQL:
        """Printed rows of some months. Index care_customer_month_month_idx, or _customer_idx."""
        return SQL(
            """SELECT * FROM care_customer_month k
                WHERE k.company_id = %s AND k.month BETWEEN %s AND %s AND %s""",
            company.id, first, last, scope or SQL("TRUE"),
        )
