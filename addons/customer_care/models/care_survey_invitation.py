import secrets

from odoo import api, fields, models
from odoo.tools import hmac

from .care_survey_program import METRICS

STATES = [
    ("planned", "Planned"), ("sent", "Asked"), ("reminded", "Asked twice"),
    ("answered", "Answered"), ("expired", "No answer"), ("skipped", "Not asked"),
    ("failed", "Failed"),
]
#: Waits for an answer.
ASKED = ("sent", "reminded")


class CareSurveyInvitation(models.Model):
    """One customer and one event of a programme: he was asked, or why he was not.

    planned → sent → reminded → answered or expired; skipped with its reason; failed with its
    error, and tried again. The methods `_set_<state>` are the only writers of the state. The
    answer itself is the survey's entry or the rating that it leads to.
    """

    _name = "care.survey.invitation"
    _description = "Survey invitation"
    _order = "event_at desc, id desc"
    _rec_name = "program_id"

    program_id = fields.Many2one(
        "care.survey.program", "Programme", required=True, readonly=True, ondelete="restrict",
        index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Contact", readonly=True, ondelete="cascade",
        help="Empty: somebody who followed a public link.")
    commercial_partner_id = fields.Many2one(
        "res.partner", "Customer", related="partner_id.commercial_partner_id")
    email = fields.Char(readonly=True, help="The address that was asked.")
    event = fields.Char(
        "Key of the event",
        readonly=True, help="What it is asked about; a programme asks once about each event.")
    event_at = fields.Datetime("Event", readonly=True)
    send_at = fields.Datetime("Due", readonly=True)
    case_id = fields.Many2one(
        "care.case", readonly=True, ondelete="set null", index="btree_not_null")
    order_id = fields.Many2one(
        "sale.order", readonly=True, ondelete="set null", index="btree_not_null")
    move_id = fields.Many2one(
        "account.move", "Invoice", readonly=True, ondelete="set null", index="btree_not_null")
    resolver_id = fields.Many2one(
        "res.users", "Resolved by", readonly=True, ondelete="set null",
        help="Who had resolved the case when the customer was asked.")
    is_test = fields.Boolean("Test", readonly=True)

    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="planned")
    reason = fields.Selection("_select_reason", "Reason", readonly=True)
    why = fields.Char("Why not", compute="_compute_why")
    token = fields.Char(readonly=True, copy=False, groups="base.group_system")
    network = fields.Char(
        readonly=True, copy=False, groups="base.group_system",
        help="Of an answer by a public link: a word that tells the networks of one day apart, and "
        "from which no address can be read.")
    sent_at = fields.Datetime("Asked", readonly=True)
    reminded_at = fields.Datetime("Asked again", readonly=True)
    answered_at = fields.Datetime("Answered", readonly=True)
    expires_at = fields.Datetime("Answers until", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, ondelete="set null", index="btree_not_null",
        help="While it waits in the queue.")
    error = fields.Text(readonly=True)
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime("Tried again", readonly=True)
    user_input_id = fields.Many2one(
        "survey.user_input", "Entry", readonly=True, ondelete="set null", index="btree_not_null")
    rating_id = fields.Many2one(
        "rating.rating", "Rating", readonly=True, ondelete="set null", index="btree_not_null")
    answer = fields.Char(compute="_compute_answer")
    scale_html = fields.Html(compute="_compute_mail_parts", sanitize=False)
    ask_url = fields.Char(compute="_compute_mail_parts")
    stop_url = fields.Char(compute="_compute_mail_parts")
    sender = fields.Char(compute="_compute_mail_parts")

    # Once about each event, whoever plans it and how often.
    _event_uniq = models.UniqueIndex("(program_id, event) WHERE event IS NOT NULL")
    _token_uniq = models.UniqueIndex("(token) WHERE token IS NOT NULL")
    # The rest between two questions, by person and by address.
    _partner_idx = models.Index("(partner_id, company_id, sent_at)")
    _email_idx = models.Index("(email, company_id, sent_at)")
    # How much came from one network by a public link.
    _network_idx = models.Index("(program_id, network) WHERE network IS NOT NULL")
    # The list, newest first.
    _event_idx = models.Index("(event_at DESC, id DESC)")
    # What the cron looks for.
    _planned_idx = models.Index("(company_id, send_at) WHERE state IN ('planned', 'failed')")
    _open_idx = models.Index("(company_id, id) WHERE state IN ('sent', 'reminded')")

    @api.model
    def _select_reason(self):
        return list(self._skip_reasons().items())

    # ---- computes -------------------------------------------------------------------------------

    @api.depends("state", "reason", "error")
    @api.depends_context("lang")
    def _compute_why(self):
        reasons = self._skip_reasons()
        for invitation in self:
            invitation.why = {
                "skipped": reasons.get(invitation.reason, invitation.reason),
                "failed": invitation.error,
            }.get(invitation.state)

    @api.depends("answered_at")
    @api.depends_context("lang", "uid")
    def _compute_answer(self):
        """The value and his own words; a test is in no figure and shows none."""
        answers = self.env["care.feedback"]
        found = answers.search([("invitation_id", "in", self.ids)]).grouped(
            "invitation_id") if answers.has_access("read") else {}
        for invitation in self:
            given = found.get(invitation, answers)[:1]
            value = given and self.env._(
                "%(value)s of %(most)s", value=given.value, most=given.scale_max)
            invitation.answer = ": ".join(filter(None, (value, given.comment))) or False

    @api.depends("program_id", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for invitation in self:
            invitation.display_name = " · ".join(filter(None, (
                invitation.program_id.name, invitation.partner_id.name)))

    @api.depends_context("lang")
    def _compute_mail_parts(self):
        """What the mail template puts in: the scale as buttons, and the way out."""
        for invitation in self:
            company = invitation.company_id
            invitation.ask_url = invitation._get_ask_url()
            invitation.stop_url = invitation._get_stop_url("stop")
            invitation.sender = company.care_survey_from or company.email_formatted
            invitation.scale_html = self.env["ir.qweb"]._render(
                "customer_care.survey_mail_scale", {
                    "program": invitation.program_id, "url": invitation.ask_url,
                    "values": invitation.program_id._scale(),
                    "ends": invitation.program_id._scale_ends()})

    def _get_ask_url(self):
        # Who reads the mail holds the token; nobody reads the field.
        token = self.sudo().token or "preview"
        return f"{self.company_id.get_base_url()}/care/ask/{token}"

    def _get_stop_token(self):
        # The database's secret, which nobody may read.
        return hmac(self.env(su=True), "care-survey-stop", self.id)

    def _get_stop_url(self, door):
        path = "stop" if door == "stop" else "stop/oneclick"
        return (f"{self.company_id.get_base_url()}/care/ask/{path}/{self.id}/"
                f"{self._get_stop_token()}")

    # ---- state machine --------------------------------------------------------------------------

    def _set_planned(self):
        self.write({"state": "planned", "reason": False})

    def _set_skipped(self, reason: str):
        self.write({"state": "skipped", "reason": reason, "error": False})

    def _set_sent(self, at):
        for invitation in self:
            invitation.write({
                "state": "sent", "sent_at": at, "error": False,
                "resolver_id": invitation.case_id.resolver_id.id,
                "expires_at": fields.Datetime.add(
                    at, days=invitation.program_id.expiry_days)})

    def _set_reminded(self, at):
        self.write({"state": "reminded", "reminded_at": at, "error": False})

    def _set_answered(self, at):
        """The first answer's moment stays when the answer is changed."""
        for invitation in self:
            invitation.write({"state": "answered", "answered_at": invitation.answered_at or at})

    def _set_expired(self):
        self.write({"state": "expired"})

    def _set_failed(self, error: str, now):
        """Tried again, later each time; the row keeps what went wrong."""
        for invitation in self:
            invitation.write({
                "state": "failed", "error": error, "attempts": invitation.attempts + 1,
                "retry_at": fields.Datetime.add(now, hours=2 ** invitation.attempts)})

    def _set_returned(self, error: str, now):
        """The address takes no mail: not tried again before somebody has looked."""
        self._set_failed(error, now)
        self.write({"retry_at": False})

    def _ensure_token(self):
        for invitation in self.filtered(lambda i: not i.token):
            invitation.token = secrets.token_hex(16)
