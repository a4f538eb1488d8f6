from odoo import api, fields, models
from odoo.addons.customer_care.engine import pace
from odoo.tools import SQL

from .care_stage import OPEN_KINDS


class CareCase(models.Model):
    """Will it be late? Told from how long similar cases took that had been open as long."""

    _inherit = "care.case"

    late_chance = fields.Float(
        "Chance of being late (%)", compute="_compute_late_chance",
        help="Of similar settled cases that had been open as long as this one: the share that "
        "took longer than is allowed. Similar: same team, and same category and severity where "
        "20 of them were settled in 180 days. Empty with fewer.")
    is_likely_late = fields.Boolean("Likely late", compute="_compute_late_chance")
    late_reason = fields.Char("Outlook", compute="_compute_late_chance")
    late_brief = fields.Char(compute="_compute_late_chance")
    late_queue = fields.Char("In the queue", compute="_compute_late_queue")

    @api.depends("stage_kind", "deadline_at", "paused_at", "team_id", "category_id", "severity")
    def _compute_late_chance(self):
        now = fields.Datetime.now()
        running = self.filtered(
            lambda case: case.deadline_at and not case.paused_at and case.deadline_at > now
            and case.stage_kind in OPEN_KINDS and case.id)
        rest = self - running
        rest.late_chance = 0.0
        rest.is_likely_late = rest.late_reason = rest.late_brief = False
        # Hours of other people's cases tell about this one, without showing any.
        cases = running.sudo()
        paces = self.env["care.case.pace"].sudo()._get_paces(cases)  # as above
        for case, plan in cases._get_plans(now):
            used, allowed = plan.used(now), plan.allowed["resolution"]
            found = paces.get(case)
            chance = found[0].chance_late(used, allowed) if found and allowed else None
            shown = self.browse(case.id)
            shown.late_chance = 100 * (chance or 0.0)
            shown.is_likely_late = chance is not None and chance >= 0.5
            shown.late_reason = self._tell_outlook(found, chance, used, allowed)
            shown.late_brief = chance is not None and self.env._(
                "usual %(usual)s, %(left)s left (working hours)",
                usual=self._tell_hours(found[0].usual_end(used)),
                left=self._tell_hours(allowed - used))

    @api.depends("due_at", "user_id", "stage_kind")
    def _compute_late_queue(self):
        """What its agent has to do sooner."""
        before = dict(self._query_queue()) if self.ids else {}
        for case in self:
            case.late_queue = case.id in before and self.env._(
                "%(agent)s has %(count)s open cases that are due sooner.",
                agent=case.user_id.name, count=before[case.id])

    def _query_queue(self) -> list[tuple[int, int]]:
        """(case, open cases of its agent that are due before it). Index care_case_agent_idx."""
        self.flush_model(["user_id", "stage_kind", "due_at", "active"])
        return self.env.execute_query(SQL(
            """SELECT c.id, COUNT(*)
                 FROM care_case c
                 JOIN care_case o ON o.user_id = c.user_id AND o.stage_kind IN %(open)s
                  AND o.due_at < c.due_at AND o.active
                WHERE c.id = ANY(%(ids)s) AND c.stage_kind IN %(open)s
             GROUP BY c.id""", open=OPEN_KINDS, ids=self.ids))

    def _tell_outlook(self, found, chance, used, allowed):
        left = self._tell_hours(allowed - used)
        if chance is None:
            return self.env._(
                "%(left)s left, in working hours. Too few similar cases were open this long to say "
                "more (%(enough)s settled ones are needed).", left=left, enough=pace.ENOUGH)
        known, row = found
        longer = round(known.share_longer(used) * known.count)
        return self.env._(
            "%(left)s left; usual %(usual)s. Of about %(count)s similar cases (%(what)s) that were "
            "open as long, %(late)s took longer than the %(allowed)s allowed. All in working "
            "hours.",
            left=left, usual=self._tell_hours(known.usual_end(used)), count=longer,
            what=self._tell_similar(row), late=round(chance * longer),
            allowed=self._tell_hours(allowed))

    def _tell_similar(self, row):
        words = dict(self._fields["severity"]._description_selection(self.env))
        return ", ".join(filter(None, (
            row.team_id.name, row.category_id.name, words.get(row.severity))))

    @api.model
    def _tell_hours(self, hours):
        """Hours in words, as the age of a case is told: minutes only where they matter."""
        full, minutes = divmod(max(round(60 * hours), 0), 60)
        if not full:
            return self.env._("%s min", minutes)
        if not minutes or full >= 10:
            return self.env._("%s h", full + (minutes >= 30))
        return self.env._("%(hours)s h %(minutes)s min", hours=full, minutes=minutes)
