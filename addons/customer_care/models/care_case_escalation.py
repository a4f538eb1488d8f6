import logging
from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL

from .conflicts import CONFLICTS
from .moments import tell_moment

_logger = logging.getLogger(__name__)

#: Cases in one go, minutes until the first retry, and how often it is tried.
CHUNK, FIRST_RETRY, TRIES = 100, 5, 5


class CareCaseEscalation(models.Model):
    """One level of escalation that a case reached: who was told, of which promise, and when.

    Each level is told once per case and promise. What could not be told keeps its error and is
    tried again, later each time. A row without level and promise: the case itself could not be
    told its deadlines.
    """

    _name = "care.case.escalation"
    _description = "Escalation of a case"
    _order = "reached_at desc, id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one(
        "care.case", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True)
    level_id = fields.Many2one(
        "care.sla.level", "Level", readonly=True, ondelete="set null", index="btree_not_null")
    promise = fields.Selection(
        [("reply", "First reply"), ("resolution", "Resolution")], readonly=True)
    reached_at = fields.Datetime("Reached", required=True, readonly=True)
    deadline = fields.Datetime(readonly=True)
    user_id = fields.Many2one("res.users", "Who was told", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, index="btree_not_null")
    state = fields.Selection(
        [("told", "Told"), ("failed", "To be tried again"), ("given_up", "Nobody was told")],
        required=True, readonly=True)
    error = fields.Char("What went wrong", readonly=True)
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime("Next attempt", readonly=True)

    _once_uniq = models.UniqueIndex(
        "(case_id, level_id, promise)", "A level is told once per case and promise.")

    @api.model
    def _get_told(self, cases) -> dict[int, dict]:
        """{case id: {(level id, promise): when to try again, or None when it is done}}."""
        found = {}
        for row in self.search([("case_id", "in", cases.ids)]):
            found.setdefault(row.case_id.id, {})[row.level_id.id, row.promise] = (
                row.retry_at if row.state == "failed" else None)
        return found

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    # ---- the cron -------------------------------------------------------------------------------

    @api.model
    def _cron_escalate(self):
        """Tell whoever is to be told, a chunk of cases at a time; then what is left over."""
        cron = self.env["ir.cron"]
        seconds = cron._commit_progress(remaining=1)
        try:
            while seconds and (claimed := self._claim(fields.Datetime.now())):
                self._escalate(claimed)
                seconds = cron._commit_progress(len(claimed), remaining=1)
            for key in self._other_duties():
                if seconds:
                    getattr(self, f"_do_{key}")()
                    seconds = cron._commit_progress(1, remaining=1)
        except CONFLICTS:
            self.env.cr.rollback()  # somebody wrote the same case: its turn comes again
            self.env["care.customer"]._come_back("customer_care.ir_cron_escalate_cases")
            _logger.info("Cases are being written elsewhere; their deadlines wait for a minute")
            return
        cron._commit_progress(remaining=0)

    @api.model
    def _other_duties(self) -> list[str]:
        """What else is to be done within minutes: `_do_<key>()`, bounded, never raising."""
        return []

    def _claim(self, now):
        return self.env["care.case"].browse(self._query_claim(now))

    def _query_claim(self, now) -> list[int]:
        """Take the cases that reached a level. Index care_case_escalate_idx."""
        self.env["care.case"].flush_model(["escalate_at", "stage_kind"])
        rows = self.env.execute_query(SQL(
            """UPDATE care_case SET escalate_at = NULL
                WHERE id IN (SELECT id FROM care_case
                              WHERE escalate_at <= %s AND active
                           ORDER BY escalate_at LIMIT %s
                                FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id""", now, CHUNK))
        self.env["care.case"].invalidate_model(["escalate_at"], flush=False)
        return sorted(row[0] for row in rows)

    @api.model
    def _escalate(self, cases, now=None):
        """Tell of every level that these cases reached; the highest one of a person is said."""
        now = now or fields.Datetime.now()
        told = {}
        for activities in cases.with_context(tracking_disable=True)._safely(
                lambda some: self._tell_reached(some, now), now):
            told |= activities
        self._mail_people(told)

    def _tell_reached(self, cases, now) -> dict:
        """{(case, person): activity} of the levels that these cases reached."""
        reached = []
        for case, plan in cases._get_plans(now):
            levels = sorted((entry for entry in plan.levels() if entry[0] <= now),
                            key=lambda entry: entry[0])
            reached += [(case, level, promise) for _at, level, promise in levels]
        alarms = {}
        for case, level, promise in reached:
            alarms.setdefault((case, level._get_person(case)), []).append((level, promise))
        activities = self._tell_all(alarms, now)
        cases._set_deadlines(now)
        return activities

    def _tell_all(self, alarms, now) -> dict:
        """One activity a case and person; failures stay on their rows."""
        known = {(row.case_id, row.level_id, row.promise): row
                 for row in self.search([("case_id", "in", [case.id for case, _ in alarms])])}
        activities, errors = self._create_activities(
            {key: entries for key, entries in alarms.items() if key[1]})
        new = []
        for (case, person), entries in alarms.items():
            activity = activities.get((case, person))
            error = errors.get((case, person)) or (
                not person and self.env._("The case has no agent and its team no leader."))
            for level, promise in entries:
                row = known.get((case, level, promise))
                values = self._prepare_row(row, error, now) | {
                    "deadline": self._get_deadline(case, promise), "user_id": person.id,
                    "activity_id": activity and activity.id}
                if row:
                    row.write(values)
                else:
                    new.append(values | {"case_id": case.id, "level_id": level.id,
                                         "promise": promise, "reached_at": now})
        self.create(new)
        return activities

    def _create_activities(self, alarms):
        """({key: activity}, {key: error}); all at once, and one by one when that fails."""
        activities = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        try:
            with self.env.cr.savepoint():
                made = activities.create([
                    self._prepare_activity(*key, entries) for key, entries in alarms.items()])
                return dict(zip(alarms, made, strict=True)), {}
        except CONFLICTS:
            raise  # somebody was faster: all of it is done again
        except Exception:  # each one's own error is found below
            self.env.invalidate_all(flush=False)
        found, errors = {}, {}
        for key, entries in alarms.items():
            try:
                with self.env.cr.savepoint():
                    found[key] = activities.create(self._prepare_activity(*key, entries))
            except CONFLICTS:
                raise  # somebody was faster: all of it is done again
            except Exception as error:  # it stays with the escalation
                self.env.invalidate_all(flush=False)
                _logger.warning("Escalation of case %s failed: %s", key[0].id, error)
                errors[key] = str(error)
        return found, errors

    def _prepare_row(self, row, error, now):
        attempts = (row.attempts if row else 0) + 1
        if not error:
            return {"attempts": attempts, "error": False, "retry_at": False, "state": "told"}
        again = attempts < TRIES
        return {
            "attempts": attempts, "error": error, "state": "failed" if again else "given_up",
            "retry_at": again and now + timedelta(minutes=FIRST_RETRY * 4 ** (attempts - 1))}

    # ---- words ----------------------------------------------------------------------------------

    @api.model
    def _get_deadline(self, case, promise):
        return case.reply_deadline if promise == "reply" else case.deadline_at

    def _prepare_activity(self, case, person, entries):
        _level, promise = entries[-1]
        return {
            "res_model_id": self.env["ir.model"]._get_id("care.case"), "res_id": case.id,
            "activity_type_id": self.env.ref("customer_care.mail_activity_type_deadline").id,
            "user_id": person.id, "date_deadline": case.company_id._care_today(),
            "summary": self._tell_promise(case, promise, person), "automated": True}

    def _tell_promise(self, case, promise, person):
        """What was promised until when, in the person's language and by his clock."""
        at = self._get_deadline(case, promise)
        env = self.with_context(
            lang=person.lang, tz=person.tz or case.team_id.resource_calendar_id.tz).env
        when = tell_moment(env, at, weekday=True)
        late = at <= fields.Datetime.now()
        if promise == "reply":
            return (env._("First reply was due %s", when) if late
                    else env._("First reply is due %s", when))
        return (env._("Resolution was due %s", when) if late
                else env._("Resolution is due %s", when))

    def _mail_people(self, activities):
        """One message a person about all his cases of this run; the activities stand without."""
        mine = {}
        for (case, person), activity in activities.items():
            mine.setdefault(person, []).append((case, activity))
        for person, told in mine.items():
            try:
                with self.env.cr.savepoint():
                    self._mail_person(person, told)
            except CONFLICTS:
                raise  # somebody was faster: all of it is done again
            except Exception as error:  # it stays with his escalations
                self.env.invalidate_all(flush=False)
                _logger.warning("No mail about escalations to %s: %s", person.login, error)
                self.search([("activity_id", "in", [one.id for _case, one in told])]).error = (
                    self.env._("There is an activity, but the mail failed: %s", error))

    def _mail_person(self, person, told):
        lines = [
            Markup("<li><a href='%s'>%s</a>: %s</li>") % (
                f"/odoo/care.case/{case.id}", case.display_name, activity.summary)
            for case, activity in told]
        self.env["mail.thread"].message_notify(
            partner_ids=person.partner_id.ids,
            subject=self.env._("%s cases need you", len(lines)) if len(lines) > 1
            else self.env._("A case needs you"),
            body=Markup("<ul>%s</ul>") % Markup().join(lines))

    # ---- the end of an alarm --------------------------------------------------------------------

    @api.model
    def _end_alarms(self, cases, promise=None):
        """What was promised happened: nobody needs to be reminded of it."""
        domain = [("case_id", "in", cases.ids), ("activity_id.active", "=", True)]
        rows = self.search([*domain, *([("promise", "=", promise)] if promise else [])])
        # an activity that speaks of both promises stays until both are kept
        others = self.search(domain).filtered(lambda row: promise and row.promise != promise)
        activities = rows.activity_id - others.activity_id
        if activities:
            activities._action_done(feedback=self.env._("Done in the meantime."))
