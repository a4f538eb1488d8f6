from odoo import api, fields, models
from odoo.addons.sales_automation.engine import day_window
from odoo.exceptions import AccessError, UserError

from .system_fields import refuse_system_fields, without_defaults

# Written by the system only: they say what happened, and who may read.
SYSTEM_FIELDS = frozenset({
    "state", "submitted_at", "is_late", "read_at", "read_by_id", "team_id", "totals",
    "reminded_at", "failure", "drafted_at", "previous_totals"})


class SalesPersonReport(models.AbstractModel):
    """A report that a person drafts, submits, and his leader reads.

    draft → submitted → read, and submitted → draft as long as nobody has read it. Each state is
    written by its `_set_<state>()` only.
    """

    _name = "sales.person.report"
    _inherit = ["mail.thread"]
    _description = "Report of a Person"
    _mail_post_access = "read"

    user_id = fields.Many2one(
        "res.users", "Salesperson", required=True, readonly=True, index=True,
        default=lambda self: self.env.user)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, index="btree_not_null",
        help="The team when the report was drafted; its leader reads the report.")
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To Read"), ("read", "Read")], default="draft",
        required=True, readonly=True, copy=False)
    problem = fields.Text(
        "What Stood in the Way", help="What blocks a deal or the work, and what help is needed.")
    insight = fields.Text(
        "Insight of the Day", help="What the figures do not tell: what was learned of customers, "
        "competitors, the market.")
    focus = fields.Text("Next Focus", help="The one or two things that matter most next.")
    submitted_at = fields.Datetime("Submitted On", readonly=True, copy=False)
    is_late = fields.Boolean(
        "Later", readonly=True, copy=False, help="Submitted after the day itself.")
    read_at = fields.Datetime("Read On", readonly=True, copy=False)
    read_by_id = fields.Many2one("res.users", "Read By", readonly=True, copy=False)
    drafted_at = fields.Datetime(
        "Figures As Of", readonly=True, copy=False, help="When the facts were last looked up.")
    reminded_at = fields.Datetime(readonly=True, copy=False)
    comment_seen_at = fields.Datetime(copy=False, readonly=True)
    totals = fields.Json(readonly=True, copy=False)
    failure = fields.Text(
        readonly=True, copy=False, help="Why the report could not be prepared by itself.")
    is_mine = fields.Boolean(compute="_compute_my_part")
    can_mark_read = fields.Boolean(compute="_compute_my_part")
    page = fields.Json(compute="_compute_page", help="The report as it is read on the screen.")

    @api.depends("user_id", "team_id.user_id", "state")
    @api.depends_context("uid")
    def _compute_my_part(self):
        is_manager = self.env.user.has_group("sales_automation.group_sales_automation_manager")
        for report in self:
            report.is_mine = report.user_id == self.env.user
            report.can_mark_read = report.state == "submitted" and not report.is_mine and (
                is_manager or report.sudo().team_id.user_id == self.env.user)  # a team is no secret

    def _compute_page(self):
        """Each kind of report lays out its own page."""
        for report in self:
            report.page = False

    # ---- CRUD ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_system_fields(self, SYSTEM_FIELDS, vals)
        clean = without_defaults(self, SYSTEM_FIELDS)
        reports = super(SalesPersonReport, clean).create(vals_list).with_env(self.env)
        teams = self._find_teams(reports.user_id)
        for user, group in reports.sudo().grouped("user_id").items():  # written by the system
            group.team_id = teams.get(user.id)
        return reports

    def write(self, vals):
        refuse_system_fields(self, SYSTEM_FIELDS, vals)
        if not self.env.su and any(report.state != "draft" for report in self) \
                and {"problem", "insight", "focus"} & vals.keys():
            raise UserError(self.env._(
                "A submitted report is not changed any more. Reopen it first; once it was read, "
                "add a comment below it."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        if any(report.state != "draft" for report in self):
            raise UserError(self.env._("A submitted report cannot be deleted."))

    # ---- actions ------------------------------------------------------------------------------

    def action_submit(self):
        for report in self._claim_own("draft"):
            report._set_submitted(fields.Datetime.now())
        return True

    def action_reopen(self):
        self._claim_own("submitted")._set_draft()
        return True

    def action_redraft(self):
        """Look the facts up again; what the person wrote or removed stays."""
        self._claim_own("draft")._draft(fields.Datetime.now())
        return True

    def action_mark_read(self):
        self.check_access("read")
        if not all(report.can_mark_read for report in self):
            raise UserError(self.env._(
                "Only the team leader or a manager marks a submitted report as read."))
        self.sudo()._set_read(fields.Datetime.now())  # the reader may not write the report
        return True

    def action_mark_read_next(self):
        """Mark as read and go to the next unread report, oldest first."""
        self.action_mark_read()
        following = self.search(self._get_unread_domain(), limit=1, order="id")
        if following:
            return following._open()
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "success", "message": self.env._("All reports are read."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"}}}

    def action_open(self):
        """Open the report from a line of My Day, with the facts as of now."""
        self.ensure_one()
        self.check_access("read")
        if self.is_mine and self.state == "draft":
            self.action_redraft()
        return self._open()

    def action_open_comments(self):
        """Open one's own report to read what was commented."""
        self.ensure_one()
        self.check_access("read")
        self.action_see_comments()
        return self._open()

    def action_see_comments(self):
        """The author has read what was commented; My Day does not remind him again."""
        own = self.filtered("is_mine").sudo()  # a fact, not the person's text
        own.comment_seen_at = fields.Datetime.now()
        return True

    def open_figure(self, kind):
        """Return the window with the records behind a figure of the page."""
        self.check_access("read")
        facts = self.env["sales.report.facts"]
        if kind not in facts._get_kinds():
            raise UserError(self.env._("There is no such figure."))
        report = self.sudo()  # rights on the records count when they are opened
        return facts._open_kind(kind, report._prepare_scopes(), report._get_removed(kind))

    # ---- states -------------------------------------------------------------------------------

    def _set_submitted(self, now):
        for report in self:
            today = day_window.local_now(now, report.user_id._get_sales_tz()).date()
            report.write({
                "state": "submitted", "submitted_at": now,
                "is_late": today > report._get_last_day()})
            report.message_subscribe((report.user_id | report.team_id.user_id).partner_id.ids)

    def _set_draft(self):
        self.write({"state": "draft", "submitted_at": False, "is_late": False})

    def _set_read(self, now):
        self.write({"state": "read", "read_at": now, "read_by_id": self.env.uid})

    # ---- business -----------------------------------------------------------------------------

    def _claim_own(self, state):
        """Return the reports with full rights if they are the user's own and in this state."""
        self.check_access("read")
        for report in self:
            if not report.is_mine:
                raise AccessError(self.env._("Only its author does this with a report."))
            if report.state != state:
                raise UserError({
                    "draft": self.env._("This report is not submitted."),
                    "submitted": self.env._("This report is already submitted."),
                    "read": self.env._("This report was read: add a comment below it."),
                }[report.state])
        return self.sudo()  # the state and the facts are the system's

    @api.model
    def _get_unread_domain(self):
        leads = [("team_id.user_id", "=", self.env.uid)]
        if self.env.user.has_group("sales_automation.group_sales_automation_manager"):
            leads = []
        return [("state", "=", "submitted"), ("user_id", "!=", self.env.uid), *leads]

    @api.model
    def _find_teams(self, users):
        """Return {user id: the team for which he reports}: one that wants reports, else his first.
        """
        members = self.env["crm.team.member"].sudo().search(  # whoever asks
            [("user_id", "in", users.ids)], order="id")
        teams = {}
        for member in members.sorted(lambda row: row.crm_team_id.report_mode == "none"):
            teams.setdefault(member.user_id.id, member.crm_team_id.id)
        return teams

    def _open(self):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id,
            "views": [(False, "form")], "target": "current",
        }

    def _get_removed(self, kind):
        """Ids of the facts of a kind that the writer left out."""
        return set()

    def _get_last_day(self):
        """The last local day that the report tells of."""
        raise NotImplementedError

    def _prepare_scopes(self):
        """Return the spans of time that the report tells of."""
        raise NotImplementedError

    def _draft(self, now):
        """Look the facts up for all reports at once."""
        raise NotImplementedError
