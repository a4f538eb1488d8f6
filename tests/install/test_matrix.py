"""Each addon alone, each pair, all three; uninstalled and installed again; upgraded (ALL-2)."""
import itertools

import pytest

from devkit import databases

ADDONS = databases.addons()
GROUPS = [
    group for size in (2, 3) for group in itertools.combinations(ADDONS, size)
]  # fmt: skip
SCHEMA = """
    SELECT table_name, column_name, data_type, is_nullable
      FROM information_schema.columns
     WHERE table_schema = 'public'
     ORDER BY 1, 2
"""
INDEXES = "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
LEFTOVERS = """
    SELECT 'ir.model.data: ' || module || '.' || name FROM ir_model_data WHERE module IN {ours}
    UNION ALL
    SELECT 'ir.config_parameter: ' || key FROM ir_config_parameter
     WHERE split_part(key, '.', 1) IN {ours}
"""
BUSINESS = """
partner = env['res.partner'].create({'name': 'Hoa Binh Roastery', 'email': 'hoa@roastery.example'})
lead = env['crm.lead'].create({
    'name': 'Grinder', 'partner_id': partner.id, 'type': 'opportunity', 'expected_revenue': 900})
lead.action_set_won()
lost = env['crm.lead'].create({'name': 'Too early', 'email_from': 'x@roastery.example'})
lost.action_set_lost(lost_reason_id=env['crm.lost.reason'].search([], limit=1).id)
product = env['product.product'].create({'name': 'Grinder', 'list_price': 900, 'type': 'consu'})
order = env['sale.order'].create({
    'partner_id': partner.id, 'order_line': [(0, 0, {'product_id': product.id})]})
order.action_confirm()
invoice = order._create_invoices() if product.invoice_policy == 'order' else env['account.move']
if not invoice:
    order.order_line.qty_delivered = 1
    invoice = order._create_invoices()
invoice.action_post()
env.cr.commit()
print('RESULT', partner.id)
"""
FACTS = """
import json
domain = [('active', 'in', [True, False])]
leads = env['crm.lead'].search(domain, order='id')
print('RESULT', json.dumps([
    leads.mapped('name'), leads.mapped('won_status'), leads.mapped('lost_reason_id.name'),
    env['res.partner'].with_context(active_test=False).search_count([]),
    env['sale.order'].search([]).mapped('state'),
    env['account.move'].search([]).mapped('amount_total'),
    env['mail.message'].search_count([('model', '=', 'crm.lead')]) > 0,
]))
"""


@pytest.mark.template("base")
@pytest.mark.parametrize("addon", ADDONS)
def test_alone_its_own_dependencies_suffice(company, addon):  # ALL-2
    company.install([addon], f"install-{addon}")
    installed = dict(company.query("SELECT name, state FROM ir_module_module"))
    assert installed[addon] == "installed"
    assert all(installed[other] != "installed" for other in ADDONS if other != addon)


@pytest.mark.template("core")
@pytest.mark.parametrize("group", GROUPS, ids="+".join)
def test_together(company, group):  # ALL-2
    company.install(group, f"install-{'-'.join(group)}")
    company.upgrade(group, f"upgrade-{'-'.join(group)}")


@pytest.mark.template("core")
@pytest.mark.parametrize("addon", ADDONS)
def test_joins_the_others_later(company, addon):  # ALL-2: adopted one by one, in any order
    company.install([addon], f"first-{addon}")
    company.install([other for other in ADDONS if other != addon], f"then-{addon}")


@pytest.mark.template("core")
def test_comes_goes_and_comes_again(company):  # ALL-2
    schema, indexes = company.query(SCHEMA), company.query(INDEXES)
    company.install(ADDONS, "install-all")
    company.run_script(BUSINESS)
    facts = company.run_script(FACTS)

    company.uninstall(ADDONS, "uninstall-all")
    assert company.run_script(FACTS) == facts, "core data changed by uninstalling"
    ours = "(" + ", ".join(f"'{addon}'" for addon in ADDONS) + ")"
    assert company.query(LEFTOVERS.format(ours=ours)) == []
    assert company.query(SCHEMA) == schema
    assert company.query(INDEXES) == indexes

    company.install(ADDONS, "install-again")
    assert company.run_script(FACTS) == facts
