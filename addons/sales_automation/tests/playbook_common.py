"""A playbook of the field team: what has to be known before an offer is made."""

from odoo import fields
from odoo.addons.sales_automation.tests.common import SalesDeskCase

Command = fields.Command


class PlaybookCase(SalesDeskCase):
    """Fresh → Talks → Offer → Sold; the gate of "Fresh" asks for a closing date and two boxes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage_talks = cls.env["crm.stage"].create({"name": "Talks", "sequence": 20})
        cls.playbook = cls._create_playbook()
        cls.step_new, cls.step_talks = cls.playbook.step_ids.sorted("stage_sequence")
        cls.box_budget, cls.box_people = cls.step_new.item_ids

    @classmethod
    def _create_playbook(cls, **kw):
        return cls.env["sales.playbook"].create({
            "name": "Machines", "enforcement": "block", "is_new_practice": True,
            "team_ids": [Command.set(cls.team_inside.ids)],
            "step_ids": [
                Command.create({
                    "stage_id": cls.stage_new.id, "goal": "We know what it is about",
                    "item_ids": [
                        Command.create({"name": "Asked for the budget"}),
                        Command.create({"name": "Asked who decides"})],
                    "criterion_ids": [
                        Command.create({"kind": "field", "field_name": "date_deadline"}),
                        Command.create({"kind": "checklist"})],
                }),
                Command.create({
                    "stage_id": cls.stage_talks.id,
                    "criterion_ids": [
                        Command.create({"kind": "field", "field_name": "partner_id"})],
                }),
            ], **kw})

    def _ready(self, deals, user=None):
        """Do on the deals what the first gate asks."""
        deals = deals.with_user(user or self.ines)
        deals.write({"date_deadline": "2026-06-30"})
        for box in (self.box_budget, self.box_people):
            deals.playbook_tick(box.id, checked=True)
        return deals

    def _exceptions(self, deals):
        return self.env["sales.playbook.override"].search([("lead_id", "in", deals.ids)])
