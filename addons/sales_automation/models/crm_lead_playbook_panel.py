from markupsafe import Markup
from odoo import models
from odoo.tools import is_html_empty

from .moments import tell_day, tell_moment


class CrmLead(models.Model):
    """The guide beside the deal: what to do in this stage, and how far it is."""

    _inherit = "crm.lead"

    def _deal_panel_sections(self):
        return {
            **super()._deal_panel_sections(),
            "guide": {"title": self.env._("Guide"), "icon": "fa-map-signs", "sequence": 30},
        }

    def _deal_panel_guide(self, now):
        """Return the step of the deal's playbook as a section of the panel."""
        playbook = self.playbook_id.sudo()  # the guide is for whoever reads the deal
        step = playbook.step_ids.filtered(lambda row: row.stage_id == self.stage_id)
        if not step or (not step.has_guide and not step.criterion_ids):
            return False
        target = self._next_stage()
        gaps = self._find_playbook_gaps(
            {self.id: self.stage_id}, {self.id: target}, now) if target else {}
        missing = gaps[self.id][1] if self.id in gaps else step.criterion_ids.browse()
        can_write = self.has_access("write")
        lines = [{"text": step.goal, "icon": "fa-flag-checkered"}] if step.goal else []
        lines += self._panel_boxes(step, missing) + self._panel_fields(step, missing, can_write)
        lines += [{
            "text": criterion.label, "icon": "fa-circle-o", "tone": "warning",
            "detail": self.env._("needed to go on"),
        } for criterion in missing if criterion.kind not in ("field", "checklist")]
        lines += [{
            "text": material.name, "icon": "fa-paperclip",
            "action": {"type": "ir.actions.act_url", "url": material._get_url(),
                       "target": "new"},
        } for material in step.material_ids]
        lines.append({
            "text": self.env._("Playbook: %s", playbook.name), "tone": "muted", "icon": "fa-book",
            "detail": self.env._("applies to %s", playbook.scope)})
        total = len(step.criterion_ids)
        return {
            "badge": self._panel_progress(total, len(missing & step.criterion_ids)),
            "html": self._panel_guidance(step), "lines": lines,
            "buttons": self._panel_guide_buttons(step, missing, target, can_write),
        }

    def _panel_progress(self, total, missing):
        if not total:
            return {}
        if not missing:
            return {"text": self.env._("%s of %s: ready to go on", total, total), "tone": "success"}
        return {
            "text": self.env._("%(done)s of %(total)s · %(missing)s missing to go on",
                               done=total - missing, total=total, missing=missing),
            "tone": "warning"}

    def _panel_guidance(self, step):
        """Return the guidance folded: whoever knows it by heart sees the boxes at once."""
        if is_html_empty(step.guidance):
            return False
        return Markup("<details><summary>%s</summary>%s</details>") % (
            self.env._("How to do it"), step.guidance)

    def _panel_boxes(self, step, missing):
        answers = {row.item_id: row for row in self.sudo().playbook_answer_ids}  # of this deal
        needed = self.env["sales.playbook.item"]
        for criterion in missing.filtered(lambda row: row.kind == "checklist"):
            needed |= criterion._get_items()
        lines = []
        for item in step.item_ids:
            answer = answers.get(item)
            detail = item.hint or ""
            if answer:
                detail = self.env._(
                    "%(who)s, %(when)s", who=answer.user_id.name,
                    when=tell_moment(self.env, answer.checked_at))
            elif item in needed:
                detail = " · ".join(filter(None, [self.env._("needed to go on"), detail]))
            lines.append({
                "text": item.name, "detail": detail, "check": bool(answer),
                "tone": "muted" if answer else None,
                "method": "playbook_tick", "args": [item.id]})
        return lines

    def _panel_fields(self, step, missing, can_write):
        required = set(missing.filtered(lambda row: row.kind == "field").mapped("field_name"))
        lines = []
        for name in step._shown_fields():
            field = self._fields[name]
            empty = name in required or not (self[name] or field.type == "boolean")
            detail = self._tell_value(name)
            if empty:
                detail = self.env._("needed to go on") if name in required \
                    else self.env._("not filled")
            lines.append({
                "text": field._description_string(self.env), "detail": detail,
                "icon": "fa-pencil-square-o" if empty else "fa-check",
                "tone": "warning" if name in required else None,
                **({"method": "action_edit_playbook_field", "args": [name]}
                   if can_write and self._is_small_field(name) else {}),
            })
        return lines

    def _tell_value(self, name):
        """Return the value of a field as people read it."""
        field, value = self._fields[name], self[name]
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        if field.type == "monetary":
            return field.convert_to_export(value, self) and self.company_currency.format(value)
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        tell = {"date": tell_day, "datetime": tell_moment}.get(field.type)
        return tell(self.env, value) if tell else str(value)

    def _panel_guide_buttons(self, step, missing, target, can_write):
        if not can_write:
            return []
        buttons = []
        if target and (step.criterion_ids or missing):
            buttons.append({
                "text": self.env._("Go on to %s", target.name), "primary": not missing,
                "method": "action_open_playbook_gate", "args": [target.id]})
        if step.plan_id.active:
            buttons.append({
                "text": self.env._("Start the plan: %s", step.plan_id.name),
                "method": "playbook_start_plan", "args": [step.id]})
        return buttons

    def action_edit_playbook_field(self, name):
        """Open the dialog that fills the key fields of the deal's step, this one first."""
        self.ensure_one()
        step = self.playbook_id.sudo().step_ids.filtered(  # the guide is for its readers
            lambda row: row.stage_id == self.stage_id)
        return {
            "type": "ir.actions.client", "tag": "sales_automation.playbook_fields",
            "target": "new", "name": self.env._("Key Fields"),
            "params": {"lead_id": self.id, "fields": [
                shown for shown in dict.fromkeys([name, *step._shown_fields()])
                if self._is_small_field(shown)]},
        }
