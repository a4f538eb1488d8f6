"""Sharing work out among chosen people, and the company's rule about orders (SA-9)."""

from odoo import fields
from odoo.exceptions import ValidationError

from .common_handover import HandoverCase


class TestShare(HandoverCase):
    """Work that goes to several people, in and out of their teams."""

    def test_shared_among_chosen_people(self):  # SA-9: whatever the team, by room
        """Fay holds 2 deals of 10, Ines none of 20: Ines has more room until she has 4."""
        members = self.env["crm.team.member"]
        for user, capacity in ((self.fay, 10), (self.ines, 20)):
            members.search([("user_id", "=", user.id)]).assignment_max = capacity
        self._create_deals(2, user_id=self.fay.id, team_id=self.team_field.id)
        both = self.customers[0]
        mine = self._create_deals(6, user_id=self.lena.id)
        field = self._create_deals(2, user_id=self.lena.id, team_id=self.team_field.id,
                                   partner_id=both.id)
        mine[0].partner_id = both
        handover = self._prepare(
            distribution="share", share_user_ids=[fields.Command.set((self.fay | self.ines).ids)])
        handover.action_run()
        self.assertEqual(
            [len((mine | field).filtered(lambda deal, user=user: deal.user_id == user))
             for user in (self.fay, self.ines)], [1, 7])
        self.assertEqual(len((mine[0] | field).user_id), 1, "a customer stays with one person")
        handover.action_undo()
        self.assertEqual((mine | field).user_id, self.lena)

    def test_shared_among_nobody_or_with_oneself(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        with self.assertRaises(ValidationError):
            self._prepare(
                distribution="share", share_user_ids=[fields.Command.set(self.lena.ids)])
        nobody = self._prepare(distribution="share", to_user_id=False)
        self.assertTrue(nobody.line_ids.to_user_id, "whoever leads them, as without members")

    def test_confirmed_orders_by_the_companys_rule(self):  # SA-9
        self.deals = self._create_deals(18, user_id=self.lena.id)
        order = self._create_quotes(1)
        order.write({"state": "sale"})
        self.lena.company_id.sales_leaver_orders = True
        self.lena.active = False
        self.assertTrue(order.user_id.active)
        self.assertNotEqual(order.user_id, self.lena)
