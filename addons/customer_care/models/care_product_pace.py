from odoo import api, fields, models
from odoo.tools import SQL

#: Below this many customers with two gaps each, nobody is typical.
MIN_CUSTOMERS = 5
#: A pace that moved less than this share stays: nobody's expected day moves by a day or more.
STEADY = 0.02


class CareProductPace(models.Model):
    """How fast the typical customer of a company needs one product again.

    Medians over the customers who bought it three times or more; a product with fewer than five
    of them has no row, and its customers are judged by their own gaps alone.
    """

    _name = "care.product.pace"
    _description = "Typical rhythm of a product"
    _log_access = False
    _rec_name = "product_id"
    _order = "customers desc, id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade")
    customers = fields.Integer(
        readonly=True, help="Customers with three purchases of the product or more.")
    gap_days = fields.Float("Days between purchases", readonly=True, digits=(16, 1))
    unit_days = fields.Float("Days per unit", readonly=True)
    early = fields.Float(readonly=True)
    late = fields.Float(readonly=True)

    _product_company_uniq = models.Constraint(
        "UNIQUE(company_id, product_id)", "This product already has a typical rhythm.")

    @api.model
    def _measure(self, company) -> list[int]:
        """Measure all products of a company anew; ids of those whose pace really moved."""
        self.env.flush_all()
        changed = self._query_measure(company)
        self.invalidate_model(flush=False)
        return changed

    def _query_measure(self, company) -> list[int]:
        """One pass over the narrow table of histories. Index care_product_history_uniq."""
        rows = self.env.execute_query(SQL(
            """WITH measured AS (
                   SELECT product_id, COUNT(*) AS customers,
                          percentile_cont(0.5) WITHIN GROUP (ORDER BY gap_days) AS gap_days,
                          percentile_cont(0.5) WITHIN GROUP (ORDER BY
                              (last_purchase - first_purchase) / (quantity - last_quantity))
                              AS unit_days,
                          percentile_cont(0.5) WITHIN GROUP (ORDER BY early) AS early,
                          percentile_cont(0.5) WITHIN GROUP (ORDER BY late) AS late
                     FROM care_product_history
                    WHERE company_id = %(company)s AND early IS NOT NULL
                 GROUP BY product_id HAVING COUNT(*) >= %(least)s
               ),
               gone AS (
                   DELETE FROM care_product_pace p
                    WHERE company_id = %(company)s
                      AND NOT EXISTS (SELECT 1 FROM measured m WHERE m.product_id = p.product_id)
                RETURNING product_id
               ),
               written AS (
                   INSERT INTO care_product_pace AS p
                          (company_id, product_id, customers, gap_days, unit_days, early, late)
                   SELECT %(company)s, product_id, customers, gap_days, unit_days, early, late
                     FROM measured
                   ON CONFLICT (company_id, product_id) DO UPDATE
                      SET (customers, gap_days, unit_days, early, late)
                        = (EXCLUDED.customers, EXCLUDED.gap_days, EXCLUDED.unit_days,
                           EXCLUDED.early, EXCLUDED.late)
                    WHERE abs(p.gap_days - EXCLUDED.gap_days) > %(steady)s * p.gap_days
                       OR abs(p.unit_days - EXCLUDED.unit_days) > %(steady)s * p.unit_days
                       OR abs(p.early - EXCLUDED.early) > %(steady)s
                       OR abs(p.late - EXCLUDED.late) > %(steady)s
                RETURNING product_id
               )
               SELECT product_id FROM gone UNION SELECT product_id FROM written""",
            company=company.id, least=MIN_CUSTOMERS, steady=STEADY,
        ))
        return [row[0] for row in rows]
