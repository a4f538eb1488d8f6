from odoo import api, models
from odoo.tools import SQL

from .nurture_event_pull import BATCH


class NurtureEvent(models.Model):
    """What a person did on our pages and premises: surveys, events, chats, visits of the website.
    Each is read only where its module is installed."""

    _inherit = "nurture.event"

    @api.model
    def _pull_models(self):
        return {
            **super()._pull_models(),
            "survey": "survey.user_input",
            "registration": "event.registration",
            "chat": "im_livechat.channel.member.history",
            "visit": "website.track",
        }

    @api.model
    def _query_indexes(self):
        return {
            **super()._query_indexes(),
            "survey_user_input": SQL("(write_date, id) WHERE state = 'done'"),
            "event_registration": SQL("(write_date, id) WHERE state IN ('open', 'done')"),
            "im_livechat_channel_member_history": SQL(
                "(write_date, id) WHERE livechat_member_type = 'visitor'"
            ),
            "website_track": SQL("(visit_datetime, id)"),
        }

    def _query_pull_survey(self, at, last_id, kept_since):
        """Surveys answered to the end by somebody who is known."""
        # index survey_user_input_nurture_pull_idx
        return SQL(
            """SELECT COALESCE(%(known)s, %(at_address)s) AS person_id, a.write_date AS mark_at,
                      a.id AS mark_id, 'survey' AS kind,
                      COALESCE(a.end_datetime, a.write_date) AS occurred_at,
                      s.title->>'en_US' AS topic, 'survey' AS source,
                      'survey.user_input' AS res_model, a.id AS res_id,
                      'survey:' || a.id AS dedup_key
                 FROM survey_user_input a JOIN survey_survey s ON s.id = a.survey_id
            LEFT JOIN res_users u ON u.id = s.user_id
                WHERE a.state = 'done' AND a.test_entry IS NOT TRUE AND %(after)s
             ORDER BY a.write_date, a.id LIMIT %(batch)s""",
            known=self._query_known(SQL("'res.partner'"), SQL("a.partner_id")),
            at_address=self._query_at_address(SQL("LOWER(TRIM(a.email))"), SQL("u.company_id")),
            after=self._query_after("a", at, last_id, kept_since),
            batch=BATCH,
        )

    def _query_pull_registration(self, at, last_id, kept_since):
        """Registrations, and that the guest came."""
        # index event_registration_nurture_pull_idx
        return SQL(
            """SELECT b.person_id, b.write_date AS mark_at, b.id AS mark_id, what.kind,
                      what.at AS occurred_at, b.title AS topic, 'event' AS source,
                      'event.registration' AS res_model, b.id AS res_id,
                      what.kind || ':' || b.id AS dedup_key, b.company_id
                 FROM (SELECT r.*, e.name->>'en_US' AS title,
                              COALESCE(%(at_address)s, %(known)s) AS person_id
                         FROM event_registration r JOIN event_event e ON e.id = r.event_id
                        WHERE r.state IN ('open', 'done') AND r.active AND %(after)s
                     ORDER BY r.write_date, r.id LIMIT %(batch)s) b
           CROSS JOIN LATERAL (VALUES
                      ('event_registered', b.create_date),
                      ('event_attended', CASE b.state WHEN 'done'
                       THEN COALESCE(b.date_closed, b.write_date) END)) what(kind, at)
                WHERE what.at IS NOT NULL
             ORDER BY b.write_date, b.id""",
            at_address=self._query_at_address(SQL("LOWER(TRIM(r.email))"), SQL("r.company_id")),
            # who booked came himself when no other address is given
            known=SQL(
                "CASE WHEN COALESCE(r.email, '') = '' THEN %s END",
                self._query_known(SQL("'res.partner'"), SQL("r.partner_id")),
            ),
            after=self._query_after("r", at, last_id, kept_since),
            batch=BATCH,
        )

    def _query_pull_chat(self, at, last_id, kept_since):
        """Chats on the website: of contacts who are logged in, or that became a lead."""
        person = self._query_known(SQL("'res.partner'"), SQL("h.partner_id"))
        if "origin_channel_id" in self.env["crm.lead"]._fields:
            person = SQL(
                """COALESCE(%s, (SELECT i.person_id FROM crm_lead l JOIN nurture_identity i
                                     ON i.kind = 'lead' AND i.res_id = l.id
                                  WHERE l.origin_channel_id = h.channel_id
                               ORDER BY l.id LIMIT 1))""",
                person,
            )
        # index im_livechat_channel_member_history_nurture_pull_idx
        return SQL(
            """SELECT %s AS person_id, h.write_date AS mark_at, h.id AS mark_id, 'chat' AS kind,
                      h.create_date AS occurred_at, 'website' AS source,
                      'discuss.channel' AS res_model, h.channel_id AS res_id,
                      'chat:' || h.channel_id || ':' || h.id AS dedup_key
                 FROM im_livechat_channel_member_history h
                WHERE h.livechat_member_type = 'visitor' AND %s
             ORDER BY h.write_date, h.id LIMIT %s""",
            person,
            self._query_after("h", at, last_id, kept_since),
            BATCH,
        )

    def _query_pull_visit(self, at, last_id, kept_since):
        """Pages that Odoo's own website tracked, of visitors who are a contact or a lead. Core
        leaves out robots that tell their name; which program it was, it does not note."""
        person = self._query_known(SQL("'res.partner'"), SQL("v.partner_id"))
        if "lead_ids" in self.env["website.visitor"]._fields:
            person = SQL(
                """COALESCE(%s, (SELECT i.person_id
                                   FROM crm_lead_website_visitor_rel r JOIN nurture_identity i
                                     ON i.kind = 'lead' AND i.res_id = r.crm_lead_id
                                  WHERE r.website_visitor_id = v.id
                               ORDER BY r.crm_lead_id DESC LIMIT 1))""",
                person,
            )
        # index website_track_nurture_pull_idx
        return SQL(
            """SELECT %s AS person_id, t.visit_datetime AS mark_at, t.id AS mark_id,
                      'page_view' AS kind, t.visit_datetime AS occurred_at, t.url,
                      'website' AS source, 'page_view:track:' || t.id AS dedup_key
                 FROM website_track t JOIN website_visitor v ON v.id = t.visitor_id
                WHERE %s
             ORDER BY t.visit_datetime, t.id LIMIT %s""",
            person,
            self._query_after("t", at, last_id, kept_since, "visit_datetime"),
            BATCH,
        )
