from odoo import api, fields, models

from .moments import tell_day

SHOWN_STAYS = 8
TONES = {"won": "success", "lost": "danger", "recycled": "warning"}
HANDOFF_TONES = {"requested": "info", "accepted": "success", "rejected": "warning",
                 "expired": "danger", "cancelled": "muted"}


class CrmLead(models.Model):
    """What the panel tells of the way a deal has come: its stages, hand-offs and sleeps."""

    _inherit = "crm.lead"

    @api.model
    def _deal_panel_sections(self):
        return {
            **super()._deal_panel_sections(),
            "stages": {"title": self.env._("Stages"), "icon": "fa-history", "sequence": 70},
            "moves": {
                "title": self.env._("Hand-offs and Not Now"), "icon": "fa-handshake-o",
                "sequence": 80},
        }

    # ---- stages -------------------------------------------------------------------------------

    def _deal_panel_stages(self, now):
        stays = self.env["sales.stage.history"].search_fetch(
            [("lead_id", "=", self.id)], limit=SHOWN_STAYS + 1)
        if not stays:
            return False
        more = stays[SHOWN_STAYS:]
        section = {
            "kind": "timeline",
            "badge": self._prepare_outcome_badge(stays[0]),
            "data": [self._prepare_stay(stay, now) for stay in stays[:SHOWN_STAYS]],
            "folded": True,
        }
        if more or len(stays) > 1:
            section["buttons"] = [{
                "text": self.env._("Open all stages"), "method": "action_open_stage_history"}]
        return section

    def _prepare_outcome_badge(self, last_stay):
        if self.sales_outcome in TONES:
            outcomes = dict(self._fields["sales_outcome"]._description_selection(self.env))
            return {"text": outcomes[self.sales_outcome], "tone": TONES[self.sales_outcome]}
        return {"text": last_stay.duration, "tone": "muted"} if last_stay.duration else None

    @api.model
    def _prepare_stay(self, stay, now):
        """One entry of the timeline, its marks in words."""
        outcomes = dict(stay._fields["outcome"]._description_selection(self.env))
        marks = {
            "back": self.env._("moved back"), "reopen": self.env._("reopened"),
            "system": self.env._("moved by the system"),
            "merged": self.env._("from a merged lead"),
            "rebuilt": self.env._("rebuilt from the chatter"),
        }
        facts = {
            "back": stay.direction == "back", "reopen": stay.direction == "reopen",
            "system": stay.is_system, "merged": stay.is_merged,
            "rebuilt": stay.origin == "backfill",
        }
        return {
            "id": stay.id,
            "stage": stay.stage_id.display_name or self.env._("A stage that was deleted"),
            "entered": fields.Datetime.to_string(stay.entered_at),
            "left": stay.left_at and fields.Datetime.to_string(stay.left_at),
            "duration": stay.duration,
            "seconds": stay.seconds if stay.left_at else (now - stay.entered_at).total_seconds(),
            "marks": [marks[key] for key, is_true in facts.items() if is_true],
            "outcome": stay.outcome and {
                "key": stay.outcome, "text": outcomes[stay.outcome], "tone": TONES[stay.outcome]},
            "user": self._prepare_panel_user(stay.user_id),
        }

    # ---- hand-offs and sleeps -----------------------------------------------------------------

    def _deal_panel_moves(self, now):
        handoffs = self.env["sales.handoff"].search([("lead_id", "=", self.id)], limit=5)
        sleeps = self.env["sales.recycle"].search([("lead_id", "=", self.id)], limit=5)
        if not handoffs and not sleeps:
            return False
        dated = [(row.requested_at, self._prepare_handoff_line(row)) for row in handoffs]
        dated += [(row.recycled_at, self._prepare_sleep_line(row)) for row in sleeps]
        dated.sort(key=lambda pair: pair[0], reverse=True)
        return {
            "badge": {"text": str(len(dated)), "tone": "muted"},
            "lines": [line for _moment, line in dated],
            "folded": all(row.state not in ("requested", "expired") for row in handoffs)
            and self.sales_outcome != "recycled",
        }

    def _prepare_handoff_line(self, handoff):
        states = dict(handoff._fields["state"]._description_selection(self.env))
        detail = [states[handoff.state]]
        if handoff.reject_reason_id:
            detail.append(handoff.reject_reason_id.name)
        return {
            "icon": "fa-handshake-o", "tone": HANDOFF_TONES[handoff.state],
            "text": handoff._tell_parties(), "detail": ": ".join(detail),
            "date": fields.Datetime.to_string(handoff.requested_at),
            "action": {
                "type": "ir.actions.act_window", "res_model": "sales.handoff",
                "res_id": handoff.id, "views": [(False, "form")], "target": "new",
                "name": self.env._("Hand-off")},
        }

    def _prepare_sleep_line(self, sleep):
        if sleep.woken_at:
            ways = dict(sleep._fields["woken_by"]._description_selection(self.env))
            detail = self.env._("Came back: %s", ways.get(sleep.woken_by, ""))
        else:
            detail = self.env._(
                "Comes back on %s", tell_day(self.env, self.recycle_wake_date))
        return {
            "icon": "fa-moon-o", "tone": "muted" if sleep.woken_at else "warning",
            "text": self.env._("Not now: %s", sleep.reason_id.name or self.env._("no reason")),
            "detail": " · ".join(filter(None, [detail, sleep.note])),
            "date": fields.Datetime.to_string(sleep.recycled_at),
            "user": self._prepare_panel_user(sleep.user_id),
        }

    @api.model
    def _prepare_panel_user(self, user):
        user = user.sudo()  # a colleague's name is no secret, his company may be another one
        return {"id": user.id, "name": user.name} if user else None
