"""Facts that this version records from now on are rebuilt for the leads that are there."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    # Version 0.1.0 rebuilt the stages when it was installed and has recorded them since.
    env["sales.backfill"]._start(recorded=("history",))
