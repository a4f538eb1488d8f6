from datetime import date, timedelta

from odoo import Command
from odoo.tests import tagged

from .common import NOW
from .common_reminder import ReminderCommon


@tagged("post_install", "-at_install")
class TestItemStock(ReminderCommon):
    """Where stock is kept, what was delivered counts, with its serial number; else the invoice.

    Runs with stock in the database; without it the purchase is what tells of goods, and that is
    what is asserted then.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.has_stock = "stock.move" in cls.env
        cls.machine = cls.env["product.product"].create({
            "name": "Machine", "type": "consu", "care_warranty_months": 24,
            **({"is_storable": True, "tracking": "serial"} if cls.has_stock else {})})
        cls.items = cls.env["care.item"].sudo()

    def _items_of(self, partner):
        return self.items.search([("partner_id", "=", partner.id)], order="lot_name")

    def _move(self, partner, serials, on, takes_back=None):
        """Goods to the customer, or back: done on a day, one line per serial number."""
        stock = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1).lot_stock_id
        there = self.env.ref("stock.stock_location_customers")
        src, dst = (there, stock) if takes_back else (stock, there)
        move = self.env["stock.move"].create({
            "product_id": self.machine.id, "product_uom_qty": len(serials),
            "location_id": src.id, "location_dest_id": dst.id, "company_id": self.company.id,
            "partner_id": partner.id, "origin_returned_move_id": takes_back and takes_back.id,
            "move_line_ids": [Command.create({
                "product_id": self.machine.id, "lot_id": self._lot(serial).id, "quantity": 1,
                "location_id": src.id, "location_dest_id": dst.id,
                "company_id": self.company.id}) for serial in serials]})
        move.picked = True
        move._action_done()
        move.date = f"{on} 10:00:00"
        return move

    def _lot(self, serial):
        lots = self.env["stock.lot"]
        known = {"name": serial, "product_id": self.machine.id, "company_id": self.company.id}
        return lots.search([(key, "=", value) for key, value in known.items()]) or lots.create(
            known)

    def test_delivered_goods(self):  # CC-15
        owner = self._create_customer("Owner")
        if not self.has_stock:
            self._buy_product(owner, self.machine, (20, 1))
            self._night()
            self.assertEqual(self._items_of(owner).delivered_on, date(2026, 6, 10))
            return
        contact = self._create_customer("Owner's warehouse", parent_id=owner.id, type="delivery")
        delivery = self._move(contact, ["A1", "A2"], date(2026, 6, 10))
        self._buy_product(owner, self.machine, (20, 2))  # invoiced too: not counted twice
        self._night()
        items = self._items_of(owner)
        self.assertEqual(items.mapped("lot_name"), ["A1", "A2"])
        self.assertEqual(items.mapped("warranty_end"), [date(2028, 6, 10)] * 2)
        self._move(contact, ["A2"], date(2026, 7, 1), takes_back=delivery)
        self._night(NOW + timedelta(days=2))
        self.assertEqual(items.mapped("state"), ["active", "returned"])
