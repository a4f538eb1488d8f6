from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, formatLang
from psycopg2 import errors

LIMIT = 5_000
# people are counted no further, and no longer
COUNTED = 100_000
COUNT_SECONDS = 10


class NurtureScenario(models.Model):
    """The guard against a blast: a pass that would let more people in than the limit stops before
    the first of them, pauses the scenario and asks an administrator."""

    _inherit = "nurture.scenario"

    entry_limit = fields.Integer(
        "People at once",
        default=lambda self: self._default_entry_limit(),
        help="When the trigger would let more people in than this in one go, nobody enters: the "
        "scenario pauses and asks. So many can be enrolled by hand without an administrator. "
        "0: no limit.",
    )
    entry_asked = fields.Integer(
        "People who would have entered", readonly=True, copy=False,
        help="So many wanted to enter when the limit stopped them.",
    )  # fmt: skip
    entry_allowed = fields.Integer(
        readonly=True, copy=False, help="So many more may enter in the pass that runs."
    )

    @api.model
    def _default_entry_limit(self):
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        return int(parameters.get_param("lead_nurture.entry_limit", LIMIT))

    @api.constrains("entry_limit")
    def _check_entry_limit(self):
        if any(scenario.entry_limit < 0 for scenario in self):
            raise ValidationError(
                self.env._("“People at once” cannot be negative. 0 means that there is no limit.")
            )

    def action_let_in(self):
        """Go on, and let as many in as have been asked for: once, in the next pass."""
        for scenario in self.filtered(lambda s: s.state == "paused" and s.entry_asked):
            scenario.check_access("write")
            scenario._check_can_run()
            allowed = scenario.entry_asked
            scenario._set_running()
            scenario.entry_allowed = allowed

    def action_view_asked(self):
        """The leads that match, to see whether they are the ones that were meant."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        return {**action, "domain": list(self._parse_lead_domain(self.trigger_domain)),
                "context": {}}  # fmt: skip

    def action_count_now(self):
        """Say how many would enter now, and how many leads match at all."""
        self.ensure_one()
        self.check_access("read")
        # sudo: the count obeys the rights of the owner, as entering does
        counts = self.sudo()._counts_now(fields.Datetime.now())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Who would enter now"),
                "type": "info",
                "sticky": True,
                "message": self._counts_text(*counts),
            },
        }

    def _counts_text(self, entering, matching):
        text = self.env._(
            "%s people with a lead that matches the conditions could be enrolled by hand.",
            self._bounded_text(matching),
        )
        if self.trigger_kind == "manual":
            return text
        return self.env._(
            "%(count)s people would enter by themselves in the next pass. %(more)s",
            count=self._bounded_text(entering),
            more=text,
        )

    def _bounded_text(self, count):
        number = formatLang(self.env, min(count, COUNTED), digits=0)
        return self.env._("More than %s", number) if count > COUNTED else number

    def _counts_now(self, now):
        """(how many would enter by themselves, how many could be enrolled by hand), counted no
        further than it matters and no longer than some seconds."""
        reason = self._reason_not_to_run()
        if reason:
            raise UserError(reason)
        try:
            with self.env.cr.savepoint():
                self.env["nurture.enrolment"].flush_model()
                self.env.cr.execute(self._query_limit_time(f"{COUNT_SECONDS}s"))
                by_hand = self._query_candidates_by_hand(self._domain_for_all())
                candidates = by_hand
                if self.trigger_kind != "manual":
                    candidates = self._candidates_now(full=True, now=now)
                most = COUNTED + 1
                return tuple(
                    self._count_may_enter(query, now, most) for query in (candidates, by_hand)
                )
        except errors.QueryCanceled as error:
            raise UserError(
                self.env._("Counting takes longer than %s seconds.", COUNT_SECONDS)
            ) from error

    def _set_running(self):
        result = super()._set_running()
        self.write({"entry_asked": 0, "entry_allowed": 0})
        return result

    def _entry_room(self):
        """How many may enter in one pass; 0: as many as want to. Who was allowed in may be joined
        by as many as need no asking: people come in while an administrator makes up his mind."""
        return self.entry_limit and self.entry_limit + self.entry_allowed

    def _ask_to_let_in(self, candidates, now):
        asked = self._count_may_enter(candidates, now)
        self._set_paused(
            self.env._(
                "%(count)s people would enter at once, the limit is %(limit)s. Nobody has entered "
                "and no mail was sent. Check who enters, then let them in.",
                count=formatLang(self.env, asked, digits=0),
                limit=formatLang(self.env, self.entry_limit, digits=0),
            )
        )
        self.entry_asked = asked
        self._tell_asked()

    def _tell_asked(self):
        """The owner is told once why it stands still."""
        self.message_post(
            body=self.pause_reason,
            subject=self.env._("%s waits for your answer", self.name),
            partner_ids=self.user_id.partner_id.ids,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
            force_send=False,  # the job never talks to a mail server
        )

    def _count_may_enter(self, candidates, now, limit=None):
        found = self._query_may_enter(candidates, self.reentry_policy, now, limit)
        [(count,)] = self.env.execute_query(self._query_count(found))
        return count

    def _query_count(self, found):
        return SQL("SELECT COUNT(*) FROM (%s) found", found)
