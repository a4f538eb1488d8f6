import logging

from odoo import api, fields, models
from odoo.addons.sales_automation.engine import day_window
from odoo.tools import split_every

from .poison import work_through

BATCH = 50

_logger = logging.getLogger(__name__)


class SalesPersonReport(models.AbstractModel):
    """The jobs of reports: they are ready when people open them, and nobody forgets his."""

    _inherit = "sales.person.report"

    @api.model
    def _cron_prepare(self, mode):
        """Draft the report of everybody whose hour has come, and remind who has not submitted.

        :param mode: the kind of report that the team asks for
        """
        now = fields.Datetime.now()
        due = self._find_due(mode, now)
        waiting = [(user, day) for user, (day, _hour) in due.items()]
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(remaining=len(waiting))
        for batch in split_every(BATCH, waiting):
            if not time_left:
                return
            days = dict(batch)
            work_through(
                self.env["res.users"].union(*days),
                lambda users, days=days: self._prepare_for(users, days, now),
                lambda user, error, days=days: self._refuse_for(user, days, error))
            work_through(
                self.env["res.users"].union(*days),
                lambda users: self._remind(users, due, now),
                lambda user, error, days=days: self._refuse_for(user, days, error))
            time_left = cron._commit_progress(len(batch))

    @api.model
    def _find_due(self, mode, now):
        """Return {user: (day of the report, his hour)} of those whose report should be ready."""
        users = self.env["crm.team.member"].search([
            ("crm_team_id.report_mode", "=", mode), ("user_id.active", "=", True)]).user_id
        local = {user: day_window.local_now(now, user._get_sales_tz()) for user in users}
        if not users:
            return {}
        today = now.date()
        work_days = self.env["sales.report.facts"]._work_days(
            users, fields.Date.subtract(today, days=1), fields.Date.add(today, days=8))
        due = {}
        for user, moment in local.items():
            hour = moment.hour + moment.minute / 60
            day = self._get_due_day(moment.date(), work_days[user.id])
            if day and hour >= user.company_id.sales_report_hour:
                due[user] = (day, hour)
        return due

    @api.model
    def _prepare_for(self, users, days, now):
        """Draft what is not there yet; a report that the person has opened is left as it is."""
        known = self._find_reports(users, days)
        missing = users.filtered(lambda user: user not in known)
        reports = self.create([
            {"user_id": user.id, "company_id": user.company_id.id, "date": days[user]}
            for user in missing])
        reports |= self.union(*(report for report in known.values() if not report.drafted_at))
        reports.filtered(lambda report: report.state == "draft")._draft(now)

    @api.model
    def _refuse_for(self, user, days, error):
        """The report cannot be prepared: the row says why, and the next run tries again."""
        _logger.warning("The report of %s cannot be prepared: %s", user.login, error)
        report = self._find_reports(user, days).get(user)
        if not report:
            report = self.create({
                "user_id": user.id, "company_id": user.company_id.id, "date": days[user]})
        report.failure = str(error)

    @api.model
    def _remind(self, users, due, now):
        """Tell, once, whoever has not submitted by the reminder hour of his company."""
        reports = self._find_reports(users, {user: due[user][0] for user in users})
        for user, report in reports.items():
            company, hour = user.company_id, due[user][1]
            if company.sales_report_reminder and hour >= company.sales_report_reminder_hour \
                    and report.state == "draft" and not report.reminded_at:
                report.reminded_at = now
                report._send_reminder()

    def _send_reminder(self):
        report = self.with_context(lang=self.user_id.lang)
        report.message_notify(
            partner_ids=self.user_id.partner_id.ids,
            subject=report.env._("Your report is ready to be completed"),
            body=report.env._(
                "It is drafted from what you did: look it over, add what the figures do not "
                "tell, submit."))

    @api.model
    def _find_reports(self, users, days):
        """Return {user: his own report of the day}."""
        found = self.search([
            ("user_id", "in", users.ids), ("date", "in", list(set(days.values()))),
            *self._get_personal_domain()])
        return {
            report.user_id: report for report in found
            if report.date == days[report.user_id]
            and report.company_id == report.user_id.company_id}

    @api.model
    def _get_personal_domain(self):
        """Reports that tell of one person."""
        return []

    @api.model
    def _get_due_day(self, today, work_days):
        """Return the day of the report that is due today, or nothing."""
        raise NotImplementedError
