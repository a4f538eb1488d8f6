"""A printed cost names the printed churn that its customers were counted by.

What was printed stays as it is. A period whose churn was never printed cannot be compared with
anything: it goes, and is printed again when its churn is.
"""
from odoo.tools.sql import column_exists, create_column, table_exists


def migrate(cr, version):
    table = "care_cost_period"
    if not table_exists(cr, table) or column_exists(cr, table, "churn_id"):
        return
    create_column(cr, table, "churn_id", "int4")
    cr.execute("""
        UPDATE care_cost_period c SET churn_id = (
            SELECT p.id FROM care_churn_period p
             WHERE p.company_id = c.company_id AND p.span = c.grain AND p.state = 'printed'
               AND p.date_from = c.date_from AND p.kind IN ('both', 'purchases')
          ORDER BY p.kind LIMIT 1)""")
    cr.execute("DELETE FROM care_cost_period WHERE churn_id IS NULL")
