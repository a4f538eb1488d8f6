"""What every run of the addons' own tests needs."""
import pytest


def pytest_collection_modifyitems(config, items):
    """What we add to a module that may be absent is told where it is installed (tests/install)."""
    wanting = [item for item in items if getattr(item.cls, "needs_module", None)]
    if not wanting:
        return
    import odoo

    installed = odoo.modules.registry.Registry(odoo.tests.common.get_db_name())._init_modules
    absent = [item for item in wanting if item.cls.needs_module not in installed]
    config.hook.pytest_deselected(items=absent)
    items[:] = [item for item in items if item not in absent]


@pytest.fixture(scope="session", autouse=True)
def browser_bundles(request, load_registry):
    """The first page would take longer to build its bundles than a browser test waits."""
    import odoo
    from odoo.tests import HttpCase

    if not any(issubclass(item.cls, HttpCase) for item in request.session.items if item.cls):
        return
    registry = odoo.modules.registry.Registry(odoo.tests.common.get_db_name())
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        env["ir.qweb"]._pregenerate_assets_bundles()
