"""What happens once, when the addon is installed."""

from odoo import fields
from odoo.tools import SQL

# Lost reasons that the addon brings: xmlid name → name.
REASONS = {
    "lost_reason_not_now": "Not now", "lost_reason_duplicate": "Duplicate",
    "lost_reason_spam": "Spam or test"}


def pre_init_hook(env):
    _add_outcome_column(env)
    _adopt_reasons(env)


def _add_outcome_column(env):
    """Create the outcome column with a default that PostgreSQL keeps beside the table.

    The ORM would fill it by rewriting every lead; on a million leads that is the slowest part
    of the installation.
    """
    env.cr.execute(SQL(
        "ALTER TABLE crm_lead ADD COLUMN IF NOT EXISTS sales_outcome varchar DEFAULT 'open'"))
    env.cr.execute(SQL("ALTER TABLE crm_lead ALTER COLUMN sales_outcome DROP DEFAULT"))


def _adopt_reasons(env):
    """Take back lost reasons that an earlier uninstallation left to the leads that use them."""
    known = env["ir.model.data"].search(
        [("model", "=", "crm.lost.reason")]).mapped("res_id")
    orphans = env["crm.lost.reason"].with_context(lang=None, active_test=False).search(
        [("name", "in", list(REASONS.values())), ("id", "not in", known)])
    by_name = {reason.name: reason for reason in orphans}
    env["ir.model.data"].create([{
        "module": "sales_automation", "name": xmlid, "model": "crm.lost.reason",
        "res_id": by_name[name].id, "noupdate": True,
    } for xmlid, name in REASONS.items() if name in by_name])


def uninstall_hook(env):
    """Leads keep their lost reason: it is not deleted with the addon while one uses it. What the
    addon noted for itself goes."""
    xmlids = env["ir.model.data"].search(
        [("module", "=", "sales_automation"), ("name", "in", list(REASONS))])
    leads = env["crm.lead"].with_context(active_test=False)
    used = {reason.id for [reason] in leads._read_group(
        [("lost_reason_id", "in", xmlids.mapped("res_id"))], ["lost_reason_id"])}
    xmlids.filtered(lambda xmlid: xmlid.res_id in used).unlink()
    env["ir.config_parameter"].search([("key", "=like", "sales_automation.%")]).unlink()


def post_init_hook(env):
    """Rebuild the past, or begin to, and remember from when on conversions are routed."""
    env["sales.backfill"]._start()
    env["ir.config_parameter"].set_param(
        "sales_automation.routing_since", fields.Datetime.to_string(fields.Datetime.now()))
