"""The numbers at the steps are kept by increments now: count what happened before."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("SELECT DISTINCT person_id FROM nurture_send WHERE person_id IS NOT NULL")
    env["nurture.send.seen"]._follow([row[0] for row in cr.fetchall()])
    for scenario in env["nurture.scenario"].with_context(active_test=False).search([]):
        env["nurture.node.stat"]._recount(scenario)
    # who is paused already has been so since somebody wrote it, as far as anybody knows
    cr.execute(
        """INSERT INTO nurture_scenario_pause (scenario_id, company_id, state, reason, started_at)
           SELECT id, company_id, 'open', pause_reason, write_date FROM nurture_scenario s
            WHERE state = 'paused' AND version_id IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM nurture_scenario_pause p WHERE p.scenario_id = s.id)"""
    )
