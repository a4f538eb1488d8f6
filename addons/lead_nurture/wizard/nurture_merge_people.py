from odoo import api, fields, models
from odoo.exceptions import UserError


class NurtureMergePeople(models.TransientModel):
    """One question: which of these people are the same human, and as whom do they go on?"""

    _name = "nurture.merge.people"
    _description = "Merge people"

    person_id = fields.Many2one("nurture.person", help="From whose form it was asked, if any.")
    other_ids = fields.Many2many("nurture.person", string="The same human")
    person_ids = fields.Many2many("nurture.person", string="People", compute="_compute_people")
    company_id = fields.Many2one("res.company", compute="_compute_people")
    survivor_id = fields.Many2one(
        "nurture.person", "Who stays", compute="_compute_survivor_id", store=True,
        readonly=False, domain="[('id', 'in', person_ids)]",
        help="Keeps name and address. The addresses of the others lead here from now on.",
    )
    survivor_why = fields.Char(compute="_compute_words")
    unlike = fields.Char(compute="_compute_words")
    suggested_count = fields.Integer(readonly=True)

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        if self.env.context.get("active_model") == "nurture.person":
            chosen = self.env["nurture.person"].browse(self.env.context.get("active_ids", []))
            asked = chosen if len(chosen) == 1 else chosen.browse()
            others = asked._probable_doubles() if asked else chosen
            values.update(
                person_id=asked.id,
                other_ids=[fields.Command.set(others.ids)],
                suggested_count=len(others) if asked else 0,
            )
        return values

    @api.depends("person_id", "other_ids")
    def _compute_people(self):
        for wizard in self:
            wizard.person_ids = (wizard.person_id | wizard.other_ids)._origin
            wizard.company_id = wizard.person_ids[:1].company_id

    @api.depends("person_ids")
    def _compute_survivor_id(self):
        for wizard in self:
            wizard.survivor_id = wizard._suggested_survivor()

    def _suggested_survivor(self):
        """Whoever is a contact, else has an address, else is known longest."""
        return self.person_ids._origin.sorted(
            lambda person: (not person.partner_id, not person.email_normalized, person.id)
        )[:1]

    @api.depends("person_ids", "survivor_id")
    def _compute_words(self):
        """Why it is suggested that this one stays, and what speaks against the merge."""
        for wizard in self:
            people, stays = wizard.person_ids._origin, wizard.survivor_id._origin
            wizard.survivor_why = wizard.unlike = False
            if len(people) > 1 and stays == wizard._suggested_survivor():
                wizard.survivor_why = wizard._told_why(stays, people)
            if stays:
                wizard.unlike = ", ".join(stays._unlike(people).mapped("name"))

    def _told_why(self, stays, people):
        if stays.partner_id and not all(person.partner_id for person in people):
            return self.env._("Suggested: %s is a contact.", stays.name)
        if stays.email_normalized and not all(person.email_normalized for person in people):
            return self.env._("Suggested: %s has an e-mail address.", stays.name)
        return self.env._("Suggested: %s is known longest.", stays.name)

    def action_merge(self):
        self.ensure_one()
        merges = self.env["nurture.merge"]
        merges._check_user()
        self.person_ids.check_access("read")
        if len(self.person_ids) < 2:
            raise UserError(
                self.env._("Choose with whom to merge.")
                if self.person_id else self.env._("Choose at least two people.")
            )  # fmt: skip
        if self.survivor_id not in self.person_ids:
            raise UserError(self.env._("The person who stays must be one of those merged."))
        for person in (self.person_ids - self.survivor_id).sudo():  # sudo: checked above
            merges.sudo()._merge(self.survivor_id.sudo(), person, "manual")  # sudo: checked above
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.person",
            "res_id": self.survivor_id.id,
            "view_mode": "form",
        }
