from odoo import SUPERUSER_ID, api, fields, models

from .archiving import Archiving
from .sales_handover import IN_WORK, URGENT


class SalesHandover(models.Model):
    """Archiving the person: after a handover, with it, or without any that somebody prepared."""

    _inherit = "sales.handover"

    can_archive = fields.Boolean(compute="_compute_can_archive")

    @api.depends("state", "kind", "from_user_id.active")
    @api.depends_context("uid")
    def _compute_can_archive(self):
        """Offered when everything has moved, to whoever may archive this user."""
        for handover in self:
            person = handover.from_user_id
            handover.can_archive = (
                handover.state == "done" and handover.kind == "leave"
                and handover.is_person_active and person != self.env.user
                and person.has_access("write"))

    def action_archive_user(self):
        """Archive the person whose work is handed over; what came since is asked for again."""
        self.ensure_one()
        self.check_access("read")
        return self.from_user_id.action_archive()

    @api.model
    def _hand_over_at_once(self, user):
        """Give everything out now; of much, only what cannot wait.

        Whom somebody has chosen in a draft gets it; the rest goes to the team leaders.
        """
        handover = self.search([
            ("from_user_id", "=", user.id), ("kind", "=", "leave"),
            ("state", "in", ("draft", *IN_WORK))])
        if handover.state == "returning":
            handover._work_to_the_end()
            handover = self.browse()
        if handover.state == "running":  # the job has the rest
            while handover._work_batch(URGENT):
                continue
            return
        if handover:
            handover.write({"origin": "automatic", "planned_by_id": SUPERUSER_ID})
            handover._look_again()
            handover._include_left_out()
        else:
            handover = self.create({
                "from_user_id": user.id, "distribution": "leader", "origin": "automatic",
                "planned_by_id": SUPERUSER_ID})
        for line in handover._reroute(handover._get_receiving_lines()):
            line._set_skipped(line._get_problem(line.to_user_id))
        handover._set_running(self.env.user)
        handover._work_now(urgent_kinds=URGENT)

    @api.model
    def _end_covers_of(self, user):
        """Covers for this user, and those in which he is the cover, end now."""
        covers = self.search([
            ("kind", "=", "cover"), ("state", "in", ("scheduled", "running", "done")),
            "|", "|", ("from_user_id", "=", user.id), ("to_user_id", "=", user.id),
            ("line_ids.to_user_id", "=", user.id)])
        for cover in covers:
            if cover.state == "scheduled":
                cover._set_cancelled()
                continue
            cover._set_returning(self.env.user)
            cover._work_to_the_end()

    @api.model
    def _reroute_planned_for(self, users):
        """What still waits for somebody who leaves goes to the leaders, not to an archived user."""
        waiting = self.env["sales.handover.line"].search([
            ("to_user_id", "in", users.ids), ("state", "=", "planned"),
            ("handover_id.state", "=", "running")])
        for handover, lines in waiting.grouped("handover_id").items():
            handover._reroute(lines)

    def _include_left_out(self):
        """Nothing may stay with somebody who is archived: what was left out goes to the leaders."""
        left_out = self.line_ids.filtered(lambda line: line.state == "skipped")
        given = self._give_leader(left_out)
        for line in left_out:
            line.write({
                "state": "planned", "to_user_id": given[line.id] and given[line.id].id,
                "reason": self.env._("Was left out: goes to the team leader.")})

    def _archive_person(self):
        """As the one who started it: a handover gives nobody a right over users."""
        person = self.from_user_id.with_user(self.started_by_id).with_context(
            sales_archiving=Archiving(handed_over=True))
        if person.has_access("write"):
            person.action_archive()
        else:
            self.message_post(body=self.env._(
                "%(user)s may not archive users (any more), so %(name)s is still active.",
                user=self.started_by_id.name, name=self.from_user_id.name))

    def _get_form_action(self):
        """Open these handovers: one as its form, several as a list."""
        action = {
            "type": "ir.actions.act_window", "res_model": self._name,
            "name": self.env._("Handovers"), "target": "current"}
        if len(self) == 1:
            return {**action, "res_id": self.id, "views": [(False, "form")]}
        return {
            **action, "domain": [("id", "in", self.ids)],
            "views": [(False, "list"), (False, "form")]}
