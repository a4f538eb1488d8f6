from odoo import api, fields, models
from odoo.tools import SQL


class NurtureSendSeen(models.Model):
    """One message that a human opened, or clicked in. Beside the ledger and not in it, because a
    sender holds the rows of the ledger while readers come already."""

    _name = "nurture.send.seen"
    _description = "Message seen by a human"
    _log_access = False

    send_id = fields.Many2one("nurture.send", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [("open", "Opened"), ("click", "Clicked")], required=True, readonly=True
    )

    _kind_uniq = models.UniqueIndex("(send_id, kind)", "This is known already.")

    @api.model
    def _note(self, events):
        """Humans opened or clicked just now."""
        if events:
            self.env.cr.execute(self._query_add_seen(self._query_these("id", events.ids)))

    @api.model
    def _follow(self, person_ids):
        """Events of these people were classed anew: have the rows that they call for."""
        if person_ids:
            people = self._query_these("person_id", list(person_ids))
            self.env.cr.execute(self._query_add_seen(people))
            self.env.cr.execute(self._query_drop_unseen(people))

    @api.model
    def _query_these(self, column, ids):
        return SQL("%s = ANY(%s)", SQL.identifier("ev", column), ids)

    @api.model
    def _query_add_seen(self, condition):
        """Who clicked has opened."""
        # primary key of nurture_event or nurture_event_person_idx; nurture_send_seen_kind_uniq
        return self._query_counted(
            SQL(
                """INSERT INTO nurture_send_seen (send_id, kind)
                   SELECT DISTINCT ev.res_id, as_kind
                     FROM nurture_event ev
                     JOIN nurture_send s ON s.id = ev.res_id
                     JOIN LATERAL unnest(CASE ev.kind WHEN 'mail_click' THEN '{open,click}'
                                         ELSE '{open}' END::varchar[]) as_kind ON TRUE
                    WHERE %s AND ev.res_model = 'nurture.send'
                      AND ev.kind IN ('mail_open', 'mail_click') AND ev.actor = 'human'
              ON CONFLICT DO NOTHING
                RETURNING send_id, kind""",
                condition,
            ),
            1,
        )

    @api.model
    def _query_drop_unseen(self, condition):
        """What turned out to be the work of a machine. Rows of events long gone stay."""
        # indexes nurture_event_person_idx, nurture_send_seen_kind_uniq
        return self._query_counted(
            SQL(
                """DELETE FROM nurture_send_seen seen
                    USING (SELECT ev.res_id,
                                  BOOL_OR(ev.actor = 'human') AS opened,
                                  BOOL_OR(ev.actor = 'human' AND ev.kind = 'mail_click') AS clicked
                             FROM nurture_event ev
                            WHERE %s AND ev.res_model = 'nurture.send'
                              AND ev.kind IN ('mail_open', 'mail_click')
                         GROUP BY ev.res_id) told
                    WHERE seen.send_id = told.res_id
                      AND NOT CASE seen.kind WHEN 'open' THEN told.opened ELSE told.clicked END
                RETURNING seen.send_id, seen.kind""",
                condition,
            ),
            -1,
        )

    @api.model
    def _query_counted(self, statement, sign):
        counts = SQL(
            """SELECT n.scenario_id, n.version_id, n.uid, done.kind, %s * COUNT(*)
                 FROM done JOIN nurture_send s ON s.id = done.send_id
                 JOIN nurture_node n ON n.id = s.node_id
             GROUP BY n.id, done.kind""",
            sign,
        )
        return self.env["nurture.node.delta"]._query_counted(statement, counts)
