from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from .poison import work_through

BATCH = 50


class SalesStaleCase(models.Model):
    """One row per time a deal was found stale in a stay: from when to when, and who was told.

    Open (no `ended_at`) while the deal is stale in the same stay; a deal that moves on, or is in
    touch again, ends its case, and may open another one later. The leader is told once per case.
    Written by the nightly job only.
    """

    _name = "sales.stale.case"
    _description = "Stale Deal"
    _order = "found_at desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade",
        index=True)
    stay_id = fields.Many2one("sales.stage.history", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    found_at = fields.Datetime("Found Stale", required=True, readonly=True)
    nudged_at = fields.Datetime("Salesperson Reminded", readonly=True)
    escalated_at = fields.Datetime("Leader Told", readonly=True)
    escalated_to_id = fields.Many2one("res.users", "Team Leader", readonly=True)
    ended_at = fields.Datetime("Ended", readonly=True)
    failure = fields.Text(readonly=True, help="Why nobody could be told.")

    _open_uniq = models.UniqueIndex("(lead_id) WHERE ended_at IS NULL")

    @api.model
    def _cron_remind(self):
        """Remind the salespeople, then tell the leaders, at least one person a run."""
        now = fields.Datetime.now()
        cron = self.env["ir.cron"]
        users = self._find_salespeople(now)
        cron._commit_progress(remaining=len(users) + len(self._find_overdue(now).team_id.user_id))
        for user in users:
            self._attempt(user, "salesperson", now, self._remind)
            if not cron._commit_progress(1):
                return
        overdue = self._find_overdue(now)  # whoever was reminded just now has time to act
        overdue.filtered(lambda case: not case.team_id.user_id).failure = self.env._(
            "The sales team has no leader to tell.")
        by_leader = overdue.filtered("team_id.user_id").grouped(lambda case: case.team_id.user_id)
        cron._commit_progress(remaining=len(by_leader))
        for leader, cases in by_leader.items():
            self._attempt(leader, "leader", now, partial(self._escalate, cases))
            if not cron._commit_progress(1):
                return

    @api.model
    def _cron_follow_stale(self):
        """Once a day, before the reminders: which deals went stale, which are fine again."""
        self._follow(fields.Datetime.now())

    @api.model
    def _follow(self, now):
        """End the cases of deals that are fine again, open those of deals that went stale.

        Nothing is returned of them: on the first day that may be every open deal there is.
        """
        self.env["crm.lead"]._flush_facts()
        self.flush_model()
        self.env.execute_query(self._query_end(now))
        self.env.execute_query(self._query_open(now))
        self.invalidate_model(flush=False)

    @api.model
    def _attempt(self, user, role, now, work):
        """Tell one person; whatever goes wrong stays on his row of the day."""
        work_through(
            user, lambda one: work(one, now),
            lambda one, error: self._note_failure(one, role, now, error))

    @api.model
    def _note_failure(self, user, role, now, error):
        day, nudges = self._get_day(user, now), self.env["sales.nudge"]
        values = {"state": "failed", "failure": str(error)}
        row = nudges.search([
            ("user_id", "=", user.id), ("role", "=", role), ("day", "=", day)])
        if row:
            row.write(values)
        else:
            nudges.create({
                **values, "user_id": user.id, "role": role, "day": day,
                "company_id": user.company_id.id})

    # ---- salespeople --------------------------------------------------------------------------

    @api.model
    def _find_salespeople(self, now):
        """Who holds deals to speak of, wants to hear today, and has not heard yet.

        Whoever could not be told before is tried after the others, so that these are told.
        """
        ids = [user_id for (user_id,) in self.env.execute_query(self._query_holders(now))]
        users = self.env["res.users"].browse(ids).filtered("active")
        failed = self.env["sales.nudge"].search([
            ("user_id", "in", ids), ("role", "=", "salesperson"), ("state", "=", "failed"),
            ("day", ">=", fields.Date.subtract(now.date(), days=1))]).user_id
        return users.filtered(lambda user: self._is_due(user, now)).sorted(
            lambda user: user in failed)

    @api.model
    def _is_due(self, user, now):
        cadence, day = user.company_id.sales_nudge, self._get_day(user, now)
        if cadence == "off" or not self._is_working_day(user, day):
            return False
        since = day if cadence == "daily" else day - timedelta(days=day.weekday())
        return not self.env["sales.nudge"].search_count([
            ("user_id", "=", user.id), ("role", "=", "salesperson"), ("state", "=", "sent"),
            ("day", ">=", since), ("day", "<=", day)], limit=1)

    @api.model
    def _get_day(self, user, now):
        return fields.Datetime.context_timestamp(self.with_context(tz=user.tz), now).date()

    @api.model
    def _is_working_day(self, user, day):
        calendar = user.resource_calendar_id or user.company_id.resource_calendar_id
        if not calendar:
            return day.weekday() < 5
        start = fields.Datetime.to_datetime(day)
        return bool(calendar.get_work_hours_count(start, start + timedelta(days=1)))

    @api.model
    def _remind(self, user, now):
        leads = self.env["crm.lead"].with_user(user).with_context(
            lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids)
        mine = [("user_id", "=", user.id)]
        largest = "expected_revenue desc, id"
        stale = leads.search([*mine, ("stale_level", "=", "stale")], order=largest)
        missing = leads.search([*mine, ("next_action_missing", "=", True)], order=largest)
        if not stale | missing:
            return
        missing -= stale  # each deal is told once
        _ = leads.env._
        figures = leads._next_action_figures(mine)
        intro = figures["share"] is not None and _(
            "%s %% of the open value of your deals has a next step.",
            round(100 * figures["share"]))
        self.env["sales.nudge"].with_context(lang=user.lang)._send(
            user, "salesperson", self._get_day(user, now), user.company_id, intro, [
                (_("Stale"), stale, lambda deal: deal.stale_reasons,
                 "sales_automation.crm_lead_action_stale_mine"),
                (_("No next step, or overdue"), missing, lambda deal: deal.stage_id.name,
                 "sales_automation.crm_lead_action_no_step")])
        self.search([
            ("lead_id", "in", stale.ids), ("ended_at", "=", False), ("nudged_at", "=", False),
        ]).nudged_at = now

    # ---- leaders ------------------------------------------------------------------------------

    @api.model
    def _find_overdue(self, now):
        """Open cases that stayed stale longer than the setting allows after the reminder."""
        ids = [case_id for (case_id,) in self.env.execute_query(self._query_overdue(now))]
        return self.browse(ids)

    @api.model
    def _escalate(self, cases, leader, now):
        day = self._get_day(leader, now)
        if not leader.active or self.env["sales.nudge"].search_count([
                ("user_id", "=", leader.id), ("role", "=", "leader"), ("day", "=", day),
                ("state", "=", "sent")], limit=1):
            return
        deals = cases.lead_id.with_user(leader).with_context(
            lang=leader.lang, tz=leader.tz, allowed_company_ids=leader.company_ids.ids,
        )._filtered_access("read").sorted(lambda deal: (-deal.expected_revenue, deal.id))
        if deals:
            self.env["sales.nudge"].with_context(lang=leader.lang)._send(
                leader, "leader", day, leader.company_id, False, [(
                    deals.env._("Still stale"), deals,
                    lambda deal: f"{deal.user_id.name or ''}: {deal.stale_reasons}",
                    "sales_automation.crm_lead_action_stale")])
        cases.write({"escalated_at": now, "escalated_to_id": leader.id, "failure": False})

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_end(self, now):
        return SQL(
            """
            WITH stale AS MATERIALIZED (
                SELECT x.lead_id, x.stay_id FROM (%(stale)s) x WHERE x.level = 'stale')
            UPDATE sales_stale_case k SET ended_at = %(now)s
             WHERE k.ended_at IS NULL
               AND NOT EXISTS (SELECT FROM stale s WHERE s.lead_id = k.lead_id
                                  AND s.stay_id IS NOT DISTINCT FROM k.stay_id)
            """,
            now=now, stale=self.env["crm.lead"]._query_stale(now, SQL("TRUE")))

    @api.model
    def _query_open(self, now):
        return SQL(
            """
            INSERT INTO sales_stale_case (
                lead_id, stay_id, user_id, team_id, company_id, found_at, create_uid, create_date)
            SELECT x.lead_id, x.stay_id, x.user_id, x.team_id, x.company_id, %(now)s, %(uid)s,
                   %(now)s
              FROM (%(stale)s) x
             WHERE x.level = 'stale'
            ON CONFLICT (lead_id) WHERE ended_at IS NULL
            DO UPDATE SET user_id = EXCLUDED.user_id, team_id = EXCLUDED.team_id
                    WHERE (sales_stale_case.user_id, sales_stale_case.team_id)
                          IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.team_id)
            """,
            now=now, uid=self.env.uid,
            stale=self.env["crm.lead"]._query_stale(now, SQL("TRUE")))

    @api.model
    def _query_holders(self, now):
        """Salespeople with a stale deal, or with one that has no next step.

        Open deals are reached by the index on crm_lead.sales_outcome.
        """
        return SQL(
            """
            SELECT k.user_id FROM sales_stale_case k
             WHERE k.ended_at IS NULL AND k.user_id IS NOT NULL
             UNION
            SELECT l.user_id
              FROM crm_lead l
              JOIN crm_stage s ON s.id = l.stage_id AND s.require_next_action
             WHERE l.sales_outcome = 'open' AND l.active AND l.type = 'opportunity'
               AND l.user_id IS NOT NULL AND NOT %s
             ORDER BY 1
            """,
            self.env["crm.lead"]._query_has_next_action("l"))

    @api.model
    def _query_overdue(self, now):
        return SQL(
            """
            SELECT k.id
              FROM sales_stale_case k
              JOIN res_company c ON c.id = k.company_id
             WHERE k.ended_at IS NULL AND k.escalated_at IS NULL
               AND c.sales_stale_escalation_days > 0
               AND COALESCE(k.nudged_at, k.found_at)
                   <= %s::timestamp - c.sales_stale_escalation_days * INTERVAL '1 day'
             ORDER BY k.id
            """,
            now)
