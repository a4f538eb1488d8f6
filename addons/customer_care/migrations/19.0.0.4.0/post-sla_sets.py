"""A service level names several kinds and severities: the one that it named becomes the first."""
from odoo.tools import SQL
from odoo.tools.sql import column_exists


def migrate(cr, version):
    for field in ("kind", "severity"):
        if not column_exists(cr, "care_sla", field):
            continue
        cr.execute(SQL(
            """INSERT INTO %s (sla_id, choice_id)
                    SELECT s.id, c.id FROM care_sla s
                      JOIN care_choice c ON c.field = %s AND c.value = %s
               ON CONFLICT DO NOTHING""",
            SQL.identifier(f"care_sla_{field}_rel"), field, SQL.identifier("s", field)))
