from odoo import api, fields, models
from odoo.addons.sales_automation.engine import day_window
from odoo.exceptions import UserError
from odoo.tools import format_time

from .moments import tell_day
from .sales_daily_report_line import FACT_FIELDS

COMMENT_LENGTH = 300


class SalesDailyReport(models.Model):
    """One row per person, day and company: what he did, drafted from facts, and what he adds."""

    _name = "sales.daily.report"
    _inherit = ["sales.person.report"]
    _description = "Daily Report"
    _order = "date desc, id desc"

    date = fields.Date("Day", required=True, readonly=True, index=True)
    line_ids = fields.One2many("sales.daily.report.line", "report_id", readonly=True)

    _person_day_uniq = models.UniqueIndex(
        "(user_id, date, company_id)", "There is already a report of this person for this day.")
    # The list of unread reports, and the person's reports of a week.
    _unread_idx = models.Index("(team_id, date) WHERE state = 'submitted'")

    @api.depends("date", "user_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            day = tell_day(self.env, report.date, year=True, weekday=True)
            report.display_name = f"{report.user_id.name}, {day}" if day else report.user_id.name

    @api.depends("line_ids.comment", "line_ids.is_removed", "totals", "state")
    @api.depends_context("uid", "lang")
    def _compute_page(self):
        kinds = self.env["sales.report.facts"]._get_kinds()
        for report in self:
            lines = report.sudo().line_ids  # readable as the report is
            shown = lines.filtered(lambda line: not line.is_removed and line.kind in kinds)
            told = [report._prepare_page_line(line, kinds[line.kind]) for line in shown]
            report.page = {
                "figures": self.env["sales.report.facts"]._prepare_figures(
                    report._count_shown(lines)),
                "lines": [line for line in told if not line["plan"]],
                "plan": [line for line in told if line["plan"]],
                "removed": len(lines) - len(shown),
                "editable": report.state == "draft" and report.is_mine,
                "currency_id": report.company_id.currency_id.id,
            }

    def _count_shown(self, lines):
        """The figures count what the person left in."""
        totals = {kind: list(total) for kind, total in (self.totals or {}).items()}
        for line in lines.filtered("is_removed"):
            if line.kind in totals:
                totals[line.kind][0] -= 1
                totals[line.kind][1] -= line.amount
        return totals

    def _prepare_page_line(self, line, how):
        return {
            "id": line.id, "kind": line.kind, "label": how["one"], "icon": how["icon"],
            "plan": how["plan"], "time": (line.kind != "plan_activity" and format_time(
                self.env, line.moment, self.user_id._get_sales_tz(), "short")) or "",
            "name": line.name or how["one"], "about": line.about or "",
            "detail": line.detail or "", "amount": line.amount, "comment": line.comment or "",
        }

    # ---- actions ------------------------------------------------------------------------------

    @api.model
    def action_open_mine(self):
        """Open today's report of the user, drafted from the facts so far."""
        today = day_window.local_now(fields.Datetime.now(), self.env.user._get_sales_tz()).date()
        return {**self._get_or_draft(self.env.user, today)._open(), "name": self.env._("My Report")}

    def action_open_previous(self):
        """Open the report before this one; one's own is drafted when there is none."""
        self.ensure_one()
        if self.is_mine:
            first = fields.Date.subtract(self.date, days=10)
            days = self.env["sales.report.facts"]._work_days(self.user_id, first, self.date)
            day = max((day for day in days[self.user_id.id] if day < self.date),
                      default=fields.Date.subtract(self.date, days=1))
            return self._get_or_draft(self.user_id, day)._open()
        previous = self.search(
            [("user_id", "=", self.user_id.id), ("date", "<", self.date)], limit=1)
        if not previous:
            raise UserError(self.env._(
                "There is no earlier report of %s that you may read.", self.user_id.name))
        return previous._open()

    def action_open_all(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_daily_report_action_mine")

    def comment_line(self, line_id, text):
        """Add the person's words to a line of his draft."""
        self._claim_line(line_id).comment = (text or "").strip()[:COMMENT_LENGTH]
        return self.page

    def remove_line(self, line_id):
        """Leave a fact out of the report; it is not forgotten, the next draft leaves it out too."""
        self._claim_line(line_id).is_removed = True
        return self.page

    def restore_lines(self):
        """Bring back what was removed."""
        self._claim_own("draft").line_ids.is_removed = False
        return self.page

    def open_line(self, line_id):
        """Open the record of which the line tells."""
        self.check_access("read")
        line = self.sudo().line_ids.filtered(  # readable as the report is
            lambda row: row.id == line_id)
        if not line or not line.res_model or line.res_model not in self.env \
                or not self.env[line.res_model].browse(line.res_id).exists():
            raise UserError(self.env._("The record of this line does not exist any more."))
        return {
            "type": "ir.actions.act_window", "res_model": line.res_model, "res_id": line.res_id,
            "views": [(False, "form")], "target": "current",
        }

    def _claim_line(self, line_id):
        self.ensure_one()
        line = self._claim_own("draft").line_ids.filtered(lambda row: row.id == line_id)
        if not line:
            raise UserError(self.env._("This line is not in the report any more."))
        return line

    # ---- drafting -----------------------------------------------------------------------------

    @api.model
    def _get_due_day(self, today, work_days):
        """A working day has its report; any other day has none."""
        return today if today in work_days else None

    @api.model
    def _get_or_draft(self, user, day):
        """Return the person's report of the day; a new one is drafted, an existing one stays."""
        company = self.env.company
        report = self.search([
            ("user_id", "=", user.id), ("date", "=", day), ("company_id", "=", company.id)])
        if not report:
            report = self.create({"user_id": user.id, "date": day, "company_id": company.id})
        if report.state == "draft":
            report.sudo()._draft(fields.Datetime.now())  # facts are the system's
        return report

    def _get_removed(self, kind):
        return set(self.line_ids.filtered(
            lambda line: line.is_removed and line.kind == kind).mapped("fact_id"))

    def _get_last_day(self):
        return self.date

    def _prepare_scopes(self):
        facts = self.env["sales.report.facts"]
        days = facts._work_days(
            self.user_id, min(self.mapped("date")),
            fields.Date.add(max(self.mapped("date")), days=10)) if self else {}
        return [
            facts._prepare_scope(
                report.id, report.user_id, report.company_id, report.date, report.date,
                days[report.user_id.id])
            for report in self]

    def _draft(self, now):
        """Bring the lines in line with the facts, for any number of reports at once.

        A fact that is gone takes its line along, unless the person commented it. Comments and
        removals stay.
        """
        collected = self.env["sales.report.facts"]._collect(self._prepare_scopes())
        known = {
            (line.report_id.id, line.kind, line.fact_id): line for line in self.line_ids}
        new, seen = [], set()
        for report in self:
            found = collected[report.id]
            for kind, entry in found.items():
                for row in entry["rows"]:
                    key = (report.id, kind, row["fact_id"])
                    seen.add(key)
                    vals = {name: row[name] or False for name in FACT_FIELDS}
                    if key not in known:
                        new.append({
                            "report_id": report.id, "kind": kind, "fact_id": row["fact_id"],
                            **vals})
                    elif changed := self._find_changes(known[key], vals):
                        known[key].write(changed)
            report.write({
                "drafted_at": now, "failure": False,
                "totals": {kind: [entry["total"], entry["amount"]]
                           for kind, entry in found.items()}})
        self.env["sales.daily.report.line"].create(new)
        gone = self.line_ids.browse(
            line.id for key, line in known.items() if key not in seen and not line.comment)
        gone.unlink()
        self.invalidate_recordset(["line_ids", "page"])

    @api.model
    def _find_changes(self, line, vals):
        return {
            name: value for name, value in vals.items()
            if (line[name].id if name == "lead_id" else line[name] or False) != value}

    @api.autovacuum
    def _gc_untouched_drafts(self):
        """Drafts of days long gone to which nobody added a word go again."""
        old = fields.Date.subtract(fields.Date.today(), days=30)
        drafts = self.search([
            ("state", "=", "draft"), ("date", "<", old), ("problem", "in", (False, "")),
            ("insight", "in", (False, "")), ("focus", "in", (False, ""))], limit=1000)
        drafts.filtered(
            lambda report: not any(report.line_ids.mapped("comment"))).unlink()
