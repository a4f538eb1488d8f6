"""Goods at customers where stock is kept: the delivered count, the returned do not."""
import pytest

DELIVERED_AND_RETURNED = """
from odoo import Command
from odoo.addons.customer_care.models.care_purchases import Scope

company = env.company
owner = env["res.partner"].create({"name": "Owner", "is_company": True})
site = env["res.partner"].create({"name": "Elsewhere", "is_company": True})
machine = env["product.product"].create({
    "name": "Machine", "type": "consu", "is_storable": True, "tracking": "serial",
    "list_price": 900, "invoice_policy": "order", "taxes_id": False,
    "care_warranty_months": 24, "care_service_months": 6})
stock = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1).lot_stock_id
lots = env["stock.lot"].create([
    {"name": name, "product_id": machine.id, "company_id": company.id} for name in ("A1", "A2")])
for lot in lots:
    env["stock.quant"]._update_available_quantity(machine, stock, 1, lot_id=lot)
order = env["sale.order"].create({
    "partner_id": owner.id, "partner_shipping_id": site.id,
    "order_line": [Command.create({"product_id": machine.id, "product_uom_qty": 2})]})
order.action_confirm()
invoice = order._create_invoices()
invoice.action_post()

def tell():
    scope = Scope(ids=(owner.id, site.id))
    env["care.product.history"]._refresh(company, scope)
    env["care.item"]._refresh(company, scope, company._care_today())
    items = env["care.item"].search([("product_id", "=", machine.id)], order="lot_name")
    return " ".join(f"{i.partner_id.name}:{i.lot_name}:{i.state}" for i in items) or "none"

told = [tell()]
delivery = order.picking_ids
delivery.move_ids.picked = True
delivery._action_done()
told.append(tell())
item = env["care.item"].search([("lot_name", "=", "A1")])
told.append(str((item.warranty_end.year - item.delivered_on.year)) + " years")
wizard = env["stock.return.picking"].with_context(
    active_id=delivery.id, active_model="stock.picking").create({"picking_id": delivery.id})
wizard.product_return_moves.quantity = 1
back = env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
back.move_line_ids.unlink()
env["stock.move.line"].create({
    "move_id": back.move_ids.id, "picking_id": back.id, "product_id": machine.id,
    "lot_id": lots[1].id, "quantity": 1, "company_id": company.id,
    "location_id": back.location_id.id, "location_dest_id": back.location_dest_id.id})
back.move_ids.picked = True
back._action_done()
told.append(tell())
print("RESULT", "; ".join(told))
"""


@pytest.mark.template("core")
def test_delivered_and_returned(company):  # CC-15
    """Two machines ordered and invoiced are nobody's until they are delivered; they belong to who
    ordered them, wherever they were sent; one of them comes back."""
    company.install(["customer_care", "sale_stock"], "customer-items")
    assert company.run_script(DELIVERED_AND_RETURNED).split("; ") == [
        "none",
        "Owner:A1:active Owner:A2:active",
        "2 years",
        "Owner:A1:active Owner:A2:returned",
    ]
