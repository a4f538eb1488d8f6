from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

SHOWN_DEALS = 50  # in the dialog; whoever moves more works in two rounds


class CrmLead(models.Model):
    """Working with the playbook: boxes, plans, and the dialog that opens at a closed gate."""

    _inherit = "crm.lead"

    # ---- boxes --------------------------------------------------------------------------------

    def playbook_tick(self, item_id, checked=None):
        """Tick a box of the checklist or take the tick away; without `checked` turn it over."""
        self.check_access("write")
        item = self.env["sales.playbook.item"].browse(item_id).exists()
        if not item:
            raise UserError(self.env._(
                "This point is no longer on the checklist. Reload the page."))
        answers = self.env["sales.playbook.answer"].sudo()  # written here only
        present = answers.search([("lead_id", "in", self.ids), ("item_id", "=", item.id)])
        if checked is None:
            checked = not present
        if not checked:
            present.unlink()
            return True
        now = fields.Datetime.now()
        answers.create([{
            "lead_id": lead.id, "item_id": item.id, "user_id": self.env.uid, "checked_at": now,
            "company_id": lead.company_id.id,
        } for lead in self - present.lead_id])
        return True

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        answers = self.env["sales.playbook.answer"].sudo().search(  # boxes go with the deal
            [("lead_id", "in", (self | opportunities).ids)])
        ticked = answers.filtered(lambda row: row.lead_id == self).item_id
        for answer in answers.filtered(lambda row: row.lead_id != self).sorted("checked_at"):
            if answer.item_id not in ticked:
                answer.lead_id = self
                ticked |= answer.item_id
        self.env["sales.playbook.override"].sudo().search(  # so does what was decided on it
            [("lead_id", "in", opportunities.ids)]).lead_id = self
        return result

    # ---- plans --------------------------------------------------------------------------------

    def playbook_start_plan(self, step_id):
        """Schedule the activities of a step's plan on the deals."""
        self.check_access("write")
        step = self.env["sales.playbook.step"].browse(step_id).exists()
        if not step.plan_id:
            raise UserError(self.env._("The step has no plan any more. Reload the page."))
        step._start_plan(self, self.user_id[:1])
        return True

    def _launch_plans(self, before):
        """Start the plans of the stages that deals have just entered, once per deal."""
        leads = self.sudo()  # read as the system: the mover may not see the deal any more
        entered = leads.filtered(lambda lead: (
            lead.type == "opportunity" and before.get(lead.id) != lead.stage_id))
        playbooks = self.env["sales.playbook"]._apply_to(entered) if entered else {}
        groups = {}
        for lead in entered:
            step = playbooks.get(lead.id, self.env["sales.playbook"]).step_ids.filtered(
                lambda row: row.stage_id == lead.stage_id  # noqa: B023 (used at once)
                and row.plan_id.active and row.plan_start == "enter")
            if step:
                groups.setdefault((step, lead.user_id), self.browse())
                groups[step, lead.user_id] |= lead
        for (step, user), group in groups.items():
            if fresh := group - group._been_in(step.stage_id):
                fresh._launch_plan(step, user)

    def _been_in(self, stage):
        """Return those of these deals that had stood in the stage before this visit."""
        rows = self.env["sales.stage.history"].sudo()._read_group(  # whoever may see it
            [("lead_id", "in", self.ids), ("stage_id", "=", stage.id), ("left_at", "!=", False)],
            ["lead_id"])
        return self.browse(lead.id for (lead,) in rows)

    def _launch_plan(self, step, user):
        """A plan that cannot be started must not hold the deal: it says so on the deal."""
        try:
            with self.env.cr.savepoint():
                step._start_plan(self.sudo(), user)  # scheduled by the playbook, for the owner
        except UserError as error:
            self.sudo()._message_log_batch(bodies={  # a note of the system
                lead.id: self.env._(
                    "The activity plan %(plan)s could not be started: %(error)s",
                    plan=step.plan_id.name, error=error) for lead in self})

    # ---- the dialog ---------------------------------------------------------------------------

    @api.readonly
    def playbook_gate(self, stage_id):
        """Return what the deals miss on their way to the stage, for the dialog."""
        self.check_access("read")
        stage = self.env["crm.stage"].browse(stage_id)
        deals = self[:SHOWN_DEALS].sudo()  # read rights were checked above
        gaps = deals._find_playbook_gaps(
            {lead.id: lead.stage_id for lead in deals}, {lead.id: stage for lead in deals},
            fields.Datetime.now())
        ticked = {(row.lead_id.id, row.item_id.id) for row in deals.playbook_answer_ids}
        return {
            "stage": {"id": stage.id, "name": stage.name},
            "deals": [
                self._prepare_gate_deal(lead, *gaps[lead.id], ticked)
                for lead in deals if lead.id in gaps],
            "ready": [lead.id for lead in deals if lead.id not in gaps],
            "rest": max(0, len(self) - SHOWN_DEALS),
        }

    def _prepare_gate_deal(self, lead, playbook, criteria, ticked):
        missing = [{
            "id": criterion.id, "kind": criterion.kind, "text": criterion.label,
            "field": criterion.kind == "field" and criterion.field_name,
            "editable": criterion.kind == "field" and self._is_small_field(criterion.field_name),
            "items": [
                {"id": item.id, "name": item.name, "hint": item.hint or "",
                 "checked": (lead.id, item.id) in ticked}
                for item in criterion._get_items()] if criterion.kind == "checklist" else [],
        } for criterion in criteria]
        return {
            "id": lead.id, "name": lead.name, "customer": lead.partner_id.display_name or "",
            "stage": lead.stage_id.name, "playbook": playbook.name,
            "blocks": playbook.enforcement == "block",
            "can_write": lead.with_env(self.env).has_access("write"),
            "can_override": self._may_override(lead), "missing": missing,
        }

    def _is_small_field(self, name):
        """Tell whether a field can be filled in a dialog; long texts and lists need the form."""
        return name in self._fields and self._fields[name].type not in ("html", "many2many")

    def playbook_go_on(self, stage_id, values=None, ticks=None, reason=None):
        """Fill fields, tick boxes and move the deals: all of it or nothing.

        :param stage_id: where they go; False fills and ticks only
        :param values: {lead id: values of the deal}
        :param ticks: {lead id: [ids of boxes]}
        :param reason: why a manager or the team's leader lets them pass with gaps
        """
        self.check_access("write")
        for lead in self:
            for item_id in (ticks or {}).get(str(lead.id), ()):
                lead.playbook_tick(item_id, checked=True)
            if vals := (values or {}).get(str(lead.id)):
                lead.write(vals)
        if not stage_id:
            return True
        reason = (reason or "").strip()
        if reason and not all(self._may_override(lead) for lead in self.sudo()):  # who leads it
            raise AccessError(self.env._(
                "Only the team's leader or a Sales Desk manager may let a deal pass."))
        return self.with_context(sales_playbook_reason=reason).write({"stage_id": stage_id})

    def action_open_playbook_gate(self, stage_id=None):
        """Open the dialog for the next stage, or for the one that is given."""
        self.ensure_one()
        stage = self.env["crm.stage"].browse(stage_id) if stage_id else self._next_stage()
        return {
            "type": "ir.actions.client", "tag": "sales_automation.playbook_gate",
            "target": "new", "name": self.env._("To Go On to %s", stage.name),
            "params": {"lead_ids": self.ids, "stage_id": stage.id},
        }

    def _next_stage(self):
        """Return the stage after the deal's own in the pipeline of its team."""
        stages = self.env["crm.stage"].search(
            ["|", ("team_ids", "=", False), ("team_ids", "in", self.team_id.ids)])
        later = stages.sorted(lambda stage: stage._place()).filtered(
            lambda stage: not self.stage_id or stage._place() > self.stage_id._place())
        return later[:1]
