from odoo import models
from odoo.exceptions import AccessError


class CareCase(models.Model):
    """A judgement that rested on a mistake, made anew by a manager who says so."""

    _inherit = "care.case"

    def action_judge_again(self):
        """What is done is judged by the service levels that hold now; it stands in the history."""
        self.check_access("write")
        if not self.env.user.has_group("customer_care.group_customer_care_manager"):
            raise AccessError(self.env._("Only managers may have cases judged again."))
        before = {case: case._tell_judgement() for case in self}
        self._note({"reply_hours": False, "resolution_hours": False})
        self._set_deadlines(chosen_again=True)
        for case in self:
            case._message_log(body=self.env._(
                "Judged again. Before: %(before)s. Now: %(now)s.",
                before=before[case], now=case._tell_judgement()))

    def _tell_judgement(self) -> str:
        """Service level, first reply and resolution in words."""
        words = dict(self._fields["resolution_result"]._description_selection(self.env))
        none = self.env._("not judged")
        return self.env._(
            "%(level)s; first reply %(reply)s; resolution %(resolution)s",
            level=self.sla_id.name or self.env._("no service level"),
            reply=words.get(self.reply_result, none).lower(),
            resolution=words.get(self.resolution_result, none).lower())
