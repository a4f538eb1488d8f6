from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.answers import DRAWN, MAIL_EVENTS, Answer, Script
from odoo.addons.lead_nurture.engine.forecast import shares
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

SAMPLE = 50
MAX_HOURS = 24 * 365
# where nobody has been yet: what people are assumed to do about a mail, or a step that waits
MAIL_SHARES = {"click": 0.10, "open": 0.25, "none": 0.65}
EVENT_SHARES = {"happens": 0.20, "none": 0.80}


class NurtureScenario(models.Model):
    """Trying a scenario: for one lead or for a sample, with chosen answers and a moving clock."""

    _inherit = "nurture.scenario"

    def action_simulate(self):
        """The simulator of this scenario."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("lead_nurture.nurture_simulator_action")
        return {
            **action,
            "name": self.env._("Try “%s”", self.name),
            "context": {"active_id": self.id, "active_model": self._name},
        }

    def simulate(self, options):
        """Run the scenario without sending anything; → what would happen to whom and when.

        `options`: `lead_id`, or `sample` (how many leads that may enter, at most 50); `published`
        (False: the draft, where there is one); `start` (UTC, default now); `usual`: the answer to
        mails, {"what": "none", "open", "click", "reply" or "history", "hours": after how many};
        `answers`: {step key: answer} where it is another one (for steps that wait for other events
        also "happens"); `seed` of the drawn answers.
        """
        self.ensure_one()
        self.env["nurture.enrolment"]._check_user()
        self.check_access("read")
        version = self._simulated_version(options)
        leads = self._simulated_leads(options)
        start = self._simulated_start(options)
        usual, answers = self._simulated_answers(options)
        mails, events = self._shares_of_history() if self._draws(usual, answers) else ({}, {})

        def script():
            return Script(
                answers=dict(answers),
                usual=usual,
                seed=int(options.get("seed") or 1),
                mail_shares={"": MAIL_SHARES, **mails},
                event_shares={"": EVENT_SHARES, **events},
            )

        # sudo: steps act with the rights of the owner; the leads are those that the reader may read
        story = self.env["nurture.simulation"].sudo()._run(version, leads, script, start)
        return {
            **story,
            "start": fields.Datetime.to_string(start),
            "notes": self._simulation_notes(leads, usual, answers, mails),
        }

    def simulated_mail(self, node_id, lead_id):
        """{subject, body} of the mail of this step as this lead would get it."""
        self.ensure_one()
        self.env["nurture.enrolment"]._check_user()
        node = self.env["nurture.node"].browse(node_id)
        lead = self.env["crm.lead"].browse(lead_id)
        node.check_access("read")
        lead.check_access("read")
        if node.scenario_id != self or not node.mailing_id:
            raise UserError(self.env._("This step sends no mail."))
        with self.env["nurture.simulation"]._sandbox() as env:
            return node.with_env(env)._render_mail_for(lead.with_env(env))

    # ------------------------------------------------------------
    # OPTIONS
    # ------------------------------------------------------------

    def _simulated_version(self, options):
        version = self.version_id if options.get("published") else self._shown_version()
        if not version.node_ids:
            raise UserError(self.env._("Add steps to the scenario before you try it."))
        return version

    def _simulated_leads(self, options):
        if options.get("lead_id"):
            lead = self.env["crm.lead"].browse(int(options["lead_id"])).exists()
            if not lead:
                raise UserError(self.env._("This lead has been deleted."))
            lead.check_access("read")
            return lead
        size = min(max(int(options.get("sample") or 0), 0), SAMPLE)
        if not size:
            raise ValidationError(
                self.env._("Choose a lead, or how many leads to try it with (1 to %s).", SAMPLE)
            )
        leads = self.env["crm.lead"].search(
            self._audience_domain(), limit=size, order="create_date desc, id desc"
        )
        if not leads:
            raise UserError(self.env._("No lead that you see may enter this scenario now."))
        return leads

    def _audience_domain(self):
        """Leads that fulfil the conditions of entering, whatever the occasion."""
        return (
            self._parse_lead_domain(self.trigger_domain)
            & Domain("company_id", "in", [False, self.company_id.id])
            & Domain("won_status", "=", "pending")
            & Domain("active", "=", True)
        )

    def _simulated_start(self, options):
        try:
            start = fields.Datetime.to_datetime(options.get("start") or fields.Datetime.now())
        except ValueError as error:
            raise ValidationError(self.env._("The start is not a moment.")) from error
        return start.replace(microsecond=0)

    def _simulated_answers(self, options):
        usual = self._simulated_answer(options.get("usual") or {"what": "none"}, MAIL_EVENTS)
        answers = {
            uid: self._simulated_answer(answer, (*MAIL_EVENTS, "happens"))
            for uid, answer in (options.get("answers") or {}).items()
        }
        return usual, answers

    @api.model
    def _simulated_answer(self, answer, known):
        what = answer.get("what")
        if what not in known and what != DRAWN:
            raise ValidationError(self.env._("There is no answer “%s”.", what))
        try:
            hours = float(answer.get("hours", 4))
        except (TypeError, ValueError):
            hours = -1
        if not 0 <= hours <= MAX_HOURS:
            raise ValidationError(
                self.env._("An answer comes after 0 to %s hours.", MAX_HOURS)
            )
        return Answer(what, hours)

    # ------------------------------------------------------------
    # WHAT IT RESTS ON
    # ------------------------------------------------------------

    @api.model
    def _draws(self, usual, answers):
        return any(answer.what == DRAWN for answer in (usual, *answers.values()))

    def _shares_of_history(self):
        """({step: shares of answers to its mail}, {step: shares of its event happening})."""
        mails = {
            uid: shares(
                {"click": clicked, "open": opened - clicked, "none": sent - opened}, MAIL_SHARES
            )
            for uid, sent, opened, clicked in self.env.execute_query(self._query_answers())
        }
        events = {
            uid: shares({"happens": yes, "none": no}, EVENT_SHARES)
            for uid, yes, no in self.env.execute_query(self._query_happened())
        }
        return mails, events

    def _query_answers(self):
        # index nurture_send_step_uniq by the enrolments of the scenario; primary key of the traces
        return SQL(
            """SELECT s.node_uid, COUNT(*),
                      COUNT(COALESCE(t.open_datetime, t.links_click_datetime)),
                      COUNT(t.links_click_datetime)
                 FROM nurture_enrolment e
                 JOIN nurture_send s ON s.enrolment_id = e.id
                 JOIN mailing_trace t ON t.id = s.trace_id
                WHERE e.scenario_id = %s AND s.state = 'sent' AND s.channel = 'mail'
             GROUP BY s.node_uid""",
            self.id,
        )

    def _query_happened(self):
        # index nurture_step_log_node_idx
        return SQL(
            """SELECT node_uid, COUNT(*) FILTER (WHERE label = 'yes'),
                      COUNT(*) FILTER (WHERE label IN ('no', 'timeout'))
                 FROM nurture_step_log WHERE scenario_id = %s AND label IS NOT NULL
             GROUP BY node_uid""",
            self.id,
        )

    def _simulation_notes(self, leads, usual, answers, mails):
        """Sentences that say what a reader must know to trust the story no more than he should."""
        notes = []
        if len(leads) == 1:
            notes += self._reasons_not_to_enter(leads)
        if self._draws(usual, answers) and not mails:
            notes.append(
                self.env._(
                    "Nobody has answered a mail of this scenario yet. The draw assumes that "
                    "%(click)s of 100 click and %(open)s more only open.",
                    click=round(100 * MAIL_SHARES["click"]),
                    open=round(100 * MAIL_SHARES["open"]),
                )
            )
        return notes

    def _reasons_not_to_enter(self, lead):
        """Why this lead would not enter by itself today; the story supposes that it does."""
        _ = self.env._
        owner = self._as_owner()
        reasons = []
        entering = owner._audience_domain() & Domain("id", "=", lead.id)
        if not owner.env["crm.lead"].search_count(entering):
            reasons.append(_("This lead does not fulfil the conditions of entering today."))
        # sudo: whether mails are refused and who was here is asked for, no record is shown
        engine = self.sudo().env
        if engine["nurture.send"]._refusals([lead.email_normalized]):
            reasons.append(_("This person does not want mails."))
        here = [("scenario_id", "=", self.id), ("lead_id", "=", lead.id)]
        if self.reentry_policy == "never" and engine["nurture.enrolment"].search_count(here):
            reasons.append(_("This lead was in the scenario before and does not enter again."))
        return reasons
