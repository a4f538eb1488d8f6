from markupsafe import Markup
from odoo import api, models

from .care_stage import OPEN_KINDS

#: Cases that a mail names; the list shows all of them.
NAMED = 20


class CareCase(models.Model):
    """Cases of somebody who has left wait for nobody who is gone."""

    _inherit = "care.case"

    @api.model
    def _release_from(self, users):
        """Open cases of these people; what is settled stays theirs."""
        self.search([("user_id", "in", users.ids), ("stage_kind", "in", OPEN_KINDS)])._release()

    def _release(self):
        """They are given out as the team wishes; of what nobody has now its leader is told, or a
        member where the leader has left, too."""
        self.user_id = False
        self._give_out()
        waiting = self.filtered(lambda case: not case.user_id)
        for person, cases in waiting.grouped(lambda case: (
                case.team_id.leader_id | case.team_id.member_ids).filtered("active")[:1]).items():
            if person:
                cases._tell_released(person)

    def _tell_released(self, person):
        env = self.with_context(lang=person.lang or self.env.lang).env
        lines = [Markup("<li>%s</li>") % case._get_html_link() for case in self[:NAMED]]
        more = len(self) - NAMED
        if more > 0:
            lines.append(Markup("<li>%s</li>") % env._("and %s more", more))
        env["mail.thread"].message_notify(
            partner_ids=person.partner_id.ids,
            subject=env._("%s cases have nobody any more", len(self)) if len(self) > 1
            else env._("A case has nobody any more"),
            body=Markup("<p>%s</p><ul>%s</ul>") % (
                env._("Who worked on them has left: assign them to somebody."),
                Markup().join(lines)))

    @api.model
    def _give_duties_of(self, users):
        """Corrective actions that these people owe: the leader's, else the agent's."""
        for case in self.search([
                ("corrective_user_id", "in", users.ids), ("corrective_done_on", "=", False)]):
            heirs = (case.team_id.leader_id | case.user_id).filtered("active")
            case.corrective_user_id = heirs[:1]
