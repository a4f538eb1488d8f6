"""What happens once, when the addon is installed."""

from odoo import fields
from odoo.tools import SQL

# Leads whose past is rebuilt by one statement: bounds the memory that the database needs.
LEADS_PER_STEP = 20_000


REASON_XMLID = {"module": "sales_automation", "name": "lost_reason_not_now"}


def pre_init_hook(env):
    _add_outcome_column(env)
    _adopt_reason(env)


def _add_outcome_column(env):
    """Create the outcome column with a default that PostgreSQL keeps beside the table.

    The ORM would fill it by rewriting every lead; on a million leads that is the slowest part
    of the installation.
    """
    env.cr.execute(SQL(
        "ALTER TABLE crm_lead ADD COLUMN IF NOT EXISTS sales_outcome varchar DEFAULT 'open'"))
    env.cr.execute(SQL("ALTER TABLE crm_lead ALTER COLUMN sales_outcome DROP DEFAULT"))


def _adopt_reason(env):
    """Take back the lost reason that an earlier uninstallation left to the leads that use it."""
    known = env["ir.model.data"].search(
        [("model", "=", "crm.lost.reason")]).mapped("res_id")
    reason = env["crm.lost.reason"].with_context(lang=None, active_test=False).search(
        [("name", "=", "Not now"), ("id", "not in", known)], limit=1)
    if reason:
        env["ir.model.data"].create({
            **REASON_XMLID, "model": "crm.lost.reason", "res_id": reason.id, "noupdate": True})


def uninstall_hook(env):
    """Leads keep their lost reason: it is not deleted with the addon while one uses it. What the
    addon noted for itself goes."""
    xmlid = env["ir.model.data"].search([(key, "=", value) for key, value in REASON_XMLID.items()])
    leads = env["crm.lead"].with_context(active_test=False)
    if leads.search_count([("lost_reason_id", "in", xmlid.mapped("res_id"))], limit=1):
        xmlid.unlink()
    env["ir.config_parameter"].search([("key", "=like", "sales_automation.%")]).unlink()


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
