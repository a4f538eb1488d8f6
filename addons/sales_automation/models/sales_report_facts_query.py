from odoo import api, models
from odoo.tools import SQL


class SalesReportFacts(models.AbstractModel):
    """The statements behind each kind of fact; see `sales.report.facts` for their columns.

    They read by the person's id, whatever he may see today: what he did stays done.
    """

    _inherit = "sales.report.facts"

    # ---- deals --------------------------------------------------------------------------------

    @api.model
    def _query_deal_fact(self, scope, moment, condition, detail):
        """A deal of the person of which one moment lies in the span.

        Reached by core's index on crm_lead.user_id.
        """
        return SQL(
            """
            SELECT s.id AS scope_id, l.id AS fact_id, 'crm.lead' AS res_model, l.id AS res_id,
                   l.id AS lead_id, %(moment)s AS moment,
                   COALESCE(l.expected_revenue, 0)::float AS amount, l.name AS name,
                   COALESCE(p.name, l.partner_name, l.contact_name) AS about, %(detail)s AS detail
              FROM %(scope)s
              JOIN crm_lead l ON l.user_id = s.user_id AND l.type = 'opportunity'
              JOIN res_users u ON u.id = s.user_id
              LEFT JOIN res_partner p ON p.id = l.partner_id
              LEFT JOIN crm_lost_reason r ON r.id = l.lost_reason_id
             WHERE COALESCE(l.company_id, u.company_id) = s.company_id
               AND %(moment)s >= s.start_at AND %(moment)s < s.end_at AND %(condition)s
            """, scope=scope, moment=moment, condition=condition, detail=detail)

    @api.model
    def _query_won(self, scope):
        return self._query_deal_fact(scope, SQL("l.won_at"), SQL("TRUE"), SQL("NULL"))

    @api.model
    def _query_lost(self, scope):
        return self._query_deal_fact(
            scope, SQL("l.lost_at"), SQL("l.sales_outcome = 'lost'"),
            SQL("COALESCE(r.name->>s.lang, r.name->>'en_US')"))

    @api.model
    def _query_new(self, scope):
        return self._query_deal_fact(
            scope, SQL("COALESCE(l.date_conversion, l.create_date)"),
            SQL("(l.active OR l.sales_outcome <> 'open')"), SQL("NULL"))

    @api.model
    def _query_not_now(self, scope):
        """Reached by the index on sales_recycle.lead_id through the deals of the person."""
        return SQL(
            """
            SELECT s.id AS scope_id, k.id AS fact_id, 'crm.lead' AS res_model, l.id AS res_id,
                   l.id AS lead_id, k.recycled_at AS moment,
                   COALESCE(l.expected_revenue, 0)::float AS amount, l.name AS name,
                   COALESCE(p.name, l.partner_name, l.contact_name) AS about,
                   concat_ws(' → ', COALESCE(r.name->>s.lang, r.name->>'en_US'),
                             k.wake_date::varchar) AS detail
              FROM %(scope)s
              JOIN sales_recycle k ON k.user_id = s.user_id
                   AND k.recycled_at >= s.start_at AND k.recycled_at < s.end_at
              JOIN crm_lead l ON l.id = k.lead_id
              JOIN res_users u ON u.id = s.user_id
              LEFT JOIN res_partner p ON p.id = l.partner_id
              LEFT JOIN crm_lost_reason r ON r.id = k.reason_id
             WHERE COALESCE(k.company_id, u.company_id) = s.company_id
            """, scope=scope)

    @api.model
    def _query_move(self, scope):
        """Moves made by people; arriving in "won" is told as won, the first stage as new."""
        return self._query_stay(
            scope, SQL("before.stage_id IS DISTINCT FROM h.stage_id"),
            SQL("concat_ws(' → ', COALESCE(b.name->>s.lang, b.name->>'en_US'), "
                "COALESCE(g.name->>s.lang, g.name->>'en_US'))"))

    @api.model
    def _query_back(self, scope):
        """Deals that were reopened in the stage in which they had been closed."""
        return self._query_stay(
            scope, SQL("before.stage_id = h.stage_id"),
            SQL("COALESCE(g.name->>s.lang, g.name->>'en_US')"))

    @api.model
    def _query_stay(self, scope, condition, detail):
        """Stays that began in the span by the hand of the person.

        Without amounts: a deal that moves twice would count twice.

        Reached by the index on sales_stage_history.user_id.
        """
        return SQL(
            """
            SELECT s.id AS scope_id, h.id AS fact_id, 'crm.lead' AS res_model, l.id AS res_id,
                   l.id AS lead_id, h.entered_at AS moment,
                   0::float AS amount, l.name AS name,
                   COALESCE(p.name, l.partner_name, l.contact_name) AS about,
                   %(detail)s AS detail
              FROM %(scope)s
              JOIN sales_stage_history h ON h.user_id = s.user_id
                   AND h.entered_at >= s.start_at AND h.entered_at < s.end_at
                   AND h.direction <> 'first' AND h.is_system IS NOT TRUE
                   AND h.is_merged IS NOT TRUE AND h.outcome IS DISTINCT FROM 'won'
              JOIN crm_lead l ON l.id = h.lead_id
              JOIN res_users u ON u.id = s.user_id
              JOIN crm_stage g ON g.id = h.stage_id
              LEFT JOIN LATERAL (
                    SELECT f.stage_id FROM sales_stage_history f
                     WHERE f.lead_id = h.lead_id AND f.is_merged IS NOT TRUE
                       AND (f.entered_at, f.id) < (h.entered_at, h.id)
                     ORDER BY f.entered_at DESC, f.id DESC LIMIT 1) before ON TRUE
              LEFT JOIN crm_stage b ON b.id = before.stage_id
              LEFT JOIN res_partner p ON p.id = l.partner_id
             WHERE COALESCE(h.company_id, u.company_id) = s.company_id AND %(condition)s
            """, scope=scope, condition=condition, detail=detail)

    # ---- contacts -----------------------------------------------------------------------------

    @api.model
    def _query_event_fact(self, scope, span):
        """Meetings to which the person goes; private ones are nobody's business.

        Reached by core's index on calendar_event.start.
        """
        return SQL(
            """
            SELECT s.id AS scope_id, e.id AS fact_id, 'calendar.event' AS res_model,
                   e.id AS res_id, l.id AS lead_id,
                   CASE WHEN NOT e.allday THEN e.start END AS moment, 0::float AS amount,
                   e.name AS name, COALESCE(l.name, guests.names) AS about,
                   CASE WHEN l.id IS NOT NULL THEN guests.names END AS detail
              FROM %(scope)s
              JOIN res_users u ON u.id = s.user_id
              JOIN calendar_event e ON e.active AND %(span)s
              LEFT JOIN res_users_settings v ON v.user_id = e.user_id
              LEFT JOIN crm_lead l ON l.id = e.opportunity_id
              LEFT JOIN LATERAL (
                    SELECT string_agg(p.name, ', ' ORDER BY p.id) AS names
                      FROM calendar_attendee g
                      JOIN res_partner p ON p.id = g.partner_id AND p.partner_share
                     WHERE g.event_id = e.id) guests ON TRUE
             WHERE COALESCE(l.company_id, u.company_id) = s.company_id
               AND COALESCE(e.privacy, v.calendar_default_privacy, 'public') <> 'private'
               AND (EXISTS (SELECT FROM calendar_attendee a
                             WHERE a.event_id = e.id AND a.partner_id = s.partner_id
                               AND a.state IS DISTINCT FROM 'declined')
                    OR e.user_id = s.user_id AND NOT EXISTS (
                            SELECT FROM calendar_attendee a
                             WHERE a.event_id = e.id AND a.partner_id = s.partner_id))
            """, scope=scope, span=span)

    @api.model
    def _query_meeting(self, scope):
        return self._query_event_fact(scope, SQL(
            """(NOT e.allday AND e.start >= s.start_at AND e.start < s.end_at
                OR e.allday AND e.start_date <= s.last_day
                   AND COALESCE(e.stop_date, e.start_date) >= s.first_day)"""))

    @api.model
    def _query_plan_meeting(self, scope):
        return self._query_event_fact(scope, SQL(
            """(NOT e.allday AND e.start >= s.end_at AND e.start < s.next_end
                OR e.allday AND e.start_date > s.last_day AND e.start_date <= s.next_day)"""))

    @api.model
    def _query_activity_fact(self, scope, moment, condition):
        """Activities of the person; reached by core's index on mail_activity.user_id."""
        return SQL(
            """
            SELECT s.id AS scope_id, a.id AS fact_id,
                   COALESCE(a.res_model, 'mail.activity') AS res_model,
                   CASE WHEN a.res_model IS NULL THEN a.id ELSE a.res_id END AS res_id,
                   l.id AS lead_id, %(moment)s AS moment, 0::float AS amount,
                   CASE WHEN starts_with(a.summary, COALESCE(t.name->>s.lang, t.name->>'en_US'))
                        THEN a.summary
                        ELSE concat_ws(': ', COALESCE(t.name->>s.lang, t.name->>'en_US'),
                                       NULLIF(a.summary, '')) END AS name,
                   COALESCE(l.name, a.res_name) AS about, NULLIF(a.feedback, '') AS detail
              FROM %(scope)s
              JOIN res_users u ON u.id = s.user_id
              JOIN mail_activity a ON a.user_id = s.user_id
              LEFT JOIN mail_activity_type t ON t.id = a.activity_type_id
              LEFT JOIN crm_lead l ON a.res_model = 'crm.lead' AND l.id = a.res_id
              LEFT JOIN sale_order o ON a.res_model = 'sale.order' AND o.id = a.res_id
             WHERE COALESCE(l.company_id, o.company_id, u.company_id) = s.company_id
               AND a.res_model IS DISTINCT FROM 'sales.daily.report'
               AND a.res_model IS DISTINCT FROM 'sales.weekly.report'
               AND %(condition)s
            """, scope=scope, moment=moment, condition=condition)

    @api.model
    def _query_activity(self, scope):
        """Core keeps the day of "done" in UTC only; the moment is the last write, unless the row
        was touched again later: then noon of that day. A meeting without feedback is told as a
        meeting."""
        moment = SQL(
            """CASE WHEN a.write_date < a.date_done + INTERVAL '2 days' THEN a.write_date
                    ELSE a.date_done + INTERVAL '12 hours' END""")
        return self._query_activity_fact(scope, moment, SQL(
            """a.active IS NOT TRUE AND a.date_done BETWEEN s.first_day - 1 AND s.last_day + 1
               AND %(moment)s >= s.start_at AND %(moment)s < s.end_at
               AND (a.calendar_event_id IS NULL OR a.feedback <> '')""", moment=moment))

    @api.model
    def _query_plan_activity(self, scope):
        return self._query_activity_fact(scope, SQL("a.date_deadline::timestamp"), SQL(
            """a.active AND a.date_deadline > s.last_day AND a.date_deadline <= s.next_day
               AND a.calendar_event_id IS NULL"""))

    @api.model
    def _query_mail(self, scope):
        """Messages that left the house; reached by core's index on mail_message.author_id."""
        return SQL(
            """
            SELECT s.id AS scope_id, m.id AS fact_id, m.model AS res_model, m.res_id AS res_id,
                   l.id AS lead_id, m.date AS moment, 0::float AS amount,
                   COALESCE(NULLIF(m.subject, ''), l.name, o.name, p.name) AS name,
                   receivers.names AS about, NULL AS detail
              FROM %(scope)s
              JOIN res_users u ON u.id = s.user_id
              JOIN mail_message m ON m.author_id = s.partner_id
                   AND m.date >= s.start_at AND m.date < s.end_at
                   AND m.message_type IN ('comment', 'email', 'email_outgoing')
                   AND m.is_internal IS NOT TRUE
                   AND m.model IN ('crm.lead', 'sale.order', 'res.partner')
              JOIN LATERAL (
                    SELECT string_agg(r.name, ', ' ORDER BY r.id) AS names
                      FROM mail_notification n
                      JOIN res_partner r ON r.id = n.res_partner_id AND r.partner_share
                     WHERE n.mail_message_id = m.id) receivers
                   ON receivers.names IS NOT NULL OR m.outgoing_email_to IS NOT NULL
              LEFT JOIN crm_lead l ON m.model = 'crm.lead' AND l.id = m.res_id
              LEFT JOIN sale_order o ON m.model = 'sale.order' AND o.id = m.res_id
              LEFT JOIN res_partner p ON m.model = 'res.partner' AND p.id = m.res_id
             WHERE COALESCE(l.company_id, o.company_id, u.company_id) = s.company_id
            """, scope=scope)

    # ---- quotes and hand-offs -----------------------------------------------------------------

    @api.model
    def _query_order_fact(self, scope, moment, condition):
        """Quotes and orders of the person, in company currency at the order's own rate.

        Reached by core's index on sale_order.user_id.
        """
        return SQL(
            """
            SELECT s.id AS scope_id, o.id AS fact_id, 'sale.order' AS res_model, o.id AS res_id,
                   o.opportunity_id AS lead_id, %(moment)s AS moment,
                   (o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1))::float AS amount,
                   o.name AS name, p.name AS about, l.name AS detail
              FROM %(scope)s
              JOIN sale_order o ON o.user_id = s.user_id AND o.company_id = s.company_id
                   AND o.state <> 'cancel'
              LEFT JOIN res_partner p ON p.id = o.partner_id
              LEFT JOIN crm_lead l ON l.id = o.opportunity_id
             WHERE %(moment)s >= s.start_at AND %(moment)s < s.end_at AND %(condition)s
            """, scope=scope, moment=moment, condition=condition)

    @api.model
    def _query_quote(self, scope):
        return self._query_order_fact(scope, SQL("o.create_date"), SQL("TRUE"))

    @api.model
    def _query_order(self, scope):
        return self._query_order_fact(scope, SQL("o.date_order"), SQL("o.state = 'sale'"))

    @api.model
    def _query_quote_sent(self, scope):
        """Core keeps no date of sending: the chatter has it."""
        sent = self.env.ref("sale.mt_order_sent").id
        moment = SQL(
            """(SELECT MAX(m.date) FROM mail_message m
                 WHERE m.model = 'sale.order' AND m.res_id = o.id AND m.subtype_id = %s)""", sent)
        return self._query_order_fact(scope, moment, SQL("o.write_date >= s.start_at"))

    @api.model
    def _query_handoff_fact(self, scope, condition, moment, other):
        """Reached by the indexes on sales_handoff.from_user_id and lead_id."""
        return SQL(
            """
            SELECT s.id AS scope_id, h.id AS fact_id, 'crm.lead' AS res_model, l.id AS res_id,
                   l.id AS lead_id, %(moment)s AS moment,
                   COALESCE(l.expected_revenue, 0)::float AS amount, l.name AS name,
                   COALESCE(p.name, l.partner_name, l.contact_name) AS about,
                   COALESCE(op.name, t.name->>s.lang, t.name->>'en_US') AS detail
              FROM %(scope)s
              JOIN sales_handoff h ON %(condition)s
                   AND %(moment)s >= s.start_at AND %(moment)s < s.end_at
              JOIN crm_lead l ON l.id = h.lead_id
              JOIN res_users u ON u.id = s.user_id
              LEFT JOIN res_users ou ON ou.id = %(other)s
              LEFT JOIN res_partner op ON op.id = ou.partner_id
              LEFT JOIN crm_team t ON t.id = h.team_id
              LEFT JOIN res_partner p ON p.id = l.partner_id
             WHERE COALESCE(h.company_id, u.company_id) = s.company_id
            """, scope=scope, condition=condition, moment=moment, other=other)

    @api.model
    def _query_handoff(self, scope):
        return self._query_handoff_fact(
            scope, SQL("h.from_user_id = s.user_id AND h.state <> 'cancelled'"),
            SQL("h.requested_at"), SQL("h.to_user_id"))

    @api.model
    def _query_handoff_taken(self, scope):
        return self._query_handoff_fact(
            scope, SQL("h.answered_by_id = s.user_id AND h.state = 'accepted'"),
            SQL("h.answered_at"), SQL("h.from_user_id"))
