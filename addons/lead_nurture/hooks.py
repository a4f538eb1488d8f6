"""What happens once, when the addon leaves."""
from odoo.tools import SQL


def uninstall_hook(env):
    """What core knows no owner of: settings that an administrator saved, and the indexes on orders,
    which are made only where there are orders."""
    env["ir.config_parameter"].search([("key", "=like", "lead_nurture.%")]).unlink()
    env.cr.execute(SQL("DROP INDEX IF EXISTS sale_order_nurture_pull_idx"))
    env.cr.execute(SQL("DROP INDEX IF EXISTS sale_order_nurture_lead_idx"))
