import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine import cadence
from odoo.addons.lead_nurture.engine import score as engine
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .moments import tell_moment

_logger = logging.getLogger(__name__)

BATCH = 500
CAP = 20
HOUR = timedelta(hours=1)
REASONS, VISITS, NAMED = 3, 3, 20


class NurtureAlert(models.Model):
    """One row: sales is to be told of one lead, because its person crossed into a band.

    `waiting` rows are sent by the job, again later when it failed; `grouped` ones were told in one
    sentence together, because so many came at once; `failed` ones wait for a human.
    """

    _name = "nurture.alert"
    _description = "Alert"
    _inherit = ["nurture.row.mixin"]
    _log_access = False
    _order = "occurred_at desc, id desc"
    _rec_name = "lead_id"

    crossing_id = fields.Many2one(
        "nurture.crossing", "Because of", required=True, readonly=True, ondelete="cascade",
        index=True,
    )
    event_id = fields.Integer("Crossing event", required=True, readonly=True)
    person_id = fields.Many2one("nurture.person", "Person", readonly=True, ondelete="cascade")
    lead_id = fields.Many2one(
        "crm.lead", "Lead", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    owner_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null",
        help="Of the lead, at the crossing.",
    )  # fmt: skip
    user_id = fields.Many2one("res.users", "Told to", readonly=True, ondelete="set null")
    occurred_at = fields.Datetime("Crossed", required=True, readonly=True)
    score = fields.Integer(readonly=True, aggregator="avg", help="At the crossing.")
    state = fields.Selection(
        string="Status",
        selection=[
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("grouped", "Sent in a summary"),
            ("skipped", "Not needed"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    skip_reason = fields.Selection("_selection_skip_reason", "Not sent because", readonly=True)
    sent_at = fields.Datetime("Sent", readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", "Activity", readonly=True, ondelete="set null", index="btree_not_null"
    )
    attempts = fields.Integer("Failed tries", readonly=True)
    last_error = fields.Char(readonly=True)
    run_at = fields.Datetime("Next try", readonly=True)

    _event_uniq = models.UniqueIndex("(crossing_id, event_id, lead_id)")
    # "was the salesperson told of this person lately?"
    _person_idx = models.Index("(person_id, crossing_id)")
    # claim of the job
    _due_idx = models.Index("(run_at) WHERE state = 'waiting'")
    # how much somebody got in the last hour
    _sent_idx = models.Index("(user_id, sent_at) WHERE state = 'sent'")

    @api.model
    def _selection_skip_reason(self):
        _ = self.env._
        return [
            ("closed", _("The lead is won, lost or archived")),
            ("moved", _("The person left the band again")),
            ("nobody", _("Nobody in charge may see the lead")),
        ]

    def action_retry(self):
        if not self.env.user.has_group("lead_nurture.group_lead_nurture_user"):
            raise AccessError(self.env._("Only users of Nurture can do that."))
        self.check_access("read")
        # sudo: rows are written by the engine alone; the rights were checked above
        failed = self.sudo().filtered(lambda a: a.state == "failed" or a.attempts)
        failed._write_rows(state="waiting", attempts=0, run_at=fields.Datetime.now())
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_crossings")

    def action_open_lead(self):
        self.ensure_one()
        return self.lead_id.get_formview_action()

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    @api.model
    def _count_due(self):
        return self.search_count(
            [("state", "=", "waiting"), ("run_at", "<=", fields.Datetime.now())], limit=BATCH
        )

    @api.model
    def _send_batch(self, now):
        """Send what is due, hottest first; how many rows were claimed. Each person gets so many
        single alerts an hour, and the rest in one sentence."""
        self.env.flush_all()
        claimed = self.browse([row[0] for row in self.env.execute_query(self._query_claim(now))])
        by_user = defaultdict(self.browse)
        for alert in claimed:
            if reason := alert._reason_not_needed():
                alert._write_rows(state="skipped", skip_reason=reason)
            elif user := alert._recipient():
                by_user[user] |= alert
            else:
                alert._write_rows(state="skipped", skip_reason="nobody")
        for user, alerts in by_user.items():
            free = max(self._cap() - alerts._count_sent(user, now - HOUR), 0)
            for alert in alerts[:free]:
                alert._try(now, lambda a=alert, u=user: a._send_single(u, now))
            if rest := alerts[free:]:
                rest._try(now, lambda r=rest, u=user: r._send_summary(u, now))
        return len(claimed)

    def _try(self, now, send):
        """A failure stays on the rows and is tried again later; it stops nobody else."""
        try:
            with self.env.cr.savepoint():
                send()
                self.env.flush_all()
        except CONFLICTS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            _logger.warning("Alerts %s failed: %s", self.ids, error)
            for alert in self:
                again = cadence.retry_at(now, alert.attempts + 1)
                alert._write_rows(
                    bump="attempts", last_error=str(error)[:500], run_at=again or False,
                    state="waiting" if again else "failed",
                )  # fmt: skip

    def _send_single(self, user, now):
        """An activity for today and a notification, both with the reasons."""
        told = self.with_context(lang=user.lang)._prepare_text(user)
        lead = self.lead_id.with_context(lang=user.lang, mail_activity_quick_update=True)
        activity = lead.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=fields.Date.context_today(lead.with_context(tz=user.tz)),
            summary=told["title"],
            note=told["body"],
            user_id=user.id,
        )
        lead.message_notify(
            partner_ids=user.partner_id.ids,
            subject=f"{told['title']}: {lead.display_name}",
            body=told["body"],
            email_layout_xmlid="mail.mail_notification_layout",
            force_send=False,
        )
        self._pop_up(user, told["title"], lead.display_name)
        self._write_rows(state="sent", user_id=user.id, sent_at=now, activity_id=activity.id,
                         last_error=False)  # fmt: skip

    def _send_summary(self, user, now):
        """All of them in one notification, the hottest by name."""
        self = self.with_context(lang=user.lang)
        title = self.env._("%s more leads need a look", len(self))
        body = self.env["ir.qweb"]._render(
            "lead_nurture.alert_summary",
            {"alerts": self[:NAMED], "left": max(len(self) - NAMED, 0), "title": title},
            minimal_qcontext=True,
        )
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids, subject=title, body=body,
            email_layout_xmlid="mail.mail_notification_layout", force_send=False,
        )  # fmt: skip
        self._pop_up(user, title, self.env._("The list “Hot leads” shows them all."))
        self._write_rows(state="grouped", user_id=user.id, sent_at=now, last_error=False)

    def _pop_up(self, user, title, message):
        user._bus_send(
            "simple_notification", {"type": "info", "title": title, "message": message}
        )

    # ------------------------------------------------------------
    # Who and what
    # ------------------------------------------------------------

    def _reason_not_needed(self):
        lead, crossing = self.lead_id, self.crossing_id
        if not lead.active or lead.won_status != "pending":
            return "closed"
        score = self._score_now()
        band = engine.BANDS.index(score.band if score else engine.COLD)
        wanted = engine.BANDS.index(crossing.band)
        up = crossing.direction == "band_up"
        return "moved" if (band < wanted if up else band > wanted) else False

    def _score_now(self):
        return self.env["nurture.score"].search(
            [("person_id", "=", self.person_id.id),
             ("model_id", "=", self.crossing_id.model_id.id)], limit=1
        )  # fmt: skip

    def _recipient(self):
        """The salesperson, else the leader of the team, else who the row names; the first who is
        there and may see the lead."""
        lead = self.lead_id
        for user in (lead.user_id, lead.team_id.user_id, self.crossing_id.user_id):
            if (
                user.active
                and not user.share
                and (not lead.company_id or lead.company_id in user.company_ids)
                and lead.with_user(user).with_context(allowed_company_ids=None).has_access("read")
            ):
                return user
        return self.env["res.users"]

    @api.model
    def _cap(self):
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        return max(int(parameters.get_param("lead_nurture.alert_cap", CAP)), 0)

    def _count_sent(self, user, since):
        return self.search_count(
            Domain("user_id", "=", user.id) & Domain("state", "=", "sent")
            & Domain("sent_at", ">", since)
        )  # fmt: skip

    def _prepare_text(self, user):
        """{title, body}: score, band, the biggest reasons as the explanation has them, visits."""
        score = self._score_now()
        told = score._explain() if score else {"groups": [], "total": 0, "band_label": ""}
        rows = [row for group in told["groups"] for row in group["rows"] if row["points"] > 0]
        reasons = sorted(rows, key=lambda row: -row["points"])[:REASONS]
        visits = self.env["nurture.event"].search(
            [("person_id", "=", self.person_id.id), ("actor", "=", "human"),
             ("kind", "in", ("page_view", "mail_click", "form", "download"))], limit=VISITS,
        )  # fmt: skip
        up = self.crossing_id.direction == "band_up"
        title = self.env._("Has become %s", told["band_label"]) if up else self.env._(
            "Has cooled down to %s", told["band_label"]
        )
        values = {
            "told": told, "reasons": reasons, "visits": visits, "alert": self,
            "kinds": dict(self.env["nurture.event"]._event_kinds()),
            "when": lambda moment: tell_moment(
                self.with_context(tz=user.tz).env, moment, year=True
            ),
        }  # fmt: skip
        body = self.env["ir.qweb"]._render("lead_nurture.alert", values, minimal_qcontext=True)
        return {"title": title, "body": body}

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_claim(self, now):
        # index nurture_alert_due_idx
        return SQL(
            """SELECT id FROM nurture_alert WHERE id = ANY(ARRAY(
                   SELECT id FROM nurture_alert WHERE state = 'waiting' AND run_at <= %s
                 ORDER BY run_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED))
             ORDER BY score DESC, id""",
            now,
            BATCH,
        )
