"""Customers beside modules that customer_care does not depend on: the till, the cost of sales."""
import pytest

TILL_AND_MARGIN = """
from datetime import date, datetime
from odoo.addons.customer_care.models.care_purchases import Scope

company = env.company
buyer = env["res.partner"].create({"name": "Buyer"})
beans = env["product.product"].create({
    "name": "Beans", "standard_price": 6, "list_price": 10, "taxes_id": False,
    "invoice_policy": "order"})
config = env["pos.config"].search([], limit=1) or env["pos.config"].create({"name": "Till"})
session = env["pos.session"].create({"config_id": config.id, "user_id": 2})
stream, scope, told = env["care.purchases"], Scope(ids=(buyer.id,)), []

def ring(day, qty, taken_back=None):
    money = 10 * qty
    line = {"product_id": beans.id, "qty": qty, "price_unit": 10, "price_subtotal": money,
            "price_subtotal_incl": money, "tax_ids": False, "total_cost": 6 * qty,
            "is_total_cost_computed": True,
            "refunded_orderline_id": taken_back.lines.id if taken_back else False}
    return env["pos.order"].create({
        "company_id": company.id, "session_id": session.id, "partner_id": buyer.id,
        "date_order": datetime(2026, *day, 10), "amount_tax": 0, "amount_total": money,
        "amount_paid": money, "amount_return": 0, "state": "paid", "lines": [(0, 0, line)]})

def tell(query, *columns):
    env.flush_all()
    for row in sorted(env.execute_query(getattr(stream, query)(company, scope)), key=str):
        told.append(" ".join(f"{row[c]:%d.%m}" if isinstance(row[c], date) else f"{row[c]:g}"
                             for c in columns))

kept = ring((1, 5), 10)
ring((2, 9), -3, ring((2, 5), 3))
ring((3, 1), -4, kept)
order = env["sale.order"].create({"partner_id": buyer.id, "order_line": [(0, 0, {
    "product_id": beans.id, "product_uom_qty": 10, "price_unit": 10, "tax_ids": False})]})
order.action_confirm()
invoice = order._create_invoices()
invoice.invoice_date = date(2026, 4, 1)
invoice.action_post()
note = invoice._reverse_moves([{"invoice_date": date(2026, 5, 1)}])
note.invoice_line_ids.quantity = 5
note.action_post()

tell("_query_purchase_days", 1, 2)
tell("_query_turnover", 1, 2)
tell("_query_product_days", 2, 3, 4)
company.care_value_basis = "margin"
env["care.dirty"].search([]).unlink()
env["care.customer"]._meet_till(datetime(2026, 6, 30), days=400)
told.append(f"marked {env['care.dirty'].search_count([('partner_ref', '=', buyer.id)])}")
env["care.figures"]._refresh(company, scope)
care = env["care.customer"].search([("partner_id", "=", buyer.id)])
told.append(f"{care.revenue_net:g} {care.margin_net:g} {care.margin_revenue:g}")
company.care_pos = False
env["care.figures"]._refresh(company, scope)
told.append(f"{care.revenue_net:g} {care.margin_net:g} {care.purchase_days}")
print("RESULT", "; ".join(told))
"""


@pytest.mark.template("core")
def test_the_till_and_the_margin(company):  # CC-9
    """Ten bags at the till, four of them brought back; three sold and all brought back; ten on an
    invoice, half of them credited. A bag costs 6 and sells for 10."""
    company.install(["customer_care", "point_of_sale", "sale_margin"], "customer-sources")
    assert company.run_script(TILL_AND_MARGIN).split("; ") == [
        "05.01 60", "01.04 50",
        "05.01 100", "05.02 30", "09.02 -30", "01.03 -40", "01.04 100", "01.05 -50",
        "05.01 6 60", "01.04 5 50",
        "marked 1",
        "110 44 110",
        "50 20 1",
    ]
