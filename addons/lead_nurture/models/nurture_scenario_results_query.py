from odoo import models
from odoo.tools import SQL


class NurtureScenario(models.Model):
    """The statements behind the results of one scenario. Each looks at the rows of this scenario
    alone, all of which are of its company."""

    _inherit = "nurture.scenario"

    def _query_journeys(self, version):
        """Journeys `j` of this scenario, of one version or of all."""
        # index nurture_enrolment_history_idx
        return SQL(
            "j.scenario_id = %s AND %s", self.id,
            SQL("j.version_id = %s", version.id) if version else SQL("TRUE"),
        )  # fmt: skip

    def _query_steps(self, alias, version):
        """Rows of steps, such as mails, of this scenario; a step belongs to one version."""
        if not version:
            return SQL("%s = %s", SQL.identifier(alias, "scenario_id"), self.id)
        return SQL(
            "%s = %s AND %s = ANY(%s)",
            SQL.identifier(alias, "scenario_id"),
            self.id,
            SQL.identifier(alias, "node_id"),
            version.node_ids.ids,
        )

    def _query_people(self):
        """One row per version, and one for all."""
        # index nurture_enrolment_history_idx
        return SQL(
            """SELECT j.version_id, COUNT(*) AS entered, COUNT(j.goal_at) AS reached,
                      COUNT(*) FILTER (WHERE j.ended_at IS NULL) AS inside,
                      COALESCE(SUM(j.goal_value), 0) AS value,
                      percentile_cont(0.5) WITHIN GROUP (
                          ORDER BY EXTRACT(EPOCH FROM j.goal_at - j.enrolled_at) / 86400.0)
                          FILTER (WHERE j.goal_at IS NOT NULL) AS days
                 FROM nurture_enrolment j WHERE %s
             GROUP BY GROUPING SETS ((j.version_id), ())""",
            self._query_journeys(None),
        )

    def _query_ends(self, version):
        return SQL(
            """SELECT j.exit_reason, j.exit_note, COUNT(*)
                 FROM nurture_enrolment j WHERE %s AND j.ended_at IS NOT NULL
             GROUP BY j.exit_reason, j.exit_note ORDER BY 3 DESC, 1, 2""",
            self._query_journeys(version),
        )

    def _query_deals(self, version, now):
        """Leads of these people won after they entered and at most so many days after they left,
        as far as the reader may see them; each once."""
        mine = self.env["crm.lead"].with_context(active_test=False)._search(
            [("won_status", "=", "won"), ("company_id", "in", [False, self.company_id.id])]
        )
        # index nurture_identity__person_id_index
        return SQL(
            """SELECT DISTINCT l.id, l.expected_revenue
                 FROM nurture_enrolment j
                 JOIN nurture_identity i ON i.kind = 'lead' AND i.person_id = j.person_id
                 JOIN crm_lead l ON l.id = i.res_id
                WHERE %s AND l.won_status = 'won' AND l.date_closed > j.enrolled_at
                  AND l.date_closed <= COALESCE(j.ended_at, %s) + make_interval(days => %s)
                  AND l.id IN %s""",
            self._query_journeys(version),
            now,
            self.goal_days,
            mine.subselect(),
        )

    def _query_mails(self, version):
        """Delivered: left, and did not come back. Opened and clicked: by humans."""
        # primary keys of mailing_trace; index nurture_send_seen_kind_uniq
        return SQL(
            """SELECT s.node_uid AS uid, COUNT(*) AS planned,
                      COUNT(*) FILTER (WHERE s.state = 'sent') AS sent,
                      COUNT(*) FILTER (WHERE s.state IN ('queued', 'retry')) AS queued,
                      COUNT(*) FILTER (WHERE s.state = 'failed') AS failed,
                      COUNT(*) FILTER (WHERE s.state = 'cancel') AS held,
                      COUNT(*) FILTER (WHERE t.trace_status = 'bounce') AS bounced,
                      COUNT(*) FILTER (WHERE s.state = 'sent'
                          AND t.trace_status IS DISTINCT FROM 'bounce') AS delivered,
                      COUNT(o.id) AS opened, COUNT(c.id) AS clicked
                 FROM nurture_send s
            LEFT JOIN mailing_trace t ON t.id = s.trace_id
            LEFT JOIN nurture_send_seen o ON o.send_id = s.id AND o.kind = 'open'
            LEFT JOIN nurture_send_seen c ON c.send_id = s.id AND c.kind = 'click'
                WHERE %s GROUP BY s.node_uid""",
            self._query_steps("s", version),
        )

    def _query_machines(self, version):
        """Mails that a machine, or perhaps one, opened or clicked in."""
        # index nurture_event_person_idx
        return SQL(
            """SELECT s.node_uid AS uid,
                      COUNT(DISTINCT s.id) FILTER (WHERE e.kind = 'mail_open') AS machine_open,
                      COUNT(DISTINCT s.id) FILTER (WHERE e.kind = 'mail_click') AS machine_click
                 FROM nurture_send s
                 JOIN nurture_event e ON e.person_id = s.person_id
                  AND e.occurred_at >= s.planned_at AND e.kind IN ('mail_open', 'mail_click')
                  AND e.actor <> 'human' AND e.res_model = 'nurture.send' AND e.res_id = s.id
                WHERE %s GROUP BY s.node_uid""",
            self._query_steps("s", version),
        )

    def _query_unsubscribed(self, version):
        """Who opted out is counted at the last mail that any scenario had sent before."""
        # indexes nurture_event_person_idx, nurture_send_person_idx
        return SQL(
            """SELECT last.node_uid AS uid, COUNT(*) AS unsubscribed
                 FROM (SELECT DISTINCT s.person_id FROM nurture_send s
                        WHERE s.scenario_id = %s AND s.state = 'sent') got
                 JOIN nurture_event e ON e.person_id = got.person_id AND e.kind = 'unsubscribe'
         CROSS JOIN LATERAL (
                      SELECT s.scenario_id, s.node_id, s.node_uid FROM nurture_send s
                       WHERE s.person_id = e.person_id AND s.planned_at <= e.occurred_at
                         AND s.state = 'sent'
                    ORDER BY s.planned_at DESC, s.id DESC LIMIT 1) last
                WHERE %s GROUP BY last.node_uid""",
            self.id,
            self._query_steps("last", version),
        )

    def _query_paths(self, version, uids):
        """Who left a fork by which exit, and how many of them reached the goal."""
        # index nurture_step_log_node_idx
        return SQL(
            """SELECT l.node_uid, l.label, COUNT(DISTINCT j.id),
                      COUNT(DISTINCT j.id) FILTER (WHERE j.goal_at IS NOT NULL)
                 FROM nurture_step_log l JOIN nurture_enrolment j ON j.id = l.enrolment_id
                WHERE %s AND l.node_uid = ANY(%s) AND l.label IS NOT NULL
             GROUP BY l.node_uid, l.label""",
            self._query_steps("l", version),
            uids,
        )
