from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .nurture_scenario import OWNER_GROUP

OPEN_STATES = ("active", "waiting", "parked")


class NurtureEnrolment(models.Model):
    """One journey of one person through one scenario: where he stands and when he moves on.

    `active` rows have a step to do at `run_at`; `waiting` rows have done theirs and leave it at
    `run_at`, or earlier when what they wait for happens; `parked` rows failed too often and wait
    for a human. Only the `_set_*` methods write a state. The work is in the lane file.
    """

    _name = "nurture.enrolment"
    _inherit = ["nurture.row.mixin"]
    _description = "Person in a scenario"
    _order = "id desc"
    _rec_name = "person_id"

    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, ondelete="cascade"
    )
    version_id = fields.Many2one(
        "nurture.scenario.version", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    person_id = fields.Many2one(
        "nurture.person", required=True, readonly=True, ondelete="cascade", index=True
    )
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="set null", index=True)
    state = fields.Selection(
        string="Status",
        selection=[
            ("active", "On the way"),
            ("waiting", "Waiting"),
            ("parked", "Needs attention"),
            ("done", "Finished"),
            ("exited", "Left early"),
        ],
        required=True,
        readonly=True,
        default="active",
    )
    is_open = fields.Boolean("In progress", compute="_compute_is_open", search="_search_is_open")
    node_id = fields.Many2one("nurture.node", "Stands at", readonly=True, ondelete="set null")
    visit = fields.Integer("Steps so far", readonly=True, default=1)
    run_at = fields.Datetime("Goes on at", readonly=True)
    release_label = fields.Char(readonly=True)
    enrolled_at = fields.Datetime(
        "Entered", required=True, readonly=True, default=fields.Datetime.now
    )
    ended_at = fields.Datetime("Left", readonly=True)
    exit_reason = fields.Selection(
        selection="_selection_exit_reason", string="Left because", readonly=True
    )
    attempts = fields.Integer("Failed tries", readonly=True)
    last_error = fields.Text("What went wrong", readonly=True)
    log_ids = fields.One2many("nurture.step.log", "enrolment_id", "Steps", readonly=True)
    send_ids = fields.One2many("nurture.send", "enrolment_id", "Mails", readonly=True)

    # nobody is twice in one scenario at the same time, whatever runs in parallel
    _open_uniq = models.UniqueIndex(
        "(scenario_id, person_id) WHERE state IN ('active', 'waiting', 'parked')",
        "This person is in the scenario already.",
    )
    # claim of a lane: those whose time has come, and those woken by what they did
    _due_idx = models.Index(
        "(scenario_id, run_at) WHERE state IN ('active', 'waiting') AND release_label IS NULL"
    )
    _woken_idx = models.Index(
        "(scenario_id, run_at) WHERE state = 'active' AND release_label IS NOT NULL"
    )
    # "was he here before?" of the enrolment
    _history_idx = models.Index("(scenario_id, person_id, ended_at)")
    # people at a step
    _node_idx = models.Index("(node_id) WHERE state IN ('active', 'waiting', 'parked')")

    @api.model
    def _exit_reasons(self):
        _ = self.env._
        return {
            "finished": _("Reached the end"),
            "won": _("The lead was won"),
            "lost": _("The lead was lost"),
            "opted_out": _("Does not want mails"),
            "lead_gone": _("The lead was deleted"),
            "merged": _("The lead was merged with one that travels already"),
            "closed": _("The scenario was closed"),
            "manual": _("Taken out by hand"),
        }

    @api.model
    def _selection_exit_reason(self):
        return list(self._exit_reasons().items())

    @api.depends("state")
    def _compute_is_open(self):
        for enrolment in self:
            enrolment.is_open = enrolment.state in OPEN_STATES

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        if len(set(value)) > 1:
            return Domain.TRUE
        return Domain("state", "in" if True in value else "not in", OPEN_STATES)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry(self):
        """Try the step of the chosen people again, now."""
        self._for_users()._stuck()._set_active_again()
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")

    def action_take_out(self):
        self._for_users().filtered("is_open")._set_exited("manual")

    def action_open_lead(self):
        self.ensure_one()
        return self.lead_id.get_formview_action()

    @api.model
    def _check_user(self):
        if not self.env.user.has_group(OWNER_GROUP):
            raise AccessError(self.env._("Only users of Nurture can do that."))

    def _stuck(self):
        """Those who do not go on by themselves, or have failed already."""
        return self.filtered(lambda e: e.state == "parked" or e.attempts)

    def _for_users(self):
        """Users of Nurture may steer the people they can see, though only the engine writes."""
        self._check_user()
        self.check_access("read")
        return self.sudo()  # sudo: rows are written by the engine alone; rights were checked above

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_active(self, node, now):
        """Stand before `node` and do it at once. Each arrival counts as a new visit."""
        self._write_rows(
            bump="visit",
            node_id=node.id,
            state="active",
            run_at=self._query_due(now),
            attempts=0,
            last_error=False,
            release_label=False,
        )

    def _set_active_again(self):
        """Somebody looked at the trouble: try what failed once more, from the first try on."""
        now = fields.Datetime.now()
        parked = self.filtered(lambda enrolment: enrolment.state == "parked")
        # a step is begun once: who had begun it was on his way out of it
        stood = parked.browse(row[0] for row in self.env.execute_query(parked._query_stood()))
        stood._write_rows(state="waiting", attempts=0, run_at=now)
        (parked - stood)._write_rows(state="active", attempts=0, run_at=now)
        (self - parked)._write_rows(attempts=0, run_at=now)

    def _set_waiting(self, until):
        """Stand here until the moment that {enrolment: moment} says, each until his own."""
        self._write_rows(
            state="waiting", run_at=self._query_each(until), attempts=0, last_error=False
        )

    def _set_failed(self, message, run_at):
        """The step did not work; it is tried again at `run_at`, the state stays."""
        self._write_rows(bump="attempts", last_error=message, run_at=run_at)

    def _set_parked(self, message):
        self._write_rows(bump="attempts", state="parked", last_error=message)

    def _set_done(self, now):
        self._set_ended("done", "finished", now)

    def _set_exited(self, reason, now=None):
        self.filtered("is_open")._set_ended("exited", reason, now or fields.Datetime.now())

    def _set_ended(self, state, reason, now):
        self._write_rows(
            state=state, exit_reason=reason, ended_at=now, run_at=False, release_label=False
        )
        self.env["nurture.waiter"]._disarm(self)

    def _query_stood(self):
        # index nurture_step_log_visit_uniq
        return SQL(
            """SELECT e.id FROM nurture_enrolment e
                 JOIN nurture_node n ON n.id = e.node_id
                 JOIN nurture_step_log l
                   ON l.enrolment_id = e.id AND l.node_uid = n.uid AND l.visit = e.visit
                WHERE e.id = ANY(%s)""",
            self.ids,
        )

    @api.model
    def _query_due(self, now):
        """Who comes late to a step stays late: that he was due earlier is not forgotten."""
        return SQL("LEAST(run_at, %s)", now)

    @api.model
    def _query_each(self, values):
        return SQL(
            "(SELECT v.value FROM unnest(%s::int[], %s::timestamp[]) AS v(id, value)"
            " WHERE v.id = nurture_enrolment.id)",
            [enrolment.id for enrolment in values],
            list(values.values()),
        )
