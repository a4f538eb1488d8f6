"""The cast of the voice of the customer: a machine that is sold, its owner, buyers who speak."""
from odoo import Command

from .common import NOW, days_ago
from .common_case import CaseCommon

LOT = "L1"


class VoiceCommon(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.has_stock = "stock.move" in cls.env
        cls.owner = cls._create_user("product_owner", "base.group_user")
        # Where purchasing is installed its users are told; elsewhere the settings name them.
        purchasing = "purchase.group_purchase_user"
        if cls.env.ref(purchasing, raise_if_not_found=False):
            cls.buyer_of_goods = cls._create_user("goods_buyer", purchasing)
        else:
            cls.buyer_of_goods = cls._create_user("goods_buyer", "base.group_user")
            cls.company.care_alert_user_ids = cls.buyer_of_goods
        cls.seller = cls._create_user("machine_seller", "sales_team.group_sale_salesman")
        cls.machine = cls._create_machine("Machine")
        cls.voices = cls.env["care.voice"].sudo()
        cls.alerts = cls.env["care.alert"].sudo()
        cls.env["care.night"].sudo().search([]).unlink()

    @classmethod
    def _create_machine(cls, name, **values):
        stored = {"is_storable": True, "tracking": "lot"} if cls.has_stock else {}
        return cls.env["product.product"].create({
            "name": name, "type": "consu", "care_owner_id": cls.owner.id, **stored, **values})

    @classmethod
    def _sell(cls, partner, product, ago, quantity=1, lot=LOT):
        """Invoiced and, where stock is kept, delivered."""
        move = cls._create_invoice_one_line(
            product_id=product, quantity=quantity, price_unit=10, tax_ids=[],
            partner_id=partner.id, invoice_date=days_ago(ago), post=True)
        if cls.has_stock:
            cls._deliver(partner, product, ago, quantity, lot)
        return move

    @classmethod
    def _deliver(cls, partner, product, ago, quantity, lot, takes_back=None):
        lots = cls.env["stock.lot"]
        known = {"name": lot, "product_id": product.id, "company_id": cls.company.id}
        lot = lots.search([(k, "=", v) for k, v in known.items()]) or lots.create(known)
        stock = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1).lot_stock_id
        there = cls.env.ref("stock.stock_location_customers")
        src, dst = (there, stock) if takes_back else (stock, there)
        move = cls.env["stock.move"].create({
            "product_id": product.id, "product_uom_qty": quantity, "location_id": src.id,
            "location_dest_id": dst.id, "company_id": cls.company.id, "partner_id": partner.id,
            "origin_returned_move_id": takes_back and takes_back.id,
            "move_line_ids": [Command.create({
                "product_id": product.id, "lot_id": lot.id, "quantity": quantity,
                "location_id": src.id, "location_dest_id": dst.id,
                "company_id": cls.company.id})]})
        move.picked = True
        move._action_done()
        move.date = f"{days_ago(ago)} 10:00:00"
        return move

    @classmethod
    def _complain(cls, ago=0, text="It leaks", partner=None, **values):
        return cls._open_case(partner, **{
            "name": text, "kind": "complaint", "product_id": cls.machine.id, "lot_name": LOT,
            "opened_at": f"{days_ago(ago)} 08:00:00", **values})

    def _night_of_voices(self, *more, company=None):
        self.env["care.night"].sudo()._run_steps(
            company or self.company, NOW, "products", "product_month", "voices", "alerts", *more)
        self.env.invalidate_all()

    def _said_in(self, case):
        return self.voices.with_context(active_test=False).search([("case_id", "=", case.id)])
