"""Browser tests need their bundles built first: the first page would take longer than they wait."""
import pytest


@pytest.fixture(scope="session", autouse=True)
def browser_bundles(request, load_registry):
    import odoo
    from odoo.tests import HttpCase

    if not any(issubclass(item.cls, HttpCase) for item in request.session.items if item.cls):
        return
    registry = odoo.modules.registry.Registry(odoo.tests.common.get_db_name())
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        env["ir.qweb"]._pregenerate_assets_bundles()
