from odoo.tests import new_test_user, tagged

from .common import CareCommon


@tagged("post_install", "-at_install")
class TestPrinted(CareCommon):
    """The care record on paper says what the screen says, no more than its reader may see."""

    def _print(self, care, user):
        report = self.env["ir.actions.report"].with_user(user)
        html, _kind = report._render_qweb_html("customer_care.report_care_record", care.ids)
        return html.decode()

    def test_paper_says_what_the_screen_says(self):  # CC-1
        user = new_test_user(
            self.env, "printer", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        buyer = self._create_customer("Paper & Sons")
        self._buy(buyer, 100, 70, 40)
        self._count(buyer)
        care = self._care(buyer)
        page = self._print(care, user)
        self.assertIn("Paper &amp; Sons", page)
        self.assertIn("300.00", page)
        self.assertIn(care.with_user(user).story.replace("’", "&#39;")[:40], page)
        self.assertEqual(page.count("Customer Invoice"), 3)
