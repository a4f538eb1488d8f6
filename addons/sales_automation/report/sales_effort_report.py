from odoo import api, fields, models
from odoo.tools import SQL

from .sales_outcome_report import OUTCOMES

KINDS = [("call", "Calls"), ("meeting", "Meetings"), ("mail", "E-mails"), ("other", "Other Tasks")]


class SalesEffortReport(models.Model):
    """One row per closed opportunity and kind of activity: how many of them it took.

    Counted is what was done until the deal was closed: done calls, done meetings and past calendar
    meetings of the deal, e-mails and messages sent to the customer from the deal, and other done
    tasks. A deal without any call has its row with 0 calls: so a mean is over all deals, and the
    win rate with calls can be held against the win rate without.
    """

    _name = "sales.effort.report"
    _inherit = "sales.deal.report.mixin"
    _description = "Activities and Outcome"
    _auto = False
    _order = "closed_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "sales_outcome", "won_at", "lost_at", "type", "user_id", "team_id", "company_id",
            "source_id", "lost_reason_id"],
        "crm.lost.reason": ["is_derail"],
        "mail.activity": [
            "res_model", "res_id", "active", "date_done", "activity_type_id", "calendar_event_id"],
        "calendar.event": ["opportunity_id", "active", "start"],
        "mail.message": ["model", "res_id", "message_type", "subtype_id", "date"],
    }
    _per_deal_measures = {
        "per_won": ("done_count", "is_won"), "per_lost": ("done_count", "is_lost")}

    kind = fields.Selection(KINDS, "Activity", readonly=True)
    outcome = fields.Selection(OUTCOMES[1:], readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    is_won = fields.Boolean("Won", readonly=True)
    is_lost = fields.Boolean("Lost", readonly=True)
    band = fields.Selection(
        [("0", "None"), ("1", "1 or 2"), ("3", "3 to 5"), ("6", "6 and More")], "How Many",
        readonly=True, help="How many of this kind were done for the deal.")
    deal_count = fields.Integer(
        "Closed Deals", readonly=True, aggregator="count_distinct")
    done_count = fields.Integer("Done", readonly=True)
    per_won = fields.Float(
        "Per Won Deal", readonly=True, aggregator="avg", digits=(16, 1),
        help="Done for won deals / won deals.")
    per_lost = fields.Float(
        "Per Lost Deal", readonly=True, aggregator="avg", digits=(16, 1),
        help="Done for lost deals / lost deals. \"Not now\" and spam do not count.")
    win_rate = fields.Float(
        "Win Rate", readonly=True, aggregator="avg",
        help="Won / (won + lost). Group by \"How Many\" to see what more of it goes along with; "
        "that is not proof of a cause.")

    @property
    def _table_query(self):
        """Per deal, by core's indexes on mail_activity.res_id, calendar_event.opportunity_id and
        mail_message (model, res_id)."""
        return SQL(
            """
            SELECT x.id::bigint * 4 + k.number AS id, x.lead_id, k.kind, x.outcome, x.closed_at,
                   x.user_id, x.team_id, x.company_id, x.source_id, x.categ_id,
                   x.outcome = 'won' AS is_won, x.outcome = 'lost' AS is_lost,
                   x.lead_id AS deal_count, n.done AS done_count, n.done AS per_won,
                   n.done AS per_lost,
                   CASE WHEN n.done = 0 THEN '0' WHEN n.done < 3 THEN '1' WHEN n.done < 6 THEN '3'
                        ELSE '6' END AS band,
                   CASE x.outcome WHEN 'won' THEN 1.0 WHEN 'lost' THEN 0.0 END AS win_rate
              FROM (%(deals)s) x
             CROSS JOIN LATERAL (%(done)s) d
             CROSS JOIN (VALUES (0, 'call'), (1, 'meeting'), (2, 'mail'), (3, 'other'))
                     AS k(number, kind)
             CROSS JOIN LATERAL (SELECT CASE k.kind WHEN 'call' THEN d.calls
                   WHEN 'meeting' THEN d.meetings + d.events WHEN 'mail' THEN d.mails
                   ELSE d.others END AS done) n
            """, deals=self._query_closed(), done=self._query_done())

    def _query_closed(self):
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, COALESCE(l.won_at, l.lost_at) AS closed_at, l.user_id,
                   l.team_id, l.company_id, l.source_id, %(category)s AS categ_id,
                   %(outcome)s AS outcome
              FROM crm_lead l
              LEFT JOIN crm_lost_reason r ON r.id = l.lost_reason_id
             WHERE l.type = 'opportunity' AND l.sales_outcome <> 'open'
            """, outcome=self._query_outcome(), category=self._query_category())

    @api.model
    def _query_done(self):
        """What was done for deal x until it was closed; an activity knows its day only."""
        return SQL(
            """
            SELECT a.calls, a.meetings, a.others, e.events, m.mails
              FROM (SELECT COUNT(*) FILTER (WHERE t.category = 'phonecall') AS calls,
                           COUNT(*) FILTER (WHERE t.category = 'meeting') AS meetings,
                           COUNT(*) FILTER (WHERE t.category IS NULL
                                OR t.category NOT IN ('phonecall', 'meeting')) AS others
                      FROM mail_activity done
                      LEFT JOIN mail_activity_type t ON t.id = done.activity_type_id
                     WHERE done.res_id = x.lead_id AND done.res_model = 'crm.lead'
                       AND done.active IS FALSE AND done.calendar_event_id IS NULL
                       AND done.date_done <= x.closed_at::date) a,
                   (SELECT COUNT(*) AS events FROM calendar_event c
                     WHERE c.opportunity_id = x.lead_id AND c.active AND c.start <= x.closed_at) e,
                   (SELECT COUNT(*) AS mails FROM mail_message sent
                     WHERE sent.model = 'crm.lead' AND sent.res_id = x.lead_id
                       AND sent.date <= x.closed_at
                       AND (sent.message_type = 'email_outgoing'
                            OR sent.message_type = 'comment' AND sent.subtype_id = %s)) m
            """, self.env.ref("mail.mt_comment").id)
