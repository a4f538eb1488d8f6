from odoo import models
from odoo.addons.sales_automation.models.sales_playbook_lockout import WHERE_FIELDS
from odoo.exceptions import ValidationError


class SalesPlaybookCriterion(models.Model):
    """A criterion asks for something that people can do."""

    _inherit = "sales.playbook.criterion"

    def _check_possible(self):
        checker = getattr(self, f"_check_possible_{self.kind}", None)
        if checker:
            checker(self.env._("Stage %s, exit criteria", self.step_id.stage_id.name))

    def _check_possible_field(self, where):
        if not self.field_name:
            raise ValidationError(self.env._("%s: choose the field to fill.", where))
        if not self.env["sales.playbook.key.field"]._can_be_key(self.field_name):
            raise ValidationError(self.env._(
                "%(where)s: nobody can fill %(field)s by hand; the system computes it.",
                where=where, field=self.field_name))

    def _check_possible_checklist(self, where):
        if not self.step_id.item_ids:
            raise ValidationError(self.env._(
                "%s: the checklist of this stage has no boxes to tick. Add some or take the "
                "criterion away.", where))
        if self.item_ids - self.step_id.item_ids:
            raise ValidationError(self.env._(
                "%s: choose boxes of the same stage.", where))

    def _check_possible_activity(self, where):
        kind = self.activity_type_id
        if not kind:
            raise ValidationError(self.env._("%s: choose the type of the activity.", where))
        if not kind.active:
            raise ValidationError(self.env._(
                "%(where)s: the activity type %(type)s is archived; nobody can plan one.",
                where=where, type=kind.name))
        if kind.res_model and kind.res_model != "crm.lead":
            raise ValidationError(self.env._(
                "%(where)s: activities of type %(type)s cannot be planned on deals.",
                where=where, type=kind.name))

    def _check_possible_role(self, where):
        if not self.role_id:
            raise ValidationError(self.env._("%s: choose the role of the person.", where))
        if not self.role_id.active:
            raise ValidationError(self.env._(
                "%(where)s: the role %(role)s is archived; nobody can choose it.",
                where=where, role=self.role_id.name))

    def _check_possible_domain(self, where):
        if not self.domain or self.domain.strip() == "[]":
            raise ValidationError(self.env._("%s: set the condition.", where))
        self.step_id.playbook_id._read_domain(self.domain, where, WHERE_FIELDS)
