"""What happens once, when the addon leaves."""
from odoo.tools import SQL


def uninstall_hook(env):
    """What core knows no owner of: settings that an administrator saved, and the indexes on its
    tables, which are made where those tables are."""
    env["ir.config_parameter"].search([("key", "=like", "lead_nurture.%")]).unlink()
    env.cr.execute(env["nurture.event"]._query_drop_indexes())
    env.cr.execute(SQL("DROP INDEX IF EXISTS sale_order_nurture_lead_idx"))
