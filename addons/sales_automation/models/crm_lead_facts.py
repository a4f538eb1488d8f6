from odoo import api, fields, models
from odoo.tools import SQL

from .sales_stage_pace import ENOUGH_STAYS


class CrmLead(models.Model):
    """What can be said of open deals in numbers: the one source of staleness and health.

    Searching and showing ask the same statement, so that they cannot disagree. Days are fractions
    of 24 hours where they come from a moment, whole days where they come from a date; a fact that
    is not known is NULL and makes no rule true.
    """

    _inherit = "crm.lead"

    @api.model
    def _flush_facts(self):
        for name in (
                "crm.lead", "mail.activity", "calendar.event", "sale.order", "mail.message",
                "sales.deal.contact", "crm.stage", "res.company"):
            self.env[name].flush_model()

    @api.model
    def _query_open_facts(self, now, condition):
        """One row per open deal l: cheap facts, which need no look beyond the deal itself.

        Open deals are reached by the index on sales_outcome (or by id), their stay by
        sales_stage_history_open_uniq; stages, paces and companies are a handful of rows.
        """
        return SQL(
            """
            SELECT l.id AS lead_id, l.stage_id, l.user_id, l.team_id, c.id AS company_id,
                   h.id AS stay_id, l.expected_revenue, l.probability, l.partner_id,
                   l.last_contact_at, l.last_contact_kind, l.last_reply_at,
                   h.probability AS stay_probability,
                   COALESCE(l.snooze_until >= %(today)s, FALSE) AS snoozed,
                   %(age)s AS age_days,
                   %(silent)s AS silent_days,
                   COALESCE(NULLIF(s.max_days_no_contact, 0),
                            NULLIF(c.sales_stale_contact_days, 0))::float8 AS contact_limit,
                   %(stay)s AS stage_days,
                   CASE WHEN NOT c.sales_stale_stage_age THEN NULL
                        WHEN p.stay_count >= %(enough)s THEN p.p75_days
                        ELSE NULLIF(s.rotting_threshold_days, 0) END::float8 AS pace_days,
                   CASE WHEN p.stay_count >= %(enough)s THEN p.stay_count END AS pace_count,
                   (%(today)s - l.date_deadline)::float8 AS late_days,
                   COALESCE(l.slip_count, 0)::float8 AS slip_count,
                   COALESCE(l.slip_days, 0) AS slip_days,
                   c.sales_stale_deadline AS looks_at_date,
                   NULLIF(c.sales_stale_slips, 0)::float8 AS slip_limit,
                   c.sales_health_watch, c.sales_health_risk,
                   s.require_next_action AND c.sales_next_action AS asks_step
              FROM crm_lead l
              JOIN crm_stage s ON s.id = l.stage_id
              LEFT JOIN res_users u ON u.id = l.user_id
              JOIN res_company c ON c.id = %(home)s
              LEFT JOIN sales_stage_history h ON h.lead_id = l.id AND h.left_at IS NULL
              LEFT JOIN sales_stage_pace p ON p.stage_id = l.stage_id
                   AND COALESCE(p.company_id, 0) = COALESCE(l.company_id, 0)
             WHERE l.sales_outcome = 'open' AND l.active AND l.type = 'opportunity'
               AND %(condition)s
            """,
            today=self._get_facts_day(now), enough=ENOUGH_STAYS, home=self._query_home_company(),
            age=self._query_days_since(now, SQL("l.create_date")),
            silent=self._query_days_since(
                now, SQL("COALESCE(l.last_contact_at, l.date_conversion, l.create_date)")),
            stay=self._query_days_since(
                now, SQL("COALESCE(h.entered_at, l.date_last_stage_update, l.create_date)")),
            condition=condition)

    @api.model
    def _query_all_facts(self, now, condition):
        """The cheap facts and those that need a look at activities, orders, people and stays.

        Each look goes by an index on the deal: mail_activity (res_id), calendar_event and
        sale_order (opportunity_id), those of `_query_deal_people`, sales_stage_history (lead_id).
        """
        return SQL(
            """
            SELECT f.*, f.stage_days / NULLIF(f.pace_days, 0) AS stage_ratio,
                   CASE WHEN f.last_reply_at IS NOT NULL THEN %(reply)s END AS reply_days,
                   CASE WHEN NOT f.snoozed THEN f.silent_days END AS unheard_days,
                   CASE WHEN f.last_contact_kind = 'mail_out' AND NOT f.snoozed THEN
                        COALESCE(%(reply)s, f.age_days) END AS unanswered_days,
                   CASE WHEN f.asks_step AND step.next_day IS NULL AND visit.starts IS NULL
                         AND step.overdue_day IS NULL THEN 1 END::float8 AS missing_step,
                   step.next_day, visit.starts AS next_meeting_at,
                   (%(today)s - step.overdue_day)::float8 AS overdue_days,
                   CASE WHEN visit.starts IS NOT NULL THEN 1 END::float8 AS meeting_ahead,
                   quote.silent_days AS quote_days, quote.expired_days,
                   people.count::float8 AS contact_count,
                   100 * (peak.amount - f.expected_revenue) / NULLIF(peak.amount, 0)
                        AS amount_drop,
                   f.stay_probability - f.probability AS probability_drop
              FROM (%(facts)s) f
              LEFT JOIN LATERAL (
                    SELECT MIN(a.date_deadline) FILTER (WHERE a.date_deadline >= %(today)s)
                                AS next_day,
                           MIN(a.date_deadline) FILTER (WHERE a.date_deadline < %(today)s)
                                AS overdue_day
                      FROM mail_activity a
                     WHERE a.res_model = 'crm.lead' AND a.res_id = f.lead_id AND a.active
                   ) step ON TRUE
              LEFT JOIN LATERAL (
                    SELECT MIN(e.start) AS starts FROM calendar_event e
                     WHERE e.opportunity_id = f.lead_id AND e.active AND e.stop >= %(now)s
                   ) visit ON TRUE
              LEFT JOIN LATERAL (
                    SELECT MAX(%(sent)s) FILTER (WHERE o.state = 'sent' AND (
                                f.last_reply_at IS NULL OR f.last_reply_at < o.date_order))
                                AS silent_days,
                           MAX(%(today)s - o.validity_date)::float8 AS expired_days
                      FROM sale_order o
                     WHERE o.opportunity_id = f.lead_id AND o.state IN ('draft', 'sent')
                   ) quote ON TRUE
              LEFT JOIN LATERAL (
                    SELECT COUNT(DISTINCT x.partner_id) AS count FROM (%(people)s) x
                   ) people ON TRUE
              LEFT JOIN LATERAL (
                    SELECT MAX(t.amount) AS amount FROM sales_stage_history t
                     WHERE t.lead_id = f.lead_id AND t.is_merged IS NOT TRUE
                   ) peak ON TRUE
            """,
            facts=self._query_open_facts(now, condition), today=self._get_facts_day(now), now=now,
            reply=self._query_days_since(now, SQL("f.last_reply_at")),
            sent=self._query_days_since(now, SQL("o.date_order")),
            people=self._query_deal_people(SQL("= f.lead_id")))

    @api.model
    def _query_days_since(self, now, moment):
        return SQL("(EXTRACT(EPOCH FROM %s::timestamp - %s) / 86400)::float8", now, moment)

    @api.model
    def _get_facts_day(self, now):
        """The day it is for the reader at this moment."""
        return fields.Datetime.context_timestamp(self, now).date()
