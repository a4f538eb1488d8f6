import logging

from odoo import api, fields, models

from .care_stage import OPEN_KINDS

_logger = logging.getLogger(__name__)


class CareCase(models.Model):
    """Cases that nobody has taken go to somebody, as their team wishes."""

    _inherit = "care.case"

    assigned_at = fields.Datetime("Given to the agent", readonly=True, copy=False)

    # the open cases of an agent
    _agent_idx = models.Index(
        "(user_id) WHERE stage_kind IN ('new', 'open', 'waiting') AND user_id IS NOT NULL")
    # whose turn it is
    _given_idx = models.Index("(user_id, assigned_at DESC, id DESC) WHERE assigned_at IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        now = fields.Datetime.now()
        cases.filtered("user_id")._note({"assigned_at": now})
        cases._give_out(now)
        return cases

    def write(self, vals):
        if vals.get("user_id") and "assigned_at" not in vals:
            vals = vals | {"assigned_at": fields.Datetime.now()}
        return super().write(vals)

    def action_assign(self):
        """Give these to the members of their teams, by the team's rule."""
        self.check_access("write")
        self._give_out()
        left = self.filtered(lambda case: not case.user_id)
        if not left:
            return None
        manual = left.team_id.filtered(lambda team: team.assign_mode == "manual")
        return {
            "type": "ir.actions.client", "tag": "display_notification", "params": {
                "type": "warning", "sticky": False,
                "message": self.env._(
                    "%(count)s cases have nobody still. %(why)s", count=len(left),
                    why=self.env._("Members of %s take cases themselves.",
                                   ", ".join(manual.mapped("name"))) if manual
                    else self.env._("Nobody of the team is at work with room for more.")),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"}}}

    def _give_out(self, now=None):
        """Open cases without an agent, team by team; a team that cannot is no reason to stop."""
        now = now or fields.Datetime.now()
        # Customers and agents open cases, and may not see who is away.
        waiting = self.sudo().filtered(
            lambda case: not case.user_id and case.stage_kind in OPEN_KINDS
            and case.team_id.assign_mode != "manual")
        for team, cases in waiting.grouped("team_id").items():
            try:
                with self.env.cr.savepoint():
                    team._assign(cases, now)
            except Exception:  # the case exists, whoever gets it; the cron tries again
                self.env.invalidate_all(flush=False)
                _logger.exception("Cases of team %s could not be given out", team.id)
