from odoo import fields, models
from odoo.tools import SQL

from .care_stage import OPEN_KINDS


class CareTeam(models.Model):
    """Who gets the cases that nobody has taken."""

    _inherit = "care.team"

    assign_mode = fields.Selection(
        [("manual", "People take cases themselves"),
         ("least_open", "Whoever has the fewest open cases"),
         ("round_robin", "One after the other")],
        "New cases go to", required=True, default="manual",
        help="Only members who are at work get cases: the team's working hours, their own where "
        "they have some, and no time off. What comes in at night is given out in the morning.")
    capacity = fields.Integer(
        "Open cases a member at most", default=0,
        help="Who has so many open cases gets no more by themselves. 0: no limit.")
    open_count = fields.Integer("Open cases", compute="_compute_open_count")

    _capacity_positive = models.Constraint("CHECK(capacity >= 0)", "It cannot be negative.")

    def _compute_open_count(self):
        counts = dict(self.env["care.case"]._read_group(
            [("team_id", "in", self.ids), ("stage_kind", "in", OPEN_KINDS)],
            ["team_id"], ["__count"]))
        for team in self:
            team.open_count = counts.get(team, 0)

    def action_open_cases(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.name, "res_model": "care.case",
            "views": [(False, "kanban"), (False, "list"), (False, "form")],
            "domain": [("team_id", "=", self.id)],
            "context": {"search_default_open": 1, "default_team_id": self.id}}

    # ---- who is next ----------------------------------------------------------------------------

    def _assign(self, cases, now):
        """Give these cases of one team to its members at work, by its rule; none when nobody is."""
        self.ensure_one()
        loads = self._query_loads(self._get_at_work(now))
        for case in cases:
            free = [load for load in loads if not self.capacity or load[1] < self.capacity]
            if not free:
                return
            chosen = min(free, key=self._rank)
            case.user_id = chosen[0]
            loads.remove(chosen)
            loads.append((chosen[0], chosen[1] + 1, now, case.id))

    def _rank(self, load):
        """Who comes first: fewest open, or longest without a new one; at a tie the other."""
        user, count, last, place = load
        turn = (last is not None, last or fields.Datetime.now(), place, user)
        return (count, turn) if self.assign_mode == "least_open" else (turn, count)

    def _get_at_work(self, now):
        """Members whose working hours these are, and who are not away."""
        members = self.member_ids.filtered("active")
        if not self._is_worktime(self.resource_calendar_id, now):
            return members.browse()
        # Hours and time off of people are known to their officers only.
        return members.sudo().filtered(lambda user: self._is_at_work(user, now))

    def _is_at_work(self, user, now) -> bool:
        resource = user.resource_ids.filtered(
            lambda one: one.company_id in (self.company_id, one.company_id.browse()))[:1]
        calendar = resource.calendar_id or self.resource_calendar_id
        return self._is_worktime(calendar, now, resource) and not self._is_away(user, now)

    def _is_worktime(self, calendar, now, resource=None) -> bool:
        return self.env["care.worktime"]._is_worktime(calendar, self.company_id, now, resource)

    def _is_away(self, user, now) -> bool:
        """Time off that was granted, where time off is kept at all."""
        if "hr.leave" not in self.env:
            return False
        return bool(self.env["hr.leave"].search_count([
            ("employee_id.user_id", "=", user.id), ("state", "=", "validate"),
            ("date_from", "<=", now), ("date_to", ">", now)], limit=1))

    def _query_loads(self, users) -> list[tuple]:
        """(user, open cases, last given, last case) of each.

        Indexes care_case_agent_idx (open ones), care_case_given_idx (the last one).
        """
        self.env["care.case"].flush_model(["user_id", "stage_kind", "assigned_at", "active"])
        return self.env.execute_query(SQL(
            """SELECT u.id, (SELECT COUNT(*) FROM care_case c
                              WHERE c.user_id = u.id AND c.active
                                AND c.stage_kind IN ('new', 'open', 'waiting')),
                      g.assigned_at, COALESCE(g.id, 0)
                 FROM unnest(%s::int[]) u(id)
            LEFT JOIN LATERAL (SELECT c.assigned_at, c.id FROM care_case c
                                WHERE c.user_id = u.id AND c.assigned_at IS NOT NULL
                             ORDER BY c.assigned_at DESC, c.id DESC LIMIT 1) g ON TRUE""",
            users.ids))
