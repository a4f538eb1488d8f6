"""What happens once, when the addon is installed."""

from odoo import fields
from odoo.tools import SQL

# Leads whose past is rebuilt by one statement: bounds the memory that the database needs.
LEADS_PER_STEP = 20_000


def pre_init_hook(env):
    """Create the outcome column with a default that PostgreSQL keeps beside the table.

    The ORM would fill it by rewriting every lead; on a million leads that is the slowest part
    of the installation.
    """
    env.cr.execute(SQL(
        "ALTER TABLE crm_lead ADD COLUMN IF NOT EXISTS sales_outcome varchar DEFAULT 'open'"))
    env.cr.execute(SQL("ALTER TABLE crm_lead ALTER COLUMN sales_outcome DROP DEFAULT"))


def post_init_hook(env):
    """Rebuild the past from the chatter and remember from when on conversions are routed."""
    history = env["sales.stage.history"]
    leads = env["crm.lead"].with_context(active_test=False)
    last_id = 0
    while step := leads.search([("id", ">", last_id)], order="id", limit=LEADS_PER_STEP):
        last_id = step.ids[-1]
        history._backfill(step.ids)
    env["ir.config_parameter"].set_param(
        "sales_automation.routing_since", fields.Datetime.to_string(fields.Datetime.now()))
