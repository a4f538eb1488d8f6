from odoo import api, fields, models
from odoo.exceptions import UserError


class NurtureMergePeople(models.TransientModel):
    """One question: which of these people are the same human, and as whom do they go on?"""

    _name = "nurture.merge.people"
    _description = "Merge people"

    person_ids = fields.Many2many("nurture.person", string="The same human")
    survivor_id = fields.Many2one(
        "nurture.person", "Goes on as", compute="_compute_survivor_id", store=True,
        readonly=False, domain="[('id', 'in', person_ids)]",
        help="Keeps name and address. The addresses of the others lead here from now on.",
    )
    suggested_count = fields.Integer(readonly=True)

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        if self.env.context.get("active_model") == "nurture.person":
            chosen = self.env["nurture.person"].browse(self.env.context.get("active_ids", []))
            doubles = chosen._probable_doubles() if len(chosen) == 1 else chosen.browse()
            values.update(
                person_ids=[fields.Command.set((chosen | doubles).ids)],
                suggested_count=len(doubles),
            )
        return values

    @api.depends("person_ids")
    def _compute_survivor_id(self):
        """Whoever is a contact, else has an address, else is known longest."""
        for wizard in self:
            people = wizard.person_ids._origin
            if wizard.survivor_id not in people:
                wizard.survivor_id = people.sorted(
                    lambda p: (not p.partner_id, not p.email_normalized, p.id)
                )[:1]

    def action_merge(self):
        self.ensure_one()
        merges = self.env["nurture.merge"]
        merges._check_user()
        self.person_ids.check_access("read")
        if len(self.person_ids) < 2:
            raise UserError(self.env._("Choose at least two people."))
        if self.survivor_id not in self.person_ids:
            raise UserError(self.env._("The person to go on as must be one of the list."))
        for person in (self.person_ids - self.survivor_id).sudo():  # sudo: checked above
            merges.sudo()._merge(self.survivor_id.sudo(), person, "manual")  # sudo: checked above
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.person",
            "res_id": self.survivor_id.id,
            "view_mode": "form",
        }
