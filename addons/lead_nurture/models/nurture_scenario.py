from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

OWNER_GROUP = "lead_nurture.group_lead_nurture_user"


class NurtureScenario(models.Model):
    """One journey that leads travel: who enters, in whose name it runs, and its current state.

    The steps belong to versions: the published one is what people travel, a draft is what an
    administrator edits. People finish the version on which they entered.
    """

    _name = "nurture.scenario"
    _description = "Nurture scenario"
    _inherit = ["mail.thread"]
    _order = "priority, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    note = fields.Text("Purpose", translate=True, help="What this scenario is meant to achieve.")
    state = fields.Selection(
        string="Status",
        selection=[
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("archived", "Closed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    pause_reason = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Only leads of this company, or of no company, can enter.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        default=lambda self: self.env.user,
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="The scenario acts with the rights of this user and in his name. "
        "It pauses when the user is archived or may no longer use Nurture.",
    )
    email_from = fields.Char(
        "Sender",
        help="From whom the mails come, such as Anna <anna@example.com>. Empty: the owner. "
        "A change takes effect when steps are published the next time.",
    )
    priority = fields.Integer(
        default=10,
        help="When much is due at once, scenarios with the lowest number go first.",
    )

    # who leaves
    exit_on_won = fields.Boolean(
        "Leave when won", default=True, help="Stop as soon as the lead is won."
    )

    # the steps
    version_ids = fields.One2many("nurture.scenario.version", "scenario_id", copy=False)
    version_id = fields.Many2one(
        "nurture.scenario.version", "Published version", readonly=True, copy=False
    )
    draft_id = fields.Many2one(
        "nurture.scenario.version", "Draft version", readonly=True, copy=False
    )

    # what happens
    enrolment_ids = fields.One2many("nurture.enrolment", "scenario_id")
    open_count = fields.Integer("In progress", compute="_compute_counts")
    parked_count = fields.Integer("Need attention", compute="_compute_counts")
    closed_count = fields.Integer("Left", compute="_compute_counts")
    send_count = fields.Integer("Mails", compute="_compute_send_count")

    @api.depends("enrolment_ids.state")
    def _compute_counts(self):
        rows = self.env["nurture.enrolment"]._read_group(
            [("scenario_id", "in", self.ids)], ["scenario_id", "state"], ["__count"]
        )
        count = {(scenario.id, state): number for scenario, state, number in rows}
        for scenario in self:
            key = scenario.id or scenario._origin.id
            scenario.open_count = count.get((key, "active"), 0) + count.get((key, "waiting"), 0)
            scenario.parked_count = count.get((key, "parked"), 0)
            scenario.closed_count = count.get((key, "done"), 0) + count.get((key, "exited"), 0)

    def _compute_send_count(self):
        rows = self.env["nurture.send"]._read_group(
            [("scenario_id", "in", self.ids)], ["scenario_id"], ["__count"]
        )
        count = {scenario.id: number for scenario, number in rows}
        for scenario in self:
            scenario.send_count = count.get(scenario.id or scenario._origin.id, 0)

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        scenarios = super().create(vals_list)
        self.env["nurture.scenario.version"].create(
            [{"scenario_id": scenario.id, "number": 1} for scenario in scenarios]
        )
        return scenarios

    def copy(self, default=None):
        copies = super().copy(default)
        for old, new in zip(self, copies, strict=True):
            old._shown_version()._copy_steps_to(new.draft_id)
        return copies

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", scenario.name)}
            for scenario, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["nurture.enrolment"].sudo().search_count(  # sudo: any company's people count
            [("scenario_id", "in", self.ids)], limit=1
        ):
            raise UserError(
                self.env._("People have travelled this scenario. Close it instead of deleting it.")
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Publish what is in draft, if anything is, and let people enter."""
        for scenario in self:
            scenario.check_access("write")
            scenario._check_can_run()
            if scenario.draft_id:
                scenario.draft_id._set_published()
            if not scenario.version_id:
                raise UserError(self.env._("Add steps to the scenario before starting it."))
            scenario._set_running()

    def action_pause(self):
        for scenario in self.filtered(lambda s: s.state == "running"):
            scenario._set_paused(self.env._("Paused by %s.", self.env.user.name))

    def action_close(self):
        """Nobody enters any more and who is inside leaves."""
        for scenario in self:
            scenario._set_archived()

    def action_reopen(self):
        for scenario in self.filtered(lambda s: s.state == "archived"):
            scenario._set_paused(self.env._("Reopened, not started yet."))

    def action_edit_steps(self):
        """Open the draft version, made as a copy of the published one when there is none."""
        self.ensure_one()
        self.check_access("write")
        if not self.draft_id:
            self.version_id._prepare_draft()

    def action_publish(self):
        """The draft becomes what new people travel; who is under way stays on his version."""
        for scenario in self.filtered("draft_id"):
            scenario._check_can_run()
            scenario.draft_id._set_published()

    def action_discard_draft(self):
        for scenario in self.filtered("version_id"):
            scenario.draft_id.unlink()

    def action_view_enrolments(self):
        return self._action_view("lead_nurture.nurture_enrolment_action")

    def action_view_parked(self):
        action = self._action_view("lead_nurture.nurture_enrolment_action")
        action["domain"] = [*action["domain"], ("state", "=", "parked")]
        return action

    def action_view_sends(self):
        return self._action_view("lead_nurture.nurture_send_action")

    def _action_view(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {
            **action,
            "domain": [("scenario_id", "in", self.ids)],
            "context": {"default_scenario_id": self[:1].id},
        }

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_running(self):
        self.ensure_one()
        self.write(
            {
                "state": "running",
                "pause_reason": False,
                "active": True,
                "enrol_since": self.enrol_since or fields.Datetime.now(),
            }
        )
        self._wake_crons()

    def _set_paused(self, reason):
        self.ensure_one()
        self.write({"state": "paused", "pause_reason": reason})

    def _set_archived(self):
        self.ensure_one()
        self.write({"state": "archived", "pause_reason": False})
        self.enrolment_ids.sudo()._set_exited("closed")  # sudo: leaving is the engine's own write

    def _check_can_run(self):
        self.ensure_one()
        reason = self._reason_not_to_run() or self._reason_not_to_send()
        if reason:
            raise UserError(reason)

    def _reason_not_to_send(self):
        """A sentence why mails of this scenario would not leave, or False."""
        if email_normalize(self._sender()):
            return False
        return self.env._(
            "Nobody is named as the sender of the mails. Give the owner an e-mail address, or fill "
            "in the sender in the settings of the scenario."
        )

    def _reason_not_to_run(self):
        """A sentence why the scenario must not act, or False."""
        owner = self.user_id.sudo()  # sudo: the owner's groups and companies are asked for
        if not owner.active:
            return self.env._("The owner %s is archived. Choose another owner.", owner.name)
        if not owner.has_group(OWNER_GROUP):
            return self.env._("The owner %s may not use Nurture any more.", owner.name)
        if self.company_id not in owner.company_ids:
            return self.env._(
                "The owner %(user)s has no access to %(company)s.",
                user=owner.name,
                company=self.company_id.name,
            )
        return False

    @api.model
    def _pause_broken(self):
        """Pause the running scenarios that have lost their owner; told once, in a sentence."""
        for scenario in self.search([("state", "=", "running")]):
            reason = scenario._reason_not_to_run()
            if reason:
                scenario._set_paused(reason)

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _sender(self):
        """From whom the mails of this scenario come."""
        return (
            self.email_from
            or self.user_id.email_formatted
            or self.company_id.email_formatted
            or self.env["ir.mail_server"]._get_default_from_address()
            or ""
        )

    def _shown_version(self):
        return self.draft_id or self.version_id

    def _as_owner(self):
        """The environment in which everything of this scenario happens."""
        self.ensure_one()
        return self.with_user(self.user_id).with_company(self.company_id).with_context(
            allowed_company_ids=self.company_id.ids, active_test=False
        )

    @api.model
    def _wake_crons(self):
        """Let people in, and on, now instead of at the next minute."""
        cron = self.env["ir.cron"]
        cron._nurture_wake("lead_nurture.ir_cron_enrol")
        cron._nurture_wake("lead_nurture.ir_cron_advance_1")
