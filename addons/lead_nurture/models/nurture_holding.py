from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

FORGET = timedelta(days=30)


class NurtureHolding(models.Model):
    """One row: a lead fulfils what a scenario waits for leads to begin with, or did so once.

    Kept by difference, a pass at a time: so a change counts by whatever way it came about, and
    nobody's lead is touched. `began_at` is empty for those who fulfilled it from the start.
    """

    _name = "nurture.holding"
    _description = "Lead that fulfils what a scenario waits for"
    _log_access = False

    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, ondelete="cascade"
    )
    lead_id = fields.Integer(required=True, readonly=True)  # no key: deleting a lead never waits
    began_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)

    _lead_uniq = models.UniqueIndex("(scenario_id, lead_id)")
    _began_idx = models.Index("(scenario_id, began_at) WHERE ended_at IS NULL")
    _ended_idx = models.Index("(scenario_id, ended_at) WHERE ended_at IS NOT NULL")

    @api.model
    def _look(self, scenario, leads, now, silent):
        """Bring the rows of a scenario up to the query `leads` (lead_id)."""
        self.env.execute_query(self._query_look(scenario, leads, now, silent))

    @api.model
    def _forget(self, scenarios):
        self.env.cr.execute(self._query_forget(scenarios))

    @api.autovacuum
    def _gc_ended(self):
        self.env.cr.execute(self._query_gc(fields.Datetime.now() - FORGET))

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_look(self, scenario, leads, now, silent):
        # index nurture_holding_lead_uniq. A full join is hashed whatever the planner guesses.
        return SQL(
            """WITH moves AS MATERIALIZED (
                   SELECT COALESCE(m.lead_id, h.lead_id) AS lead_id, h.id AS held
                     FROM (SELECT DISTINCT lead_id FROM (%(leads)s) found) m
                FULL JOIN (SELECT id, lead_id FROM nurture_holding
                            WHERE scenario_id = %(scenario)s AND ended_at IS NULL) h
                       ON h.lead_id = m.lead_id
                    WHERE m.lead_id IS NULL OR h.lead_id IS NULL),
                    ended AS (
                   UPDATE nurture_holding SET ended_at = %(now)s
                    WHERE id IN (SELECT held FROM moves WHERE held IS NOT NULL) RETURNING 1),
                    began AS (
                   INSERT INTO nurture_holding (scenario_id, lead_id, began_at)
                   SELECT %(scenario)s, lead_id, %(began)s FROM moves WHERE held IS NULL
              ON CONFLICT (scenario_id, lead_id)
                DO UPDATE SET began_at = EXCLUDED.began_at, ended_at = NULL RETURNING 1)
               SELECT (SELECT COUNT(*) FROM began), (SELECT COUNT(*) FROM ended)""",
            leads=leads,
            scenario=scenario.id,
            now=now,
            began=None if silent else now,
        )

    def _query_forget(self, scenarios):
        return SQL("DELETE FROM nurture_holding WHERE scenario_id = ANY(%s)", scenarios.ids)

    def _query_gc(self, before):
        # index nurture_holding_ended_idx
        return SQL("DELETE FROM nurture_holding WHERE ended_at < %s", before)
