from odoo import api, fields, models

from .care_case_plan import CasePlan
from .care_stage import OPEN_KINDS
from .optional import OptionalFloat

RESULTS = [("met", "Met"), ("missed", "Missed")]
#: What a policy is chosen by, while the case is not judged yet.
CHOSEN_BY = {
    "team_id", "severity", "kind", "category_id", "partner_id", "company_id", "channel",
    "is_proactive"}
#: Moments that hours are told between, with those hours.
STAMPS = {
    "opened_at": ("reply_hours", "resolution_hours"), "first_response_at": ("reply_hours",),
    "resolved_at": ("resolution_hours",)}
#: What moves or ends a promise.
MOVED_BY = {"stage_id", "closed_at", "active", *STAMPS}
#: Cases whose deadlines are told in one go when a policy changed.
CHUNK = 200


class CareCase(models.Model):
    """Deadlines, told from the case's stamps and pauses, whatever happened.

    What is done is judged once: the first reply when we reply, the resolution when the case is
    resolved for the first time. From then on service level, hours and result stay, whatever is
    edited later; only a stamp that is corrected (two cases become one) is judged by the new one.
    """

    _inherit = "care.case"

    sla_id = fields.Many2one(
        "care.sla", "Service level", readonly=True, copy=False, index="btree_not_null",
        help="The one that holds while the case is open; once resolved, the one that it was "
        "judged by. It stays then, whatever is changed on the case or in the service level.")
    reply_sla_id = fields.Many2one(
        "care.sla", "Service level of the first reply", readonly=True, copy=False,
        index="btree_not_null", help="The one that held when we replied.")
    reply_deadline = fields.Datetime("First reply due", readonly=True, copy=False)
    reply_warn_at = fields.Datetime(readonly=True, copy=False)
    reply_hours = OptionalFloat(
        "Working hours to first reply", readonly=True, copy=False, aggregator="avg",
        help="Working hours of the team from the opening to the first answer, without pauses. 0 "
        "for calls and chats; empty when we wrote first.")
    reply_result = fields.Selection(RESULTS, "First reply in time", readonly=True, copy=False)
    deadline_at = fields.Datetime(
        "Resolution due", readonly=True, copy=False,
        help="Moves by the working hours that we waited for the customer, and by those between a "
        "resolution and the case being opened again.")
    warn_at = fields.Datetime(readonly=True, copy=False)
    resolution_hours = OptionalFloat(
        "Working hours to resolution", readonly=True, copy=False, aggregator="avg",
        help="Working hours of the team from the opening to the first resolution, without pauses. "
        "It stays when the case is opened again.")
    resolution_result = fields.Selection(
        RESULTS, "Resolved in time", readonly=True, copy=False,
        help="Of the first resolution; it stays when the case is opened again.")
    allowed_hours = OptionalFloat(
        "Working hours allowed", readonly=True, copy=False, aggregator=None,
        help="Working hours that the service level allows to the resolution; once resolved, those "
        "that it was judged by. A case that is opened again has what is left of them.")
    due_at = fields.Datetime(
        "Next due", readonly=True, copy=False,
        help="The earlier of the deadlines that are still owed; empty while we wait for the "
        "customer. Lists and cards show the time until then by the clock, nights and days off "
        "included.")
    paused_at = fields.Datetime("Paused since", readonly=True, copy=False)
    paused_hours = fields.Float(
        "Paused working hours", readonly=True, copy=False,
        help="Working hours in which the clock stood still so far.")
    escalate_at = fields.Datetime(readonly=True, copy=False)
    escalation_ids = fields.One2many("care.case.escalation", "case_id", "Escalations")

    # the board and the list by deadline
    _due_idx = models.Index(
        "(company_id, due_at) WHERE stage_kind IN ('new', 'open', 'waiting')")
    # what the cron claims
    _escalate_idx = models.Index("(escalate_at) WHERE escalate_at IS NOT NULL")
    # open cases of a company one chunk after the other
    _open_idx = models.Index(
        "(company_id, id) WHERE stage_kind IN ('new', 'open', 'waiting')")
    # how long similar cases took
    _settled_idx = models.Index(
        "(company_id, resolved_at) WHERE resolution_hours IS NOT NULL")

    # ---- CRUD -----------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._set_deadlines(chosen_again=True)
        return cases

    def write(self, vals):
        if not vals.keys() & (CHOSEN_BY | MOVED_BY) or self._plans_later():
            return super().write(vals)
        self._forget_hours(vals)
        # stamps written on the way would each tell the deadlines again
        later = self.with_context(care_plans_later=frozenset(self.ids))
        result = super(CareCase, later).write(vals)
        moved = bool(vals.keys() & MOVED_BY)
        told = self.filtered(
            lambda case: moved or case.stage_kind in OPEN_KINDS or not case._is_judged())
        told._set_deadlines(chosen_again=bool(vals.keys() & CHOSEN_BY))
        return result

    def _plans_later(self):
        return set(self.ids) <= self.env.context.get("care_plans_later", frozenset())

    def _is_judged(self) -> bool:
        """Whether its resolution was judged: its service level stays from then on."""
        return bool(self.resolved_at) and self.resolution_hours is not False

    def _forget_hours(self, vals):
        """Hours that were told from a moment which is corrected now."""
        for stamp in STAMPS.keys() & vals.keys():
            moment = fields.Datetime.to_datetime(vals[stamp])
            corrected = self.filtered(
                lambda case, name=stamp, at=moment: case[name] and case[name] != at)
            if corrected:
                corrected._note(dict.fromkeys(STAMPS[stamp], False))

    def _set_moved(self, before, now):
        # Customers answer, too, and may not write pauses.
        self.env["care.case.pause"].sudo()._follow(self, now)
        return super()._set_moved(before, now)

    def _on_outbound(self, contact):
        super()._on_outbound(contact)
        if not contact.is_noise:
            # Escalations are written by the clock, and ended by whoever answers.
            self.env["care.case.escalation"].sudo()._end_alarms(self, "reply")

    def _on_resolved(self, now):
        super()._on_resolved(now)
        # Escalations are written by the clock, and ended by whoever resolves.
        self.env["care.case.escalation"].sudo()._end_alarms(self)

    # ---- telling deadlines ----------------------------------------------------------------------

    def _set_deadlines(self, now=None, chosen_again=False):
        """Tell promises, deadlines and hours of these cases from what happened.

        :param chosen_again: look for the policy again, unless the case is judged
        """
        now = now or fields.Datetime.now()
        # Deadlines follow from rules and calendars that a customer or an agent may not read.
        cases = self.sudo().with_context(tracking_disable=True).exists()
        unjudged = cases.filtered(lambda case: not case._is_judged()) if chosen_again else cases[:0]
        changes = {}
        for case, plan in cases._get_plans(now, cases.env["care.sla"]._match(unjudged)):
            changed = {name: value for name, value in plan.prepare_vals(now).items()
                       if not case._says(name, value)}
            if changed:
                changes[case] = changed
        cases._write_told(changes)

    def _says(self, name, value) -> bool:
        """Whether the case says so already; an hour count of 0 is known, and False equals it."""
        said = self._tell_value(name)
        return (said, said is False) == (value, value is False)

    def _get_plans(self, now, chosen=None):
        """(case, its CasePlan) of each; queries do not grow with the number of cases.

        :param chosen: {case: policy} of those whose policy is to be another one
        """
        policies = {case: case.sla_id for case in self} | (chosen or {})
        longest = self.env["care.sla"].union(*policies.values())._longest()
        stops = self.env["care.case.pause"]._get_stops(self)
        told = self.env["care.case.escalation"]._get_told(self)
        groups = self.grouped(lambda case: (case.team_id.resource_calendar_id, case.company_id))
        for (calendar, company), cases in groups.items():
            opened = cases.mapped("opened_at")
            clock = self.env["care.worktime"]._get_clock(
                calendar, company, min(opened), max(now, *opened), longest)
            for case in cases:
                yield case, CasePlan(
                    case, policies[case], clock, stops.get(case.id, ()), told.get(case.id, {}))

    @api.model
    def _set_deadlines_due(self, companies):
        """Open cases are to be told anew: a few now, many by the night's step, which begins at
        once: nobody who works on a case waits for whoever changes a service level.
        """
        cases = self.search(
            [("company_id", "in", companies.ids), ("stage_kind", "in", OPEN_KINDS)],
            limit=CHUNK + 1, order="id")
        if len(cases) <= CHUNK:
            cases._tell_anew(fields.Datetime.now())
        else:
            self.env["care.night"]._wake("deadlines", company=companies)

    @api.model
    def _tell_changed_hours(self):
        """Of the companies whose teams' working hours changed in this transaction."""
        waiting = self.env.cr.precommit.data.pop("customer_care.hours", ())
        self._set_deadlines_due(self.env["res.company"].browse(sorted(waiting)))

    def _tell_anew(self, now):
        """Policies and deadlines of these cases; one that cannot be told stops no other."""
        self._safely(lambda cases: cases._set_deadlines(now, chosen_again=True), now)
