from odoo import api, fields, models


class NurtureIdentity(models.Model):
    """One row says that a record or a former address is a certain person.

    For records (`res_id`) the value is the address or number by which it was joined, so that a
    later change is noticed. Rows without record are former addresses of the person: mail that was
    sent there still counts for him.
    """

    _name = "nurture.identity"
    _description = "Identity of a person"
    _log_access = False
    _order = "id"

    person_id = fields.Many2one(
        "nurture.person", "Person", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        lambda self: [*self._identity_kinds().items()], required=True, readonly=True
    )
    value = fields.Char("Address", readonly=True, help="E-mail address or phone number.")
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    res_model = fields.Char(compute="_compute_res_model")
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    seen_at = fields.Datetime("Since", readonly=True)

    _record_uniq = models.UniqueIndex("(kind, res_id) WHERE res_id IS NOT NULL")
    _value_uniq = models.UniqueIndex(
        "(value, kind, COALESCE(company_id, 0)) WHERE res_id IS NULL AND value IS NOT NULL"
    )

    @api.model
    def _identity_kinds(self):
        """Registry: what a person may be known as. A kind with records has an entry in
        `_record_models` and a `_query_source_<kind>` on nurture.join."""
        return {
            "lead": self.env._("Lead"),
            "partner": self.env._("Contact"),
            "email": self.env._("Former e-mail address"),
            "phone": self.env._("Former phone number"),
        }

    @api.model
    def _record_models(self):
        return {"lead": "crm.lead", "partner": "res.partner"}

    @api.depends("kind")
    def _compute_res_model(self):
        known = self._record_models()
        for identity in self:
            identity.res_model = known.get(identity.kind, False)

    @api.depends("kind", "value", "res_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for identity in self:
            identity.display_name = f"{labels.get(identity.kind)}: {identity.value}"
