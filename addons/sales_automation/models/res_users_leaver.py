from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from .archiving import get_archiving
from .sales_handover import QUIET

# The web client's calls behind the entry "Archive" of a user, and behind the button of a handover.
ARCHIVE_CALLS = ("/res.users/action_archive", "/sales.handover/action_archive_user")


class ResUsers(models.Model):
    """Archiving a user, by whatever channel, loses nothing that he holds.

    Core deletes his open activities when he is archived on the screen, and leaves his team
    membership, so that he gets new leads, when he is archived by a call or an import.
    """

    _inherit = "res.users"

    # ---- CRUD ---------------------------------------------------------------------------------

    def write(self, vals):
        if "active" not in vals or vals["active"]:
            return super().write(vals)
        leavers = self.filtered("active")
        leavers._settle_before_archive()
        result = super().write(vals)
        leavers._leave_teams()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_at_work(self):
        """Core deletes the activities with the user, and empties the owner of his deals."""
        handover = self.env["sales.handover"]
        for user in self:
            if not user.share and handover._has_work(user):
                raise UserError(self.env._(
                    "%s still holds deals, activities or other work, which would be lost. "
                    "Archive the user instead: everything is handed over then.", user.name))

    # ---- actions ------------------------------------------------------------------------------

    def action_archive(self):
        self.check_access("write")  # before anything is planned for somebody who may not
        leavers = self.filtered("active")
        asked = leavers._filter_to_ask()
        rest = self - asked
        rest.filtered("active")._settle_before_archive()
        # Our `write` is reached again through core and finds nothing left to settle.
        result = super(ResUsers, rest).action_archive() if rest else True
        return asked._ask_for_handover() if asked else result

    def action_unarchive(self):
        """Offer to give back what was handed over when the user was archived."""
        result = super().action_unarchive()
        handovers = self.env["sales.handover"].search([
            ("from_user_id", "in", self.ids), ("kind", "=", "leave"), ("state", "=", "done"),
            ("undo_until", ">=", fields.Date.today())])
        if handovers and self._is_called_on_screen("/res.users/action_unarchive"):
            return handovers._get_form_action()
        return result

    def action_hand_over(self):
        """Open the handover that is under way for this user, or prepare one."""
        self.ensure_one()
        return self._prepare_handover("manual")._get_form_action()

    # ---- business -----------------------------------------------------------------------------

    def _is_called_on_screen(self, calls):
        """Tell whether one of these calls, a text or a tuple, is the present one."""
        return bool(request) and request.httprequest.path.endswith(calls)

    def _filter_to_ask(self):
        """Those whom somebody archives on the screen and whose work he shall give out first."""
        if not self._is_called_on_screen(ARCHIVE_CALLS):
            return self.browse()
        handover = self.env["sales.handover"]
        return self.filtered(
            lambda user: not user.share and handover._has_work(user)
            and user.sudo().company_id.sales_leaver_policy == "ask")  # a rule of another company

    def _ask_for_handover(self):
        """Prepare a handover for each; the user is archived when it is done."""
        handovers = self.env["sales.handover"]
        for user in self:
            handovers |= user._prepare_handover("asked")
        return handovers._get_form_action()

    def _prepare_handover(self, origin):
        """Return the open handover of this user, else a new draft."""
        self.ensure_one()
        handovers = self.env["sales.handover"]
        handovers._check_may_hand_over(self)
        handovers = handovers.sudo()  # whoever may archive the user need not be in sales
        handover = handovers.search([
            ("from_user_id", "=", self.id), ("kind", "=", "leave"),
            ("state", "in", ("draft", "running", "returning"))], limit=1)
        if not handover:
            handover = handovers.create({
                "from_user_id": self.id, "distribution": "team", "origin": origin})
        elif not handover.with_env(self.env).has_access("write"):
            raise UserError(self.env._(
                "%(user)s prepares a handover of %(name)s already.",
                user=handover.planned_by_id.name, name=self.name))
        if origin == "asked":
            handover.write({"archive_user": True, "origin": origin})
        return handover.with_env(self.env)

    def _settle_before_archive(self):
        """End covers, then give out everything that is still held, or refuse."""
        self.check_access("write")
        archiving = get_archiving(self.env)
        archiving = replace(archiving, user_ids=archiving.user_ids | frozenset(self.ids))
        leavers = self.sudo().with_context(  # whoever may archive need not be in sales
            sales_archiving=archiving)
        handover = leavers.env["sales.handover"]
        for user in leavers:
            handover._end_covers_of(user)
        handover._reroute_planned_for(leavers)
        for user in leavers:
            if user.share or not handover._has_work(user):
                continue
            if user.company_id.sales_leaver_policy == "block" and not archiving.handed_over:
                raise UserError(self.env._(
                    "%s still holds deals, activities or other work. Hand it over first: Sales "
                    "Desk, Team, Handovers.", user.name))
            handover._hand_over_at_once(user)
            user._rescue_activities()

    def _rescue_activities(self):
        """Nothing may be left to core's deletion, not even what could not be moved."""
        left = self.env["mail.activity"].search([("user_id", "=", self.id)])
        if left:
            heir = self.env["sales.handover"].new({
                "from_user_id": self.id, "company_id": self.company_id.id})._get_fallbacks()
            left.with_context(**QUIET).write({"user_id": heir[0].id})

    def _leave_teams(self):
        """Core does so only when the user is archived on the screen; the assigner looks here."""
        members = self.env["crm.team.member"].sudo()  # whoever may archive need not be in sales
        members.search([("user_id", "in", self.ids)]).action_archive()
