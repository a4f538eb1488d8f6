"""19.0.0.3.0: numbers at the steps are kept, and no longer counted when they are read."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for scenario in env["nurture.scenario"].with_context(active_test=False).search([]):
        env["nurture.node.stat"]._recount(scenario)
