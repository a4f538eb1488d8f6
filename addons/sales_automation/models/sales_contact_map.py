from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

# Older words say nothing about who knows whom today; also bounds the scan.
LOOK_BACK_DAYS = 730
MAIL_TYPES = ("comment", "email", "email_outgoing")


class SalesContactMap(models.AbstractModel):
    """Who of us has been in touch with whom of a customer, counted from what core records.

    Mails (messages on leads, quotations and contacts of the account, from one of us to one of
    them or back), meetings that both attended, and calls marked as done. Only who, how often and
    when: never what was said, so that it may be told across salespeople of a company.
    """

    _name = "sales.contact.map"
    _description = "Contact Map"

    @api.model
    def _read_contacts(self, account, companies, now):
        """Return who was in touch with whom.

        :param account: the commercial partner
        :param companies: whose leads and quotations count, besides those of no company
        :return: [{"partner_id", "user_id", "kind", "count", "last_at"}], kind: out, in, meeting,
            call; nothing without an account
        """
        if not account:
            return []
        for model in ("crm.lead", "sale.order", "mail.message", "mail.activity",
                      "calendar.event", "res.partner"):
            self.env[model].flush_model()
        return self.env.execute_query_dict(self._query_contacts(account, companies, now))

    @api.model
    def _find_others(self, lead, rows, now):
        """Colleagues beside the deal's salesperson who are busy with the same account.

        :return: [(user, last contact or False, number of open deals)]; those with open deals and
            salespeople in touch within the last 30 days (that accounting calls is no surprise)
        """
        since = now - timedelta(days=30)
        last = {}
        for row in rows:
            if row["user_id"] and row["last_at"] >= since:
                last[row["user_id"]] = max(row["last_at"], last.get(row["user_id"], since))
        deals = dict(self.env.execute_query(self._query_other_deals(lead)))
        # Names only: a colleague of another company is still a colleague.
        users = self.env["res.users"].sudo().browse(last.keys() | deals.keys())
        others = (users.exists() - lead.user_id - self.env.user).filtered(
            lambda user: user.id in deals or user.has_group("sales_team.group_sale_salesman"))
        return sorted(
            ((user, last.get(user.id, False), deals.get(user.id, 0)) for user in others),
            key=lambda row: (-row[2], row[0].name or ""))

    @api.model
    def _get_departments(self, users):
        """Return {user id: department}: the employee's, else what the user's rights say he does."""
        found = {}
        if "hr.employee" in self.env:
            # The name of a department is no personal datum; the employee's file stays closed.
            employees = self.env["hr.employee"].sudo().search([("user_id", "in", users.ids)])
            found = {each.user_id.id: each.department_id.name for each in employees}
        return {user.id: found.get(user.id) or self._guess_department(user) for user in users}

    @api.model
    def _guess_department(self, user):
        for group, name in self.env["crm.lead"]._department_groups():
            if user.has_group(group):
                return name
        return self.env._("Other departments")

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_contacts(self, account, companies, now):
        """People by res_partner's index on commercial_partner_id, documents by their partner's
        index, messages by mail_message_model_res_id_idx, meetings by the attendees' index."""
        return SQL(
            """
            WITH person AS (
                SELECT id FROM res_partner WHERE commercial_partner_id = %(account)s
            ), doc AS (
                SELECT 'crm.lead' AS model, l.id AS res_id, l.user_id, l.partner_id
                  FROM crm_lead l JOIN person p ON p.id = l.partner_id
                 WHERE l.company_id IS NULL OR l.company_id = ANY(%(companies)s)
                UNION ALL
                SELECT 'sale.order', o.id, o.user_id, o.partner_id
                  FROM sale_order o JOIN person p ON p.id = o.partner_id
                 WHERE o.company_id = ANY(%(companies)s)
                UNION ALL
                SELECT 'res.partner', p.id, NULL, p.id FROM person p
            ), us AS (
                SELECT DISTINCT ON (partner_id) partner_id, id FROM res_users
                 WHERE NOT share ORDER BY partner_id, active DESC, id
            ), word AS (
                SELECT m.id, m.date, m.author_id, d.user_id, us.id AS author_user_id
                  FROM doc d
                  JOIN mail_message m ON m.model = d.model AND m.res_id = d.res_id
                  LEFT JOIN us ON us.partner_id = m.author_id
                 WHERE m.subtype_id = %(comment)s AND m.message_type = ANY(%(types)s)
                   AND m.date BETWEEN %(since)s AND %(now)s
            ), contact AS (%(out)s UNION ALL %(back)s UNION ALL %(meetings)s UNION ALL %(calls)s)
            SELECT partner_id, user_id, kind, COUNT(*) AS count, MAX(date) AS last_at
              FROM contact GROUP BY partner_id, user_id, kind
             ORDER BY last_at DESC, partner_id, user_id, kind
            """,
            account=account.id, companies=companies.ids, now=now,
            since=now - timedelta(days=LOOK_BACK_DAYS), types=list(MAIL_TYPES),
            comment=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
            out=self._query_out(), back=self._query_in(),
            meetings=self._query_meetings(now), calls=self._query_calls(now))

    @api.model
    def _query_out(self):
        """Our mails: one contact for each of their people among the recipients."""
        return SQL(
            """
            SELECT r.partner_id, w.author_user_id AS user_id, 'out' AS kind, w.date
              FROM word w
              JOIN LATERAL (
                    SELECT res_partner_id AS partner_id FROM mail_message_res_partner_rel
                     WHERE mail_message_id = w.id
                    UNION
                    SELECT res_partner_id FROM mail_notification WHERE mail_message_id = w.id) r
                ON TRUE
              JOIN person p ON p.id = r.partner_id
             WHERE w.author_user_id IS NOT NULL
            """)

    @api.model
    def _query_in(self):
        """Their mails, to the first of us who got them, else the salesperson of the document."""
        return SQL(
            """
            SELECT w.author_id, COALESCE((
                   SELECT us.id FROM mail_notification n JOIN us ON us.partner_id = n.res_partner_id
                    WHERE n.mail_message_id = w.id ORDER BY n.id LIMIT 1), w.user_id), 'in', w.date
              FROM word w JOIN person p ON p.id = w.author_id
             WHERE w.author_user_id IS NULL
            """)

    @api.model
    def _query_meetings(self, now):
        """Meetings in the past that one of us and one of them were invited to."""
        return SQL(
            """
            SELECT t.res_partner_id, us.id, 'meeting', e.start
              FROM person p
              JOIN calendar_event_res_partner_rel t ON t.res_partner_id = p.id
              JOIN calendar_event e ON e.id = t.calendar_event_id
              JOIN calendar_event_res_partner_rel o ON o.calendar_event_id = e.id
              JOIN us ON us.partner_id = o.res_partner_id
             WHERE e.active AND e.start BETWEEN %(since)s AND %(now)s
               AND e.privacy IS DISTINCT FROM 'private'
            """, since=now - timedelta(days=LOOK_BACK_DAYS), now=now)

    @api.model
    def _query_calls(self, now):
        """Calls marked as done; core archives a done activity and keeps the day."""
        return SQL(
            """
            SELECT d.partner_id, a.user_id, 'call', a.date_done::timestamp
              FROM doc d
              JOIN mail_activity a ON a.res_model = d.model AND a.res_id = d.res_id
              JOIN mail_activity_type t ON t.id = a.activity_type_id AND t.category = 'phonecall'
             WHERE NOT a.active AND a.date_done >= %(since)s AND a.user_id IS NOT NULL
            """, since=now - timedelta(days=LOOK_BACK_DAYS))

    @api.model
    def _query_other_deals(self, lead):
        """(user, open deals) of the account that are not this salesperson's."""
        return SQL(
            """
            SELECT l.user_id, COUNT(*)
              FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
             WHERE p.commercial_partner_id = %(account)s AND l.type = 'opportunity' AND l.active
               AND l.sales_outcome = 'open' AND l.user_id IS NOT NULL
               AND l.id IS DISTINCT FROM %(lead)s
               AND (l.company_id IS NULL OR l.company_id = ANY(%(companies)s))
             GROUP BY l.user_id
            """,
            account=lead.partner_id.commercial_partner_id.id or None, lead=lead._origin.id or None,
            companies=(lead.company_id or self.env.companies).ids)
