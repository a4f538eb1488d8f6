from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 5_000
OVERLAP = 1_000  # transactions that were open while we read may show up behind the mark
MARK = "crossing:event"


class NurtureCrossing(models.Model):
    """Crossings act: read from the events behind a mark, one statement for each row of a model."""

    _inherit = "nurture.crossing"

    @api.model
    def _cron_act(self):
        cron = self.env["ir.cron"]
        while done := self._act_batch():
            if not cron._commit_progress(done, remaining=BATCH):
                return
        alerts = self.env["nurture.alert"]
        while done := alerts._send_batch(fields.Datetime.now()):
            if not cron._commit_progress(done, remaining=alerts._count_due()):
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _act_batch(self):
        """Act on the next crossings; how many there were. The first run looks at nothing old, and
        gives the score models that were there before us what a new one begins with."""
        marks = self.env["nurture.watermark"]
        self.env.flush_all()
        _at, last_id = marks._read_mark(MARK)
        if not last_id:
            self.env["nurture.score.model"]._give_first_crossings()
            last_id = self.env.execute_query(self._query_last_event())[0][0] or 1
            marks._write_mark(MARK, None, last_id)
        seen_from = max(last_id - OVERLAP, 0)
        ids = [row[0] for row in self.env.execute_query(self._query_crossings(seen_from))]
        if not ids or ids[-1] <= last_id:
            return 0
        for crossing in self.search([("model_id.state", "=", "active")]):
            getattr(crossing, f"_act_{crossing.kind}")(ids)
        marks._write_mark(MARK, None, ids[-1])
        return len(ids)

    def _act_alert(self, event_ids):
        """Owe an alert; it is sent in the same run."""
        self.env.execute_query(self._query_owe_alerts(event_ids))
        self.env["nurture.alert"].invalidate_model(flush=False)

    def _act_status(self, event_ids):
        stays = self.env["nurture.stay"]
        found = self._query_found_leads(event_ids)
        stays._record_moves(stays._move(self.status_id, found, "crossing"))

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_last_event(self):
        return SQL("SELECT MAX(id) FROM nurture_event")

    def _query_crossings(self, last_id):
        # index nurture_event_crossing_idx
        return SQL(
            """SELECT id FROM nurture_event
                WHERE id > %s AND kind IN ('band_up', 'band_down') AND source = 'score'
             ORDER BY id LIMIT %s""",
            last_id,
            BATCH,
        )

    def _query_met(self, event_ids):
        """Open leads `l` of the persons whose crossing `e` is the one of this row; a lead of one
        company is not touched by the score model of another."""
        # indexes nurture_event_pkey, nurture_identity__person_id_index, crm_lead_pkey
        return SQL(
            """nurture_event e
                 JOIN nurture_identity i ON i.person_id = e.person_id AND i.kind = 'lead'
                 JOIN crm_lead l ON l.id = i.res_id AND l.active AND l.won_status = 'pending'
                  AND (%(company)s IS NULL OR COALESCE(l.company_id, %(company)s) = %(company)s)
                WHERE e.id = ANY(%(ids)s) AND e.kind = %(kind)s AND e.topic = %(band)s
                  AND e.res_id = %(model)s AND e.res_model = 'nurture.score.model'""",
            company=SQL("%s::int", self.model_id.company_id.id or None),
            ids=list(event_ids),
            kind=self.direction,
            band=self.band,
            model=self.model_id.id,
        )

    def _query_owe_alerts(self, event_ids):
        """One alert for each person and salesperson, about the newest lead; none while an own one
        is open, nor so soon again. Asked by salesperson, not by lead: who is in charge of three
        leads of a person was told when he was told of one."""
        # index nurture_alert_person_idx
        return SQL(
            """INSERT INTO nurture_alert (crossing_id, event_id, person_id, lead_id, owner_id,
                                          company_id, occurred_at, score, state, attempts, run_at)
               SELECT DISTINCT ON (i.person_id, l.user_id)
                      %(crossing)s, e.id, i.person_id, l.id, l.user_id,
                      COALESCE(l.company_id, e.company_id), e.occurred_at, e.qty, 'waiting', 0,
                      %(now)s
                 FROM %(met)s
                  AND NOT EXISTS (
                      SELECT 1 FROM nurture_alert a
                        LEFT JOIN mail_activity open ON open.id = a.activity_id AND open.active
                       WHERE a.person_id = i.person_id AND a.crossing_id = %(crossing)s
                         AND a.owner_id IS NOT DISTINCT FROM l.user_id
                         AND (a.event_id >= e.id OR a.state = 'waiting' OR open.id IS NOT NULL
                           OR a.state IN ('sent', 'grouped') AND a.occurred_at
                              > e.occurred_at - make_interval(days => %(days)s)))
             ORDER BY i.person_id, l.user_id, l.id DESC, e.id DESC
          ON CONFLICT DO NOTHING RETURNING id""",
            crossing=self.id,
            met=self._query_met(event_ids),
            now=fields.Datetime.now(),
            days=self.again_days,
        )

    def _query_found_leads(self, event_ids):
        """Leads that may move to the status of this row, for nurture.stay."""
        # index nurture_stay_open_uniq
        return SQL(
            """SELECT DISTINCT ON (met.lead_id) met.lead_id, c.id AS stay_id,
                      c.status_id AS from_id,
                      date_trunc('second', GREATEST(met.at, c.entered_at)) AS at
                 FROM (SELECT l.id AS lead_id, e.occurred_at AS at FROM %(met)s) met
            LEFT JOIN nurture_stay c ON c.lead_id = met.lead_id AND c.left_at IS NULL
                WHERE (c.id IS NULL OR c.status_id = ANY(%(sources)s)
                       AND met.at >= date_trunc('second', c.entered_at))
             ORDER BY met.lead_id, met.at DESC""",
            met=self._query_met(event_ids),
            sources=self.status_id.from_ids.ids,
        )
