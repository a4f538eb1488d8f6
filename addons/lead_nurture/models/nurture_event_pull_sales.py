from odoo import api, fields, models
from odoo.tools import SQL

from .nurture_event_pull import BATCH


class NurtureEvent(models.Model):
    """What sales did with a person: calls, meetings, orders, stages of a lead, text messages."""

    _inherit = "nurture.event"

    @api.model
    def _pull_models(self):
        return {
            **super()._pull_models(),
            "activity": "mail.activity",
            "meeting": "calendar.event",
            "stage": "mail.tracking.value",
            "sms": "sms.sms",
            "purchase": "sale.order",
        }

    @api.model
    def _query_indexes(self):
        return {
            **super()._query_indexes(),
            "calendar_event": SQL("(stop, id) WHERE active"),
            # of the stages of leads only: a small part of all that is tracked
            "mail_tracking_value": SQL("(write_date, id) WHERE field_id = %s", self._stage_field()),
            "mail_message": SQL("(write_date, id) WHERE message_type = 'sms'"),
            "sale_order": SQL("(write_date, id) WHERE state = 'sale'"),
        }

    @api.model
    def _stage_field(self):
        return self.env["ir.model.fields"]._get_ids("crm.lead")["stage_id"]

    def _query_pull_activity(self, at, last_id, kept_since):
        """Calls and meetings done (archived with a date) on leads and contacts. Meetings that
        stand in the calendar are read from there."""
        moment = SQL("LEAST(a.write_date, a.date_done + TIME '23:59:59')")
        # index mail_activity_nurture_pull_idx
        return SQL(
            """SELECT %(person)s AS person_id, a.write_date AS mark_at, a.id AS mark_id,
                      a.res_id,
                      CASE t.category WHEN 'phonecall' THEN 'call' ELSE 'meeting' END AS kind,
                      %(moment)s AS occurred_at,
                      a.summary AS topic, 'sales' AS source, a.res_model,
                      'activity:' || a.id AS dedup_key
                 FROM mail_activity a
                 JOIN mail_activity_type t ON t.id = a.activity_type_id
                WHERE NOT a.active AND a.date_done IS NOT NULL AND a.calendar_event_id IS NULL
                  AND t.category IN ('phonecall', 'meeting')
                  AND a.res_model IN ('crm.lead', 'res.partner') AND %(after)s AND %(kept)s
             ORDER BY a.write_date, a.id LIMIT %(batch)s""",
            person=self._query_known(SQL("a.res_model"), SQL("a.res_id")),
            moment=moment,
            after=self._query_after("a", at, last_id, kept_since),
            kept=self._query_kept(moment, kept_since),
            batch=BATCH,
        )

    def _query_pull_meeting(self, at, last_id, kept_since):
        """Meetings of the calendar that are over, for each guest who did not decline, and for the
        lead or contact that the meeting is about. The mark is when a meeting ended."""
        # indexes calendar_event_nurture_pull_idx, calendar_attendee__event_id_index
        return SQL(
            """SELECT who.person_id, b.stop AS mark_at, b.id AS mark_id, 'meeting' AS kind,
                      b.start AS occurred_at, 'sales' AS source,
                      CASE b.its_privacy WHEN 'public' THEN b.name END AS topic,
                      'calendar.event' AS res_model, b.id AS res_id,
                      'meeting:' || b.id || ':' || who.person_id AS dedup_key
                 FROM (SELECT c.*, u.company_id AS its_company_id,
                              COALESCE(c.privacy, o.calendar_default_privacy, 'public')
                                  AS its_privacy
                         FROM calendar_event c LEFT JOIN res_users u ON u.id = c.user_id
                    LEFT JOIN res_users_settings o ON o.user_id = c.user_id
                        WHERE c.active AND c.stop <= %(now)s AND %(after)s
                     ORDER BY c.stop, c.id LIMIT %(batch)s) b
            LEFT JOIN LATERAL (
                      SELECT DISTINCT person_id
                        FROM (SELECT COALESCE(%(guest)s, %(at_address)s)
                                FROM calendar_attendee a JOIN res_partner r ON r.id = a.partner_id
                               WHERE a.event_id = b.id AND a.state <> 'declined'
                           UNION ALL SELECT %(about)s UNION ALL SELECT %(lead)s) found(person_id)
                       WHERE person_id IS NOT NULL) who ON TRUE
             ORDER BY b.stop, b.id""",
            now=fields.Datetime.now(),
            after=self._query_after("c", at, last_id, kept_since, "stop"),
            batch=BATCH,
            guest=self._query_known(SQL("'res.partner'"), SQL("a.partner_id")),
            at_address=self._query_at_address(SQL("r.email_normalized"), SQL("b.its_company_id")),
            about=self._query_known(SQL("b.res_model"), SQL("b.res_id")),
            lead=self._query_known(SQL("'crm.lead'"), SQL("b.opportunity_id")),
        )

    def _query_pull_stage(self, at, last_id, kept_since):
        """Stages that a lead went through, as core tracked them."""
        # index mail_tracking_value_nurture_pull_idx
        return SQL(
            """SELECT %(person)s AS person_id, v.write_date AS mark_at, v.id AS mark_id,
                      'stage_change' AS kind, COALESCE(m.date, v.create_date) AS occurred_at,
                      v.new_value_char AS topic, 'sales' AS source, 'crm.lead' AS res_model,
                      m.res_id, 'stage:' || v.id AS dedup_key
                 FROM mail_tracking_value v JOIN mail_message m ON m.id = v.mail_message_id
                WHERE v.field_id = %(field)s AND m.model = 'crm.lead' AND %(after)s
             ORDER BY v.write_date, v.id LIMIT %(batch)s""",
            person=self._query_known(SQL("m.model"), SQL("m.res_id")),
            field=self._stage_field(),
            after=self._query_after("v", at, last_id, kept_since),
            batch=BATCH,
        )

    def _query_pull_sms(self, at, last_id, kept_since):
        """Text messages to one lead or contact."""
        # index mail_message_nurture_pull_idx
        return SQL(
            """SELECT %(person)s AS person_id, m.write_date AS mark_at, m.id AS mark_id,
                      'sms' AS kind, COALESCE(m.date, m.create_date) AS occurred_at,
                      'sales' AS source, m.model AS res_model, m.res_id,
                      'sms:message:' || m.id AS dedup_key
                 FROM mail_message m
                WHERE m.message_type = 'sms' AND m.model IN ('crm.lead', 'res.partner')
                  AND %(after)s
             ORDER BY m.write_date, m.id LIMIT %(batch)s""",
            person=self._query_known(SQL("m.model"), SQL("m.res_id")),
            after=self._query_after("m", at, last_id, kept_since),
            batch=BATCH,
        )

    def _query_pull_purchase(self, at, last_id, kept_since):
        """Confirmed orders. The person of the order's own company comes before a shared one."""
        # index sale_order_nurture_pull_idx
        return SQL(
            """SELECT COALESCE(%(at_address)s, %(known)s) AS person_id,
                      o.write_date AS mark_at, o.id AS mark_id,
                      o.id AS res_id, 'purchase' AS kind, o.date_order AS occurred_at,
                      o.name AS topic, 'sales' AS source, 'sale.order' AS res_model,
                      o.amount_untaxed::float8 AS qty, 'sale.order:' || o.id AS dedup_key,
                      o.company_id
                 FROM sale_order o
                 JOIN res_partner r ON r.id = o.partner_id
                WHERE o.state = 'sale' AND %(after)s AND %(kept)s
             ORDER BY o.write_date, o.id LIMIT %(batch)s""",
            at_address=self._query_at_address(SQL("r.email_normalized"), SQL("o.company_id")),
            known=self._query_known(SQL("'res.partner'"), SQL("o.partner_id")),
            after=self._query_after("o", at, last_id, kept_since),
            kept=self._query_kept(SQL("o.date_order"), kept_since),
            batch=BATCH,
        )
