from odoo import api, fields, models
from odoo.tools import SQL

# where a lead is reached by each channel
ADDRESSES = {"mail": "email_normalized", "sms": "phone_sanitized"}


class NurtureSend(models.Model):
    """The ledger: one message that one step of one person's journey called for.

    The row, the mail and the person's move to the next step are one transaction, and the key
    allows no second row: so no message is queued twice. What became of it is read from the trace
    of core by the settling cron; senders write nothing here.
    """

    _name = "nurture.send"
    _inherit = ["nurture.row.mixin"]
    _description = "Message of a scenario"
    _order = "id desc"
    _rec_name = "address"
    _log_access = False

    enrolment_id = fields.Many2one(
        "nurture.enrolment", "Person in scenario", readonly=True, ondelete="cascade"
    )
    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, ondelete="cascade"
    )
    node_id = fields.Many2one("nurture.node", "Step", readonly=True, ondelete="set null")
    node_uid = fields.Char("Step key", required=True, readonly=True)
    visit = fields.Integer(required=True, readonly=True)
    channel = fields.Selection(
        [("mail", "Mail"), ("sms", "Text message")], required=True, readonly=True, default="mail"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    person_id = fields.Many2one("nurture.person", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="set null", index=True)
    address = fields.Char(readonly=True)
    planned_at = fields.Datetime("Planned", required=True, readonly=True)
    state = fields.Selection(
        string="Status",
        selection=[
            ("queued", "In the queue"),
            ("sent", "Sent"),
            ("retry", "Tried again later"),
            ("failed", "Failed"),
            ("cancel", "Not sent"),
        ],
        required=True,
        readonly=True,
        default="queued",
    )
    sent_at = fields.Datetime("Sent", readonly=True)
    attempts = fields.Integer("Failed tries", readonly=True)
    failure_type = fields.Char("Failure", readonly=True)
    failure_reason = fields.Char("Answer of the server", readonly=True)
    message_id = fields.Char("Message-Id", readonly=True)
    mail_id = fields.Integer("Mail", readonly=True)
    trace_id = fields.Many2one(
        "mailing.trace", readonly=True, ondelete="set null", index="btree_not_null"
    )
    opened_at = fields.Datetime(related="trace_id.open_datetime", string="Opened")
    clicked_at = fields.Datetime(related="trace_id.links_click_datetime", string="Clicked")

    # the ledger's promise
    _step_uniq = models.UniqueIndex(
        "(enrolment_id, node_uid, visit, channel)", "This step has sent its message already."
    )
    # what the settling cron still has to look at
    _pending_idx = models.Index("(id) WHERE state IN ('queued', 'retry')")
    # how much one person got lately
    _person_idx = models.Index("(person_id, planned_at)")

    # ------------------------------------------------------------
    # MAY WE?
    # ------------------------------------------------------------

    @api.model
    def _refusals(self, addresses):
        """{normalised address: failure type} of those that must not be written to. This is the
        one place that answers; asked when people enter, before each step and before SMTP."""
        addresses = [address for address in set(addresses) if address]
        if not addresses:
            return {}
        self.env["mail.blacklist"].flush_model(["email", "active"])
        rows = self.env.execute_query(self._query_refusals(addresses))
        return {row[0]: "mail_bl" for row in rows}

    @api.model
    def _query_refusals(self, addresses):
        return SQL(
            "SELECT a FROM unnest(%s::varchar[]) a WHERE %s",
            addresses,
            self._query_is_refused(SQL("a")),
        )

    @api.model
    def _query_is_refused(self, address):
        # index of the unique key of mail_blacklist(email)
        return SQL(
            "EXISTS (SELECT 1 FROM mail_blacklist b WHERE b.active AND b.email = %s)", address
        )

    # ------------------------------------------------------------
    # WRITING THE LEDGER
    # ------------------------------------------------------------

    @api.model
    def _enter(self, enrolments, node, now, **options):
        """Write the ledger rows of this step; {lead id: send} of those really new."""
        rows = self.env.execute_query(self._query_enter(enrolments, node, now, **options))
        sends = self.browse([row[0] for row in rows])
        return {send.lead_id.id: send for send in sends}

    @api.model
    def _query_enter(self, enrolments, node, now, channel="mail"):
        # index nurture_send_step_uniq
        return SQL(
            """INSERT INTO nurture_send (enrolment_id, scenario_id, node_id, node_uid, visit,
                      channel, category, company_id, person_id, lead_id, address, planned_at,
                      state, attempts, message_id)
               SELECT e.id, e.scenario_id, %(node)s, %(uid)s, e.visit, %(channel)s, %(category)s,
                      e.company_id,
                      e.person_id, e.lead_id, %(address)s, %(now)s, 'queued', 0,
                      '<nurture-' || e.id || '-' || %(uid)s || '-' || e.visit || '@'
                      || %(host)s || '>'
                 FROM nurture_enrolment e JOIN crm_lead l ON l.id = e.lead_id
                WHERE e.id = ANY(%(ids)s)
          ON CONFLICT DO NOTHING
            RETURNING id""",
            ids=enrolments.ids,
            node=node.id,
            uid=node.uid,
            channel=channel,
            address=SQL.identifier("l", ADDRESSES[channel]),
            category=node.mail_category,
            now=now,
            # sudo: the name of this database among all databases, not a secret
            host=self.env["ir.config_parameter"].sudo().get_param("database.uuid") + ".nurture",
        )

    def _link_traces(self):
        """Join the ledger to the traces that core wrote with the mails; those that core refused
        to queue are cancelled at once."""
        self.env["mailing.trace"].flush_model()
        self.env.cr.execute(self._query_link_traces())
        self.invalidate_recordset(flush=False)

    def _query_link_traces(self):
        # index mailing_trace_nurture_message_idx
        return SQL(
            """UPDATE nurture_send s
                  SET trace_id = t.id, mail_id = t.mail_mail_id_int,
                      address = COALESCE(NULLIF(t.email, ''), s.address),
                      failure_type = t.failure_type,
                      state = CASE WHEN t.trace_status IN ('cancel', 'error')
                                   THEN 'cancel' ELSE s.state END
                 FROM mailing_trace t
                WHERE t.message_id = s.message_id AND s.id = ANY(%s)""",
            self.ids,
        )
