from odoo import api, fields, models
from odoo.addons.sales_automation.engine import day_window
from odoo.exceptions import AccessError, UserError

from .moments import tell_day


class SalesWeeklyReport(models.Model):
    """One row per week of a person, or of a team for its leader: figures against the week before.

    The figures come from the facts of the week, whether daily reports were written or not; the
    words come from the dailies. A team's week belongs to its leader.
    """

    _name = "sales.weekly.report"
    _inherit = ["sales.person.report"]
    _description = "Weekly Report"
    _order = "date desc, id desc"

    date = fields.Date("Week Of", required=True, readonly=True, index=True, help="Its Monday.")
    scope_team_id = fields.Many2one(
        "crm.team", "Team's Week", readonly=True, index="btree_not_null", ondelete="cascade",
        help="Filled when the report tells of a whole team.")
    insight = fields.Text("Highlights of the Week")
    focus = fields.Text("Next Week")
    previous_totals = fields.Json(readonly=True, copy=False)

    _person_week_uniq = models.UniqueIndex(
        "(user_id, date, company_id) WHERE scope_team_id IS NULL",
        "There is already a report of this person for this week.")
    _team_week_uniq = models.UniqueIndex(
        "(scope_team_id, date) WHERE scope_team_id IS NOT NULL",
        "There is already a report of this team for this week.")
    _unread_idx = models.Index("(team_id, date) WHERE state = 'submitted'")

    @api.depends("date", "user_id.name", "scope_team_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            report.display_name = self.env._(
                "%(who)s, week of %(day)s", who=report.scope_team_id.name or report.user_id.name,
                day=tell_day(self.env, report.date, year=True))

    @api.constrains("date")
    def _check_date(self):
        if any(report.date.weekday() for report in self):
            raise UserError(self.env._("A week begins on Monday."))

    @api.depends("totals", "previous_totals", "state")
    @api.depends_context("uid", "lang")
    def _compute_page(self):
        facts = self.env["sales.report.facts"]
        for report in self:
            totals, before = report.totals or {}, report.previous_totals or {}
            figures = facts._prepare_figures({
                kind: [max(totals.get(kind, [0])[0], before.get(kind, [0])[0]), 0]
                for kind in {*totals, *before}})
            for figure in figures:
                figure["count"], figure["amount"] = totals.get(figure["key"], [0, 0])
                figure["before"], figure["before_amount"] = before.get(figure["key"], [0, 0])
            report.page = {
                "figures": figures, "compare": True, "lines": [], "plan": [], "removed": 0,
                "quotes": report._prepare_quotes(), "voices": report._prepare_voices(),
                "editable": False,
                "currency_id": report.company_id.currency_id.id,
            }

    def _prepare_quotes(self):
        """The insights and problems of the week's dailies, in their writers' words."""
        dailies = self.env["sales.daily.report"].sudo().search([  # below: only what may be read
            ("user_id", "in", self._get_people().ids), ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date), ("date", "<=", self._get_last_day()),
            "|", ("insight", "not in", (False, "")), ("problem", "not in", (False, ""))],
            order="date, id")
        readable = dailies.with_env(self.env)._filtered_access("read").sudo()  # filtered just now
        labels = {"insight": self.env._("Insight"), "problem": self.env._("Problem")}
        return [
            {"id": daily.id, "date": tell_day(self.env, daily.date), "who": daily.user_id.name,
             "kind": kind, "label": label, "text": daily[kind]}
            for daily in readable for kind, label in labels.items() if daily[kind]]

    def _prepare_voices(self):
        """What customers said that week, as far as the reader may know; safety first."""
        voices = self.env["sales.voice"].search([
            ("user_id", "in", self._get_people().ids), ("company_id", "=", self.company_id.id),
            ("heard_on", ">=", self.date), ("heard_on", "<=", self._get_last_day())], limit=50)
        return [
            {"id": voice.id, "kind": voice.type_id.name, "text": voice.text,
             "customer": voice.sudo().partner_id.name or "",  # the name, as in the voice
             "who": voice.user_id.name, "safety": voice.is_safety}
            for voice in voices]

    # ---- actions ------------------------------------------------------------------------------

    @api.model
    def action_open_my_week(self):
        """Open the user's own week, with the figures as of now."""
        today = day_window.local_now(fields.Datetime.now(), self.env.user._get_sales_tz()).date()
        return self._get_or_draft(self.env.user, day_window.week_start(today))._open()

    @api.model
    def action_open_team_week(self, team_id=False):
        """Open this week of the team that the user leads (a manager: of any team)."""
        teams = self.env["crm.team"].search(
            [("id", "=", team_id)] if team_id else [("user_id", "=", self.env.uid)])
        if not teams:  # whoever leads nobody finds what he may read
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "sales_automation.sales_weekly_report_action")
            return {**action, "context": {"search_default_teams": 1}}
        team = teams[0]
        is_manager = self.env.user.has_group("sales_automation.group_sales_automation_manager")
        if team.user_id != self.env.user and not is_manager:
            raise AccessError(self.env._("Only its leader opens the week of a team."))
        today = day_window.local_now(fields.Datetime.now(), self.env.user._get_sales_tz()).date()
        return self._get_or_draft(
            team.user_id or self.env.user, day_window.week_start(today), team)._open()

    def action_open_previous(self):
        """Open the week before; one's own is drafted when there is none."""
        self.ensure_one()
        monday = fields.Date.subtract(self.date, days=7)
        if self.is_mine:
            return self._get_or_draft(self.user_id, monday, self.scope_team_id)._open()
        previous = self.search([
            ("user_id", "=", self.user_id.id), ("date", "<", self.date),
            ("scope_team_id", "=", self.scope_team_id.id)], limit=1)
        if not previous:
            raise UserError(self.env._("There is no earlier report that you may read."))
        return previous._open()

    def open_daily(self, report_id):
        """Open the daily report from which the page quotes."""
        daily = self.env["sales.daily.report"].browse(int(report_id)).exists()
        daily.check_access("read")
        return daily._open()

    def open_voice(self, voice_id):
        """Open what a customer said."""
        voice = self.env["sales.voice"].browse(int(voice_id)).exists()
        voice.check_access("read")
        return {
            "type": "ir.actions.act_window", "res_model": "sales.voice", "res_id": voice.id,
            "views": [(False, "form")], "target": "current"}

    # ---- drafting -----------------------------------------------------------------------------

    @api.model
    def _get_or_draft(self, user, monday, team=None):
        company = (team and team.company_id) or self.env.company
        report = self.search([
            ("date", "=", monday), ("scope_team_id", "=", team.id if team else False),
            *([] if team else [("user_id", "=", user.id), ("company_id", "=", company.id)])])
        if not report:
            report = self.sudo().create({  # a manager may open the week of a leader
                "user_id": user.id, "date": monday, "company_id": company.id,
                "scope_team_id": team.id if team else False}).with_env(self.env)
        if report.state == "draft":
            report.sudo()._draft(fields.Datetime.now())  # facts are the system's
        return report

    @api.model
    def _get_due_day(self, today, work_days):
        """A week is told on its last working day."""
        monday = day_window.week_start(today)
        week = {day for day in work_days if day_window.week_start(day) == monday}
        return monday if week and today == max(week) else None

    @api.model
    def _get_personal_domain(self):
        return [("scope_team_id", "=", False)]

    def _get_last_day(self):
        return fields.Date.add(self.date, days=6)

    def _get_people(self):
        return self.scope_team_id.member_ids or self.user_id

    def _prepare_scopes(self, weeks_back=0):
        """One span per person; those of one report carry its id."""
        facts = self.env["sales.report.facts"]
        scopes = []
        for report in self:
            monday = fields.Date.subtract(report.date, days=7 * weeks_back)
            scopes += [
                facts._prepare_scope(
                    report.id, user, report.company_id, monday, fields.Date.add(monday, days=6))
                for user in report._get_people()]
        return scopes

    def _draft(self, now):
        facts = self.env["sales.report.facts"]
        this, before = facts._count(self._prepare_scopes()), facts._count(self._prepare_scopes(1))
        for report in self:
            report.write({
                "totals": this.get(report.id, {}), "previous_totals": before.get(report.id, {}),
                "drafted_at": now, "failure": False})
