from odoo import api, fields, models
from odoo.tools import SQL


class SalesStageHistory(models.Model):
    """The past of deals, rebuilt from what the chatter tracked.

    Core tracks `stage_id` and `won_status`. Both are brought into one sequence of states per
    deal, and the rules of the live clock are applied to it: a stay begins with a stage or a
    reopening and ends with the next stage or the closing. Where the tracking does not lead to
    the present state (imported data), the lead's own dates close the gap.
    """

    _inherit = "sales.stage.history"

    @api.model
    def _backfill(self, lead_ids):
        """Rebuild history, outcome, won and lost moments of these leads; repeatable."""
        self.env.flush_all()
        now = fields.Datetime.now()
        self.env.execute_query(self._query_wipe(lead_ids))
        self.env.execute_query(self._query_backfill_outcome(lead_ids))
        self.env.execute_query(self._query_backfill(lead_ids, now))
        self.env.execute_query(self._query_relabel(lead_ids))
        self.env.execute_query(self._query_backfill_moments(lead_ids))
        self.env.invalidate_all(flush=False)

    @api.model
    def _query_wipe(self, lead_ids):
        return SQL(
            "DELETE FROM sales_stage_history WHERE lead_id = ANY(%s) RETURNING id", list(lead_ids))

    @api.model
    def _query_backfill_outcome(self, lead_ids):
        """Leads and opportunities alike: what core's verdict and the reason say today."""
        return SQL(
            """
            UPDATE crm_lead l
               SET sales_outcome = x.outcome
              FROM (SELECT i.id,
                           CASE i.won_status
                                WHEN 'won' THEN 'won'
                                WHEN 'lost' THEN CASE WHEN r.is_recycle THEN 'recycled'
                                                      ELSE 'lost' END
                                ELSE 'open' END AS outcome
                      FROM crm_lead i
                      LEFT JOIN crm_lost_reason r ON r.id = i.lost_reason_id
                     WHERE i.id = ANY(%s)) x
             WHERE l.id = x.id AND l.sales_outcome IS DISTINCT FROM x.outcome
         RETURNING l.id
            """,
            list(lead_ids),
        )

    @api.model
    def _query_backfill_moments(self, lead_ids):
        """Won: the first arrival in a won stage since the deal was last open. Lost: the last.

        One pass over the rows of these leads: the table may have been filled a moment ago, and
        whatever is looked up lead by lead would then be a scan for each, for want of statistics.
        """
        return SQL(
            """
            UPDATE crm_lead l
               SET won_at = CASE WHEN l.sales_outcome = 'won' THEN COALESCE(
                        x.won_at, l.date_closed, l.date_last_stage_update, l.write_date) END,
                   lost_at = CASE WHEN l.sales_outcome IN ('lost', 'recycled') THEN COALESCE(
                        x.lost_at, l.date_closed, l.write_date) END
              FROM (SELECT i.id, m.won_at, m.lost_at
                      FROM crm_lead i
                      LEFT JOIN (
                            SELECT h.lead_id,
                                   MIN(h.left_at) FILTER (
                                        WHERE h.outcome = 'won' AND h.left_at >= h.ended_at)
                                        AS won_at,
                                   MAX(h.left_at) FILTER (
                                        WHERE h.outcome IN ('lost', 'recycled')) AS lost_at
                              FROM (SELECT lead_id, outcome, left_at,
                                           COALESCE(MAX(left_at) FILTER (
                                                WHERE outcome IS DISTINCT FROM 'won')
                                                OVER (PARTITION BY lead_id), '-infinity')
                                                AS ended_at
                                      FROM sales_stage_history
                                     WHERE lead_id = ANY(%(ids)s)) h
                             GROUP BY h.lead_id) m ON m.lead_id = i.id
                     WHERE i.id = ANY(%(ids)s)) x
             WHERE l.id = x.id
               AND (l.sales_outcome <> 'open' OR l.won_at IS NOT NULL OR l.lost_at IS NOT NULL)
         RETURNING l.id
            """,
            ids=list(lead_ids),
        )

    @api.model
    def _query_backfill(self, lead_ids, now):
        """Insert the stays; what was not tracked (amount, person) is filled for the open one."""
        return SQL(
            """
            WITH %(tracked)s, %(states)s, %(stays)s
            INSERT INTO sales_stage_history (
                lead_id, stage_id, entered_at, left_at, seconds, outcome, direction, skipped,
                is_system, is_merged, origin, user_id, team_id, company_id, amount, probability,
                date_deadline, forecast_category)
            SELECT s.lead_id, s.stage_id, s.at, s.left_at, EXTRACT(EPOCH FROM s.span), s.outcome,
                   s.direction, CASE WHEN s.direction = 'forward' THEN %(skipped)s END,
                   FALSE, FALSE, 'backfill', l.user_id, l.team_id, l.company_id,
                   CASE WHEN s.left_at IS NULL THEN l.expected_revenue END,
                   CASE WHEN s.left_at IS NULL THEN l.probability END,
                   CASE WHEN s.left_at IS NULL THEN l.date_deadline END,
                   CASE WHEN s.left_at IS NULL THEN %(category)s END
              FROM stay s
              JOIN crm_lead l ON l.id = s.lead_id
              LEFT JOIN crm_stage entered ON entered.id = s.stage_id
              LEFT JOIN LATERAL (SELECT b.id AS stage_id, b.sequence FROM crm_stage b
                                  WHERE b.id = s.last_stage) before ON TRUE
             ORDER BY s.lead_id, s.at
         RETURNING id
            """,
            tracked=self._query_tracked(lead_ids, now), states=self._query_states(),
            stays=self._query_stays(), skipped=self._query_skipped("before", "entered"),
            category=self.env["crm.lead"]._query_forecast_category("l", "entered"),
        )

    @api.model
    def _query_tracked(self, lead_ids, now):
        """Common tables `deal` and `tracked`: the leads, and what the chatter says of them.

        A selection is tracked by its label, in the language of whoever changed it: every
        translation of the labels of `won_status` is understood.
        Reads mail_message by its index on (model, res_id).
        """
        return SQL(
            """
            label AS (
                SELECT DISTINCT ON (t.text) t.text, s.value
                  FROM ir_model_fields_selection s
                  JOIN ir_model_fields f ON f.id = s.field_id
                 CROSS JOIN LATERAL jsonb_each_text(s.name) AS t(lang, text)
                 WHERE f.model = 'crm.lead' AND f.name = 'won_status'
                 ORDER BY t.text, s.id
            ), deal AS (
                SELECT l.id, l.stage_id, COALESCE(l.won_status, 'pending') AS status,
                       COALESCE(l.date_conversion, l.create_date, l.date_open, %(now)s) AS born,
                       CASE WHEN l.won_status IN ('won', 'lost') THEN l.date_closed END AS closed,
                       COALESCE(l.date_last_stage_update, l.write_date, %(now)s) AS touched
                  FROM crm_lead l
                 WHERE l.id = ANY(%(ids)s) AND l.type = 'opportunity'
            ), tracked AS (
                SELECT m.res_id AS lead_id, m.id, m.date AS at,
                       MAX(v.old_value_integer) FILTER (WHERE f.name = 'stage_id') AS old_stage,
                       MAX(s.id) AS stage_id, MAX(label.value) AS status
                  FROM mail_message m
                  JOIN mail_tracking_value v ON v.mail_message_id = m.id
                  JOIN ir_model_fields f ON f.id = v.field_id AND f.model = 'crm.lead'
                   AND f.name IN ('stage_id', 'won_status')
                  LEFT JOIN crm_stage s ON f.name = 'stage_id' AND s.id = v.new_value_integer
                  LEFT JOIN label ON f.name = 'won_status' AND label.text = v.new_value_char
                 WHERE m.model = 'crm.lead' AND m.res_id = ANY(%(ids)s)
                 GROUP BY m.res_id, m.id, m.date
            )
            """,
            ids=list(lead_ids), now=now,
        )

    @api.model
    def _query_states(self):
        """Common tables ending in `state`: (lead_id, at, stage_id, status), one per moment.

        What was tracked before the conversion of a lead only tells the state in which the
        opportunity began; the last event is the present state. The stage in which a deal that
        was imported as won began is not known.
        """
        return SQL(
            """
            oldest AS (
                SELECT DISTINCT ON (t.lead_id) t.lead_id, s.id AS stage_id
                  FROM tracked t JOIN crm_stage s ON s.id = t.old_stage
                 ORDER BY t.lead_id, t.at, t.id
            ), newest AS (
                SELECT t.lead_id, MAX(t.at) AS at FROM tracked t GROUP BY t.lead_id
            ), event AS (
                SELECT d.id AS lead_id, d.born AS at, 0 AS rank, 0 AS message_id,
                       COALESCE(o.stage_id, CASE WHEN d.status <> 'won' THEN d.stage_id END)
                            AS stage_id, 'pending' AS status
                  FROM deal d
                  LEFT JOIN oldest o ON o.lead_id = d.id
                 UNION ALL
                SELECT t.lead_id, GREATEST(t.at, d.born), 1, t.id, t.stage_id, t.status
                  FROM tracked t JOIN deal d ON d.id = t.lead_id
                 UNION ALL
                SELECT d.id, GREATEST(COALESCE(d.closed, d.touched), d.born, n.at),
                       2, 0, d.stage_id, d.status
                  FROM deal d
                  LEFT JOIN newest n ON n.lead_id = d.id
            ), run AS (
                SELECT e.*, COUNT(stage_id) OVER w AS stage_run, COUNT(status) OVER w AS status_run
                  FROM event e
                WINDOW w AS (PARTITION BY lead_id ORDER BY at, rank, message_id)
            ), filled AS (
                SELECT lead_id, at, rank, message_id,
                       FIRST_VALUE(stage_id) OVER (PARTITION BY lead_id, stage_run
                            ORDER BY at, rank, message_id) AS stage_id,
                       FIRST_VALUE(status) OVER (PARTITION BY lead_id, status_run
                            ORDER BY at, rank, message_id) AS status
                  FROM run
            ), state AS (
                SELECT DISTINCT ON (lead_id, at) lead_id, at, stage_id, status
                  FROM filled
                 ORDER BY lead_id, at, rank DESC, message_id DESC
            )
            """)

    @api.model
    def _query_stays(self):
        """Common tables ending in `stay`: states classified as the live clock would have done.

        start: a stay begins; mark: the running stay ends with the closing of the deal; moment:
        the deal arrives closed in a stage. A stage that is not known makes no row.
        """
        return SQL(
            """
            step AS (
                SELECT s.*,
                       LAG(stage_id) OVER w AS old_stage, LAG(status) OVER w AS old_status
                  FROM state s
                WINDOW w AS (PARTITION BY lead_id ORDER BY at)
            ), turn AS (
                SELECT s.*,
                       CASE WHEN status = 'pending' THEN 'start'
                            WHEN old_status = 'pending' AND stage_id = old_stage THEN 'mark'
                            ELSE 'moment' END AS kind
                  FROM step s
                 WHERE (old_status IS NULL
                        OR status <> old_status
                        OR (stage_id IS DISTINCT FROM old_stage AND status <> 'lost'))
                   AND NOT (status = 'pending' AND stage_id IS NULL)
            ), linked AS (
                SELECT t.*, LEAD(at) OVER w AS next_at, LEAD(kind) OVER w AS next_kind,
                       LEAD(status) OVER w AS next_status,
                       LAG(kind) OVER w AS last_kind, LAG(stage_id) OVER w AS last_stage
                  FROM turn t
                WINDOW w AS (PARTITION BY lead_id ORDER BY at)
            ), stay AS (
                SELECT r.lead_id, r.stage_id, r.last_stage, r.at,
                       CASE WHEN kind = 'moment' THEN at ELSE next_at END AS left_at,
                       CASE WHEN kind = 'start' THEN next_at - at END AS span,
                       CASE WHEN kind = 'moment' THEN status
                            WHEN next_kind = 'mark' THEN next_status END AS outcome,
                       CASE WHEN last_kind IS NULL THEN 'first'
                            WHEN last_kind IN ('mark', 'moment') AND status <> old_status
                                THEN 'reopen'
                            WHEN (cs.sequence, cs.id) > (ls.sequence, ls.id) THEN 'forward'
                            ELSE 'back' END AS direction
                  FROM linked r
                  LEFT JOIN crm_stage cs ON cs.id = r.stage_id
                  LEFT JOIN crm_stage ls ON ls.id = r.last_stage
                 WHERE kind <> 'mark'
            )
            """)
