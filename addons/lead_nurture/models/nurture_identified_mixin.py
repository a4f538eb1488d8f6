from odoo import api, fields, models
from odoo.tools import SQL


class NurtureIdentifiedMixin(models.AbstractModel):
    """A lead or contact that belongs to a person.

    Saving one only puts a row into a queue; the person is found by a cron. Models that use this say
    their kind of identity and the fields that tell who it is.
    """

    _name = "nurture.identified.mixin"
    _inherit = ["nurture.scored.mixin"]
    _description = "Record of a person"

    _nurture_kind = None
    _nurture_contact_fields = frozenset()

    nurture_person_id = fields.Many2one(
        "nurture.person",
        "Person",
        compute="_compute_nurture_person_id",
        compute_sudo=True,
        search="_search_nurture_person_id",
        groups="lead_nurture.group_lead_nurture_user",
    )

    @api.depends_context("uid")
    def _compute_nurture_person_id(self):
        person_of = self._nurture_person_ids()
        for record in self:
            record.nurture_person_id = person_of.get(record._origin.id, False)

    def _search_nurture_person_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        persons = self.env["nurture.person"]
        if operator == "any":
            query = persons._search(value)
        else:
            ids = [person_id for person_id in value if person_id]
            if len(ids) < len(list(value)):  # False among them: also those without a person
                return NotImplemented if ids else [("id", "not in", self._query_identified())]
            query = persons.with_context(active_test=False)._search([("id", "in", ids)])
        return [("id", "in", self._query_identified(query))]

    def _query_identified(self, persons=None):
        of_persons = SQL(" AND person_id IN %s", persons.subselect()) if persons else SQL()
        return SQL("(SELECT res_id FROM (%s) link WHERE TRUE%s)",
                   self._query_nurture_links(), of_persons)  # fmt: skip

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        # sudo: whoever may save a record may have it looked at
        self.env["nurture.change"].sudo()._push(self._nurture_kind, records.ids)
        return records

    def write(self, vals):
        result = super().write(vals)
        watched = self.env["nurture.score.rule"]._watched_fields(self._nurture_kind)
        if not vals.keys().isdisjoint(self._nurture_contact_fields | watched):
            self.env["nurture.change"].sudo()._push(self._nurture_kind, self.ids)  # sudo: as above
        return result

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self.env["nurture.change"].sudo()._push(self._nurture_kind, ids)  # sudo: as above
        return result

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_nurture_person(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.person",
            "view_mode": "form",
            "res_id": self.nurture_person_id.id,
        }

    def action_open_nurture_events(self):
        self.ensure_one()
        return self.nurture_person_id.action_open_events()

    def _query_nurture_links(self):
        return SQL(
            """SELECT res_id, person_id FROM nurture_identity
                WHERE kind = %s AND res_id IS NOT NULL""",
            self._nurture_kind,
        )
