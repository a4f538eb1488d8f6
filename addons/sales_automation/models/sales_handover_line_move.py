import json

from odoo import api, models
from odoo.addons.sales_automation.engine import handover as engine
from odoo.fields import Command

from .archiving import get_archiving
from .sales_handover import QUIET


class SalesHandoverLine(models.Model):
    """Moving an object and taking it back, with what each kind needs."""

    _inherit = "sales.handover.line"

    # ---- who may have it ----------------------------------------------------------------------

    def _get_problem(self, user):
        """Return why the user cannot take this over, or False."""
        if not user:
            return self.env._("Choose who takes this over.")
        if not user.active or user.share:
            return self.env._("%s is not an active colleague.", user.name)
        if user.id in get_archiving(self.env).user_ids:
            return self.env._("%s leaves, too.", user.name)
        if user == self.handover_id.from_user_id:
            return self.env._("%s is the one who hands over.", user.name)
        if self.company_id and self.company_id not in user.company_ids:
            return self.env._(
                "%(user)s does not work in %(company)s.",
                user=user.name, company=self.company_id.name)
        if self.kind != "activity" and not user.has_groups(
                "sales_team.group_sale_salesman,base.group_system"):
            return self.env._("%s has no right to sell.", user.name)
        return False

    def _is_in_team(self):
        return self.to_user_id in self.team_id.member_ids | self.team_id.user_id

    # ---- moving -------------------------------------------------------------------------------

    def _move(self, now):
        """Move planned lines; called in a savepoint, with lines that are locked."""
        for kind, lines in self.grouped("kind").items():
            handover = lines.handover_id
            spec = handover._handover_kinds()[kind]
            still_held = set(lines._get_records(spec).search([
                ("id", "in", lines.mapped("res_id")),
                *getattr(handover, f"_handover_domain_{kind}")(handover.from_user_id)]).ids)
            gone = lines.filtered(lambda line, held=still_held: line.res_id not in held)
            gone -= gone._settle_arrived(spec, now)
            gone._set_skipped(self.env._("Was closed, deleted or given to somebody meanwhile."))
            mine = lines.filtered(lambda line: line.state == "planned")._settle_receivers(spec)
            following = mine._read_following(spec)
            mine._move_kind(kind, spec)
            mine._keep_following(following)
            mine.write({"state": "moved", "moved_at": now, "failure": False})

    def _settle_arrived(self, spec, now):
        """Return the activities that came to their receiver with the meeting they stand for."""
        arrived = self.filtered(lambda line: (
            line.kind == "activity" and (line.parent_key or "").startswith("calendar.event,")))
        arrived = arrived.filtered(
            lambda line: line._get_records(spec).exists().user_id == line.to_user_id)
        for line in arrived:
            line.write({
                "from_values": {"user_id": line.handover_id.from_user_id.id},
                "to_values": {"user_id": line.to_user_id.id}, "state": "moved", "moved_at": now,
                "reason": self.env._("Moved with the meeting.")})
        return arrived

    def _settle_receivers(self, spec):
        """Whoever was to have this may have left, or lost the right to it, since the plan."""
        if not spec.get("receiver", True):
            return self
        nobody = self.handover_id._reroute(self)
        for line in nobody:
            line._set_failed(line._get_problem(line.to_user_id))
        return self - nobody

    def _get_records(self, spec):
        return self.env[spec["model"]].sudo().with_context(  # the handover was allowed as a whole
            **QUIET).browse(self.mapped("res_id"))

    def _move_kind(self, kind, spec):
        """Write each group of objects that get the same values at once."""
        own = getattr(self, f"_move_{kind}", None)
        if own:
            for line, record in zip(self, self._get_records(spec), strict=True):
                own(line, record)
            return
        groups = {}
        for line, record in zip(self, self._get_records(spec), strict=True):
            vals = line._prepare_move_vals(kind, spec, record)
            line.write({
                "from_values": self._read_values(record, [*vals, *self._get_extra(kind)]),
                "to_values": vals})
            key = json.dumps(vals, sort_keys=True, default=str)
            groups.setdefault(key, (vals, []))[1].append(line.id)
        for vals, ids in groups.values():
            lines = self.browse(ids)
            lines._get_records(spec).write(vals)
            lines._follow_threads(spec)

    def _prepare_move_vals(self, kind, spec, record):
        if kind == "membership":
            return {spec["owner"]: self.handover_id.kind == "cover"}
        vals = {spec["owner"]: self.to_user_id.id}
        # Written along: core would compute another team and reset the stage.
        vals.update((name, record[name].id) for name in spec.get("keeps", ()))
        if kind == "deal":
            vals.update(self._prepare_team_vals(record))
            if self.handover_id.kind == "cover":
                vals["cover_for_id"] = self.handover_id.from_user_id.id
        return vals

    def _prepare_team_vals(self, lead):
        """Team and stage of a deal whose receiver works in another team, if they shall change."""
        if self.handover_id.team_policy == "keep" or self._is_in_team():
            return {}
        use = "use_leads" if lead.type == "lead" else "use_opportunities"
        team = self.env["crm.team"]._get_default_team_id(
            user_id=self.to_user_id.id, domain=[(use, "=", True)])
        stage = lead.stage_id
        if not team or not stage.team_ids or team in stage.team_ids:
            return {"team_id": team.id or lead.team_id.id}
        stages = self.env["crm.stage"].search(
            ["|", ("team_ids", "=", False), ("team_ids", "in", team.ids), ("is_won", "=", False)])
        nearest = engine.map_stage(
            engine.Stage(stage.id, stage.name, stage.sequence),
            [engine.Stage(each.id, each.name, each.sequence) for each in stages])
        return {"team_id": team.id, "stage_id": nearest or stage.id}

    @api.model
    def _get_extra(self, kind):
        """Facts that core resets when the owner changes, kept for taking back."""
        return ["date_open"] if kind == "deal" else []

    @api.model
    def _read_values(self, record, names):
        """Values as they go into JSON and back into `write`."""
        result = {}
        for name in names:
            field, value = record._fields[name], record[name]
            if field.type == "many2one":
                value = value.id
            elif field.type == "datetime":
                value = value and value.isoformat()  # with the microseconds that core writes
            result[name] = value
        return result

    def _follow_threads(self, spec):
        """Whoever leaves the house gets no more mail about its customers."""
        person = self.handover_id.from_user_id.partner_id
        if not spec.get("thread") or self.handover_id.kind != "leave":
            return
        records = self._get_records(spec)
        following = records.filtered(lambda record: person in record.message_partner_ids)
        following.message_unsubscribe(partner_ids=person.ids)

    # ---- meetings -----------------------------------------------------------------------------

    def _move_meeting(self, line, event):
        """The organizer is replaced and keeps no invitation; an invited person is replaced where
        the meeting belongs to a deal, else just not expected any more."""
        person, receiver = line.handover_id.from_user_id, line.to_user_id
        attendee = event.attendee_ids.filtered(lambda each: each.partner_id == person.partner_id)
        organizes = event.user_id == person
        comes = organizes or bool(event.opportunity_id)
        added = comes and receiver.partner_id not in event.partner_ids
        line.write({
            "from_values": {
                "user_id": event.user_id.id, "attends": bool(attendee),
                "answer": attendee[:1].state or False, "added": added},
            "to_values": {"user_id": receiver.id if organizes else event.user_id.id},
            "reason": False if comes else self.env._("Not expected any more."),
        })
        commands = [Command.unlink(person.partner_id.id)] if attendee else []
        if added:
            commands.append(Command.link(receiver.partner_id.id))
        vals = {"partner_ids": commands} if commands else {}
        if organizes:
            vals["user_id"] = receiver.id
        event.write(vals)
        if organizes:
            event.attendee_ids.filtered(
                lambda each: each.partner_id == receiver.partner_id).state = "accepted"

    def _restore_meeting(self, line, event):
        person, receiver = line.handover_id.from_user_id, line.to_user_id
        before = line.from_values
        commands = []
        if before["attends"] and person.partner_id not in event.partner_ids:
            commands.append(Command.link(person.partner_id.id))
        if before["added"] and receiver.partner_id in event.partner_ids:
            commands.append(Command.unlink(receiver.partner_id.id))
        event.write({"user_id": before["user_id"], "partner_ids": commands})
        if before["answer"]:
            event.attendee_ids.filtered(
                lambda each: each.partner_id == person.partner_id).state = before["answer"]

    # ---- hand-offs ----------------------------------------------------------------------------

    def _move_handoff_in(self, line, handoff):
        """The deal is opened for reading to the new person, as it was to the old one."""
        line.write({
            "from_values": {"to_user_id": handoff.to_user_id.id},
            "to_values": {"to_user_id": line.to_user_id.id}})
        handoff.to_user_id = line.to_user_id
        handoff.lead_id.handoff_to_id = line.to_user_id

    def _restore_handoff_in(self, line, handoff):
        handoff.to_user_id = line.from_values["to_user_id"]
        handoff.lead_id.handoff_to_id = line.from_values["to_user_id"]

    # ---- states -------------------------------------------------------------------------------

    def _set_skipped(self, reason):
        self.write({"state": "skipped", "reason": reason})

    def _set_failed(self, error):
        for line in self:
            line.write({
                "state": "failed", "failure": str(error), "attempts": line.attempts + 1})

    def _set_undone(self, reason=False):
        self.write({"state": "undone", "reason": reason, "failure": False})

    def _set_kept(self, reason):
        self.write({"state": "kept", "reason": reason})
