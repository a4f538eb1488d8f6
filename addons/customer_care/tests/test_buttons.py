from lxml import etree
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import CareCommon


@tagged("post_install", "-at_install")
class TestButtons(CareCommon):
    """The client gives every button the records it stands on, also those that need none."""

    def test_buttons_above_lists(self):  # CC-1
        views = self.env["ir.ui.view"].search([
            ("type", "=", "list"), ("model", "=like", "care.%"), ("inherit_id", "=", False)])
        pressed = [
            (view.model, button.get("name")) for view in views
            for button in etree.fromstring(view.arch_db).iterfind("header/button[@type='object']")
        ]
        self.assertGreater(len(pressed), 5)
        manager = self.env(user=self.env.ref("base.user_admin"), su=False)
        for model, name in pressed:
            with self.subTest(model=model, name=name):
                call_kw(manager[model], name, [[]], {})
