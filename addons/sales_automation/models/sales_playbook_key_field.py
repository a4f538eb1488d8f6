from odoo import api, fields, models

# Written by core or by the system, or meaningless to a salesperson.
NEVER_KEY = frozenset({
    "stage_id", "team_id", "active", "type", "probability", "automated_probability", "company_id",
    "date_open", "date_closed", "date_last_stage_update", "date_conversion", "won_status", "color",
    "message_bounce", "lead_properties", "sales_outcome", "day_open", "day_close", "lang_id"})
KEY_TYPES = frozenset({
    "char", "text", "html", "integer", "float", "monetary", "date", "datetime", "boolean",
    "selection", "many2one", "many2many"})


class SalesPlaybookKeyField(models.Model):
    """One row per field of the deal that the guide of a step shows."""

    _name = "sales.playbook.key.field"
    _description = "Playbook Key Field"
    _order = "sequence, id"

    step_id = fields.Many2one(
        "sales.playbook.step", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    field_name = fields.Selection(
        selection="_selection_field_name", string="Field", required=True)
    company_id = fields.Many2one(related="step_id.company_id", store=True)

    _field_uniq = models.UniqueIndex(
        "(step_id, field_name)", "The field is already one of the key fields of this step.")

    @api.model
    def _selection_field_name(self):
        """Return the fields of a deal that a salesperson can fill, by their labels."""
        lead_fields = self.env["crm.lead"]._fields
        labels = {
            name: field._description_string(self.env)
            for name, field in lead_fields.items() if self._can_be_key(name)}
        twins = [label for label in labels.values() if list(labels.values()).count(label) > 1]
        return sorted((
            (name, f"{label} ({name})" if label in twins else label)
            for name, label in labels.items()), key=lambda row: row[1].lower())

    @api.model
    def _can_be_key(self, name):
        """Tell whether people can fill the field: else a criterion on it would lock them out."""
        field = self.env["crm.lead"]._fields.get(name)
        return bool(
            field and field.type in KEY_TYPES and field.store and not field.readonly
            and name not in NEVER_KEY and name not in models.MAGIC_COLUMNS
            and not name.startswith(("message_", "activity_", "website_message"))
            and not field.groups)
