from odoo import api, fields, models
from odoo.tools import SQL, split_every

# Messages of other types are the system's own: tracking, notifications, mass mailings.
SPOKEN_TYPES = ("email", "comment", "sms")
CONTACT_FIELDS = ["last_contact_at", "last_contact_kind", "last_reply_at"]
PRECOMMIT_KEY = "sales_automation.contacts"
WATERMARK = "sales_automation.contact_watermark"
JOB_BATCH = 5000
# The job may have been off for so long without missing a meeting.
LOOK_BACK_DAYS = 30


class CrmLead(models.Model):
    """When, and how, the customer was last in touch.

    A contact is a message from or to somebody outside the company, a done call or meeting, a
    past meeting with a guest from outside, or a look at a quotation of the deal. Calls that
    nobody took, internal notes, tracking, to-dos, mass mailings and absence notices are none.
    Written by SQL only (`_query_touch`), without touching `write_date`; a row that somebody else
    holds is left to the hourly job.
    """

    _inherit = "crm.lead"

    last_contact_at = fields.Datetime(
        "Last Customer Contact", readonly=True, copy=False,
        help="The last message from or to the customer, call, meeting, or look at a quotation. "
        "Calls that nobody took, internal notes, automatic messages and to-dos do not count.",
        groups="base.group_user", prefetch="sales_automation")
    last_contact_kind = fields.Selection(
        [
            ("mail_in", "Message from the customer"),
            ("mail_out", "Message to the customer"),
            ("call", "Call"),
            ("meeting", "Meeting"),
            ("quote_seen", "Quotation seen by the customer"),
        ], "Contact By", readonly=True, copy=False, groups="base.group_user",
        prefetch="sales_automation")
    last_reply_at = fields.Datetime(
        "Last Sign of the Customer", readonly=True, copy=False,
        help="The last contact in which the customer took part: he wrote, was called or met, or "
        "looked at a quotation. Our own messages do not count.", groups="base.group_user",
        prefetch="sales_automation")

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {*CONTACT_FIELDS}

    # ---- following the chatter ----------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_vals):
        self._note_contact(message)
        return super()._message_post_after_hook(message, msg_vals)

    @api.model
    def _note_contact(self, message):
        """Look at the message before the commit, when its recipients are known too."""
        # Every tracked change comes by here: the cached id, as a reference would ask the database.
        viewed = self.env["ir.model.data"]._xmlid_to_res_id("sale.mt_order_viewed")
        if message.message_type not in SPOKEN_TYPES and not message.mail_activity_type_id \
                and message.subtype_id.id != viewed:
            return
        precommit = self.env.cr.precommit
        if PRECOMMIT_KEY not in precommit.data:
            system = self.browse().sudo()  # whoever writes: the contact is the deal's
            precommit.add(system._touch_before_commit)
        precommit.data.setdefault(PRECOMMIT_KEY, set()).add(message.id)

    def _touch_before_commit(self):
        message_ids = self.env.cr.precommit.data.pop(PRECOMMIT_KEY, ())
        self._touch(self._query_message_contacts("ids", list(message_ids)))

    @api.model
    def _touch(self, contacts):
        """Move the last contact of the deals forward by these contacts; never backward."""
        self.env["mail.message"].flush_model()
        self.env["mail.notification"].flush_model()
        rows = self.env.execute_query(self._query_touch(contacts, fields.Datetime.now()))
        touched = self.browse([lead_id for (lead_id,) in rows])
        touched.invalidate_recordset([*CONTACT_FIELDS, "snooze_until"], flush=False)
        return touched

    # ---- jobs ---------------------------------------------------------------------------------

    @api.model
    def _cron_follow_contacts(self):
        """Meetings that are over by now, and messages whose deal was busy when they came."""
        cron, params = self.env["ir.cron"], self.env["ir.config_parameter"].sudo()  # its bookmark
        newest = self._get_newest_message()
        last_seen = int(params.get_param(WATERMARK) or max(newest - JOB_BATCH, 0))
        steps = range(last_seen, newest, JOB_BATCH)
        time_left = cron._commit_progress(remaining=1 + len(steps))
        if not time_left:
            return
        since = fields.Datetime.subtract(fields.Datetime.now(), days=LOOK_BACK_DAYS)
        self._touch(self._query_meeting_contacts("since", since))
        time_left = cron._commit_progress(1)
        for start in steps:
            if not time_left:
                return
            self._touch(self._query_message_contacts("span", start, start + JOB_BATCH))
            # The next run looks at the newest ones once more: a message that was being written
            # meanwhile has a lower number than they, and its deal may have been busy.
            params.set_param(
                WATERMARK, max(last_seen, min(start + JOB_BATCH, newest - JOB_BATCH)))
            time_left = cron._commit_progress(1)

    @api.model
    def _backfill_contacts(self, lead_ids):
        """Find the last contact of existing deals in chatter, orders and calendar; repeatable."""
        self.env.flush_all()
        for ids in split_every(JOB_BATCH, lead_ids, list):
            self._touch(self._query_message_contacts("leads", ids))
            self._touch(self._query_message_contacts("orders", ids))
            self._touch(self._query_meeting_contacts("leads", ids))

    @api.model
    def _get_newest_message(self):
        return self.env["mail.message"].sudo().search(  # a number, no content
            [], order="id desc", limit=1).id

    # ---- merge --------------------------------------------------------------------------------

    def _merge_dependences(self, opportunities):
        """The survivor was in touch with the customer when any of the merged deals was."""
        result = super()._merge_dependences(opportunities)
        latest = max(
            (lead for lead in self | opportunities if lead.last_contact_at),
            key=lambda lead: lead.last_contact_at, default=self)
        replies = [lead.last_reply_at for lead in self | opportunities if lead.last_reply_at]
        self.sudo().write({  # facts of the system
            "last_contact_at": latest.last_contact_at,
            "last_contact_kind": latest.last_contact_kind,
            "last_reply_at": max(replies, default=False),
        })
        return result

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_is_internal(self, partner):
        """True when the partner is or was a colleague: one who left stays one of us."""
        return SQL(
            "EXISTS (SELECT FROM res_users iu WHERE iu.partner_id = %s AND NOT iu.share)", partner)

    @api.model
    def _query_message_contacts(self, scope, *values):
        """Contacts (lead_id, at, kind) among the messages of one scope.

        They are reached by id or by core's index (model, res_id, id).
        """
        condition = SQL({
            "ids": "m.id = ANY(%s)",
            "span": "m.id > %s AND m.id <= %s",
            "leads": "m.model = 'crm.lead' AND m.res_id = ANY(%s)",
            "orders": "m.model = 'sale.order' AND m.res_id IN "
                      "(SELECT id FROM sale_order WHERE opportunity_id = ANY(%s))",
        }[scope], *values)
        ref = self.env["ir.model.data"]._xmlid_to_res_id
        return SQL(
            """
            SELECT x.lead_id, x.at, x.kind
              FROM (SELECT CASE m.model WHEN 'crm.lead' THEN m.res_id
                                        ELSE o.opportunity_id END AS lead_id,
                           m.date AS at,
                           CASE WHEN m.sales_no_answer THEN NULL
                                WHEN t.category = 'phonecall' THEN 'call'
                                WHEN t.category = 'meeting' THEN 'meeting'
                                WHEN m.subtype_id = %(viewed)s THEN 'quote_seen'
                                WHEN m.message_type NOT IN %(spoken)s
                                  OR m.is_internal OR s.internal OR m.sales_auto_reply
                                    THEN NULL
                                WHEN m.author_id IS NULL OR NOT %(author)s THEN 'mail_in'
                                WHEN m.outgoing_email_to <> '' THEN 'mail_out'
                                WHEN EXISTS (
                                    SELECT FROM mail_notification n
                                     WHERE n.mail_message_id = m.id
                                       AND (n.res_partner_id IS NULL OR NOT %(receiver)s)
                                       AND n.notification_status NOT IN ('bounce', 'canceled'))
                                    THEN 'mail_out'
                           END AS kind
                      FROM mail_message m
                      LEFT JOIN sale_order o ON m.model = 'sale.order' AND o.id = m.res_id
                      LEFT JOIN mail_activity_type t ON t.id = m.mail_activity_type_id
                           AND m.subtype_id = %(done)s
                      LEFT JOIN mail_message_subtype s ON s.id = m.subtype_id
                     WHERE m.model IN ('crm.lead', 'sale.order') AND %(condition)s) x
             WHERE x.kind IS NOT NULL AND x.lead_id IS NOT NULL
            """,
            viewed=ref("sale.mt_order_viewed"), done=ref("mail.mt_activities"),
            spoken=SPOKEN_TYPES, condition=condition,
            author=self._query_is_internal(SQL("m.author_id")),
            receiver=self._query_is_internal(SQL("n.res_partner_id")))

    @api.model
    def _query_meeting_contacts(self, scope, *values):
        """Meetings that are over and had a guest from outside who had not declined.

        They are reached by core's index on opportunity_id or by calendar_event_sales_idx.
        """
        condition = SQL({
            "since": "e.stop > %s",
            "leads": "e.opportunity_id = ANY(%s)",
        }[scope], *values)
        return SQL(
            """
            SELECT e.opportunity_id AS lead_id, e.stop AS at, 'meeting' AS kind
              FROM calendar_event e
             WHERE e.opportunity_id IS NOT NULL AND e.active AND e.stop <= %(now)s
               AND %(condition)s
               AND EXISTS (SELECT FROM calendar_attendee a
                            WHERE a.event_id = e.id AND a.state <> 'declined'
                              AND NOT %(guest)s)
            """,
            now=fields.Datetime.now(), condition=condition,
            guest=self._query_is_internal(SQL("a.partner_id")))

    @api.model
    def _query_touch(self, contacts, now):
        """Update the deals of these contacts, if any is newer; a sign of the customer wakes, and
        stands before a mail of ours of the same moment, in whatever order they are found.

        A mail's own date may lie in the future: it counts as now at most. Rows that somebody
        else is writing are skipped: the hourly job looks at the same messages again.
        """
        return SQL(
            """
            WITH contact AS (
                SELECT c.lead_id, LEAST(c.at, %(now)s::timestamp) AS at, c.kind
                  FROM (%(contacts)s) c),
            last AS (
                SELECT lead_id, MAX(at) AS at,
                       (ARRAY_AGG(kind ORDER BY at DESC, kind = 'mail_out', kind))[1] AS kind,
                       MAX(at) FILTER (WHERE kind <> 'mail_out') AS reply_at,
                       MAX(at) FILTER (WHERE kind = 'mail_in') AS wrote_at
                  FROM contact GROUP BY lead_id),
            free AS (
                SELECT last.*
                  FROM crm_lead l JOIN last ON last.lead_id = l.id
                 WHERE l.last_contact_at IS NULL OR last.at > l.last_contact_at
                    OR last.reply_at > COALESCE(l.last_reply_at, '-infinity')
                   FOR NO KEY UPDATE OF l SKIP LOCKED)
            UPDATE crm_lead l
               SET last_contact_at = GREATEST(l.last_contact_at, free.at),
                   last_contact_kind = CASE WHEN l.last_contact_at > free.at
                        THEN l.last_contact_kind ELSE free.kind END,
                   last_reply_at = GREATEST(l.last_reply_at, free.reply_at),
                   snooze_until = CASE WHEN free.wrote_at > l.snooze_at THEN NULL
                        ELSE l.snooze_until END
              FROM free
             WHERE l.id = free.lead_id
         RETURNING l.id
            """,
            contacts=contacts, now=now)
