from odoo import api, fields, models
from odoo.tools import SQL


class NurtureEntering(models.Model):
    """One row: somebody who is about to enter a scenario, or why he does not, found by the pass
    that is running.

    People are found once a pass and let in place by place, a commit each. The table is written
    without a log: after a crash of the database it is empty, and the next pass finds them again.
    """

    _name = "nurture.entering"
    _description = "About to enter a scenario"
    _log_access = False

    # no foreign keys: nothing that people delete must wait for a pass
    scenario_id = fields.Integer(required=True)
    job_id = fields.Integer(required=True, help="0: the trigger of the scenario itself.")
    place = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    lead_id = fields.Integer(required=True)
    bar = fields.Char(help="Why the person may not enter.")

    _place_uniq = models.UniqueIndex("(scenario_id, job_id, place)")

    def init(self):
        self.env.cr.execute(self._query_without_log())

    @api.autovacuum
    def _gc_left(self):
        """Places of passes that were paused or cancelled in the middle."""
        self.env.cr.execute(self._query_gc())

    def _fill(self, scenario, job_id, found):
        """Keep the people of the query `found` (person_id, lead_id, bar); → how many"""
        self._clear(scenario, job_id)
        [(count,)] = self.env.execute_query(self._query_fill(scenario, job_id, found))
        return count

    def _clear(self, scenario, job_id):
        self.env.cr.execute(self._query_clear(scenario, job_id))

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_without_log(self):
        return SQL("ALTER TABLE nurture_entering SET UNLOGGED")

    def _query_clear(self, scenario, job_id):
        # index nurture_entering_place_uniq
        return SQL(
            "DELETE FROM nurture_entering WHERE scenario_id = %s AND job_id = %s",
            scenario.id,
            job_id,
        )

    def _query_gc(self):
        return SQL(
            """DELETE FROM nurture_entering place
                WHERE NOT EXISTS (SELECT 1 FROM nurture_scenario s
                                   WHERE s.id = place.scenario_id AND s.state = 'running')
                   OR (job_id <> 0 AND NOT EXISTS (
                           SELECT 1 FROM nurture_enrol_job j
                            WHERE j.id = place.job_id AND j.state IN ('waiting', 'running')))"""
        )

    def _query_people(self, scenario, job_id, start, stop):
        """Rows (person_id, lead_id) of those with the places after `start` up to `stop`."""
        # index nurture_entering_place_uniq
        return SQL(
            """SELECT person_id, lead_id FROM nurture_entering
                WHERE scenario_id = %s AND job_id = %s AND place > %s AND place <= %s
                  AND bar IS NULL""",
            scenario.id,
            job_id,
            start,
            stop,
        )

    def _query_tally(self, scenario, job_id, start, stop):
        """Rows (bar, how many, last person) of those places."""
        # index nurture_entering_place_uniq
        return SQL(
            """SELECT bar, COUNT(*), MAX(person_id) FROM nurture_entering
                WHERE scenario_id = %s AND job_id = %s AND place > %s AND place <= %s
             GROUP BY bar""",
            scenario.id,
            job_id,
            start,
            stop,
        )

    def _query_fill(self, scenario, job_id, found):
        return SQL(
            """WITH filled AS (
               INSERT INTO nurture_entering (scenario_id, job_id, place, person_id, lead_id, bar)
               SELECT %s, %s, row_number() OVER (ORDER BY found.person_id), found.person_id,
                      found.lead_id, found.bar
                 FROM (%s) found
            RETURNING 1)
               SELECT COUNT(*) FROM filled""",
            scenario.id,
            job_id,
            found,
        )
