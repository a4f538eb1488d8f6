import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.exceptions import UserError, ValidationError

TYPES = (
    "char", "text", "integer", "float", "monetary", "boolean", "selection", "date", "datetime",
    "many2one",
)  # fmt: skip
# who may see a lead, whether it is alive, and what other steps are for
NOT_HERE = {
    "active", "company_id", "type", "stage_id", "user_id", "team_id", "lost_reason_id",
    "email_from", "probability", "automated_probability", "won_status",
}  # fmt: skip
DAYS = re.compile(r"[+-]\d{1,4}")


class NurtureNode(models.Model):
    """The step that writes one field of the lead, with the rights of the scenario's owner."""

    _inherit = "nurture.node"

    update_field = fields.Selection(selection="_selection_update_field", string="Field")
    update_type = fields.Char(compute="_compute_update_type")
    update_relation = fields.Char(compute="_compute_update_relation", store=True)
    update_value = fields.Char(
        "Value",
        help="A text, a number or one of the choices as it is. For a date a day such as "
        "2026-03-31, or +7: so many days after the step. Empty: the field is emptied.",
    )
    update_choices = fields.Char("Choices", compute="_compute_update_type")
    update_res_id = fields.Many2oneReference("Record", model_field="update_relation")
    update_on = fields.Boolean("Switch on", default=True)

    @api.model
    def _update_fields(self):
        """{name: field} of what a step may write on a lead."""
        return {
            name: field
            for name, field in self.env["crm.lead"]._fields.items()
            if field.store and not field.readonly and field.type in TYPES and name not in NOT_HERE
        }

    @api.model
    def _selection_update_field(self):
        """By their labels, as in the form of the lead."""
        told = self.env["crm.lead"].fields_get(sorted(self._update_fields()), ["string"])
        return sorted(((name, said["string"]) for name, said in told.items()), key=lambda f: f[1])

    @api.depends("update_field")
    def _compute_update_relation(self):
        """Stored: whoever reads the record of the step must find its model beside it."""
        known = self._update_fields()
        for node in self:
            field = known.get(node.update_field)
            node.update_relation = field and field.comodel_name

    @api.depends("update_field")
    def _compute_update_type(self):
        known = self._update_fields()
        for node in self:
            field = known.get(node.update_field)
            node.update_type = field and field.type
            node.update_choices = ", ".join(node._update_options().values())

    @api.constrains("kind", "update_field", "update_value", "update_res_id")
    def _check_update(self):
        for node in self.filtered(lambda n: n.kind == "update" and n.update_field):
            if sentence := node._update_problem():
                raise ValidationError(sentence)

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "update": {
                "label": self.env._("Change a field of the lead"),
                "help": self.env._(
                    "Write a value into a field."
                ),
                "icon": "fa-pencil",
                "group": "action",
                "exits": ("next",),
            },
        }

    def _run_node_update(self, enrolments, now):
        leads = enrolments._leads_as_owner()
        value = self._update_value(now)
        as_written = leads._fields[self.update_field].convert_to_write
        # a salesperson's row is only touched where something changes
        leads.filtered(lambda l: as_written(l[self.update_field], l) != value).write(
            {self.update_field: value}
        )
        return dict.fromkeys(enrolments, Outcome.go())

    def _summary_node_update(self):
        if not self.update_field:
            return ""
        return f"{self._update_label()} → {self._update_words()}"

    def _problem_node_update(self):
        if not self.update_field:
            return self.env._("“%s” does not say which field to change.", self.name)
        return self._update_problem()

    # ------------------------------------------------------------
    # THE VALUE
    # ------------------------------------------------------------

    def _update_problem(self):
        """A sentence why this field or this value cannot be written, or False."""
        _ = self.env._
        field = self._update_fields().get(self.update_field)
        if not field:
            return _("“%s”: this field of the lead cannot be changed by a step.", self.name)
        owner, leads = self.scenario_id.user_id, self.scenario_id._as_owner().env["crm.lead"]
        label = self._update_label()
        if not leads.has_access("write") or not leads._has_field_access(field, "write"):
            return _("The owner %(user)s may not change “%(field)s”.", user=owner.name, field=label)
        try:
            value = self._update_value(fields.Datetime.now())
        except (ValueError, UserError):
            return _("“%(value)s” is no value for “%(field)s”.%(choices)s",
                     value=self.update_value or self.update_res_id or "", field=label,
                     choices=self.update_choices and _(" It takes: %s.", self.update_choices))
        if not value and field.required and field.type != "boolean":
            return _("“%s” must not be empty.", label)
        return False

    def _update_value(self, now):
        """What is written, as the ORM takes it; ValueError when it does not fit the field."""
        text = (self.update_value or "").strip()
        field = self._update_fields()[self.update_field]
        if field.type == "boolean":
            return self.update_on
        if field.type == "many2one":
            return self._fitting_record(field)
        if not text:
            return False
        if field.type == "selection":
            return self._fitting_choice(text)
        if field.type in ("date", "datetime"):
            return self._moment(text, field, now)
        if field.type == "integer":
            return int(text)
        if field.type in ("float", "monetary"):
            return float(text)
        return text

    def _update_options(self):
        """{key: words} of a field that takes one of a few values."""
        if self.update_type != "selection":
            return {}
        return dict(self._update_fields()[self.update_field]._description_selection(self.env))

    def _fitting_choice(self, text):
        for node in self._in_languages(self):
            for key, words in node._update_options().items():
                if text.lower() in (key.lower(), words.lower()):
                    return key
        raise ValueError(text)

    @api.model
    def _in_languages(self, records):
        """The records in each language: words are typed in the author's, and read by a job that
        has none."""
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        return [records.with_context(lang=code) for code in codes]

    def _fitting_record(self, field):
        if not self.update_res_id:
            return False
        record = self.scenario_id._as_owner().env[field.comodel_name].browse(self.update_res_id)
        if not record.exists():
            raise ValueError(self.update_res_id)
        company = "company_id" in record._fields and record.company_id
        if company and company != self.company_id:
            raise ValueError(record.display_name)
        return record.id

    def _moment(self, text, field, now):
        if DAYS.fullmatch(text):
            moment = now + timedelta(days=int(text))
            return moment.date() if field.type == "date" else moment
        kind = fields.Date.to_date if field.type == "date" else fields.Datetime.to_datetime
        return kind(text)

    def _update_label(self):
        return dict(self._selection_update_field()).get(self.update_field, self.update_field)

    def _update_words(self):
        """The value as a reader says it."""
        _ = self.env._
        if self.update_type == "boolean":
            return _("Yes") if self.update_on else _("No")
        if self.update_type == "many2one" and self.update_res_id:
            # sudo: its name, as the step shows it to whoever reads the scenario
            record = self.env[self.update_relation].sudo().browse(self.update_res_id)
            return record.exists().display_name or _("empty")
        return self.update_value or _("empty")
