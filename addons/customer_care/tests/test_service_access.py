"""Who sees and does what of the service."""
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestServiceAccess(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user = cls._create_portal_user("service_writer")

    def test_a_customer_reads_none_of_our_words_on_his_documents(self):  # CC-18, CC-17, ALL-4
        order = self.env["sale.order"].sudo().create({
            "partner_id": self.writer.id, "company_id": self.company.id, "state": "sent"})
        order.message_subscribe(self.writer.ids)
        his = order.with_user(self.portal_user).sudo(False)
        self.assertEqual(his.state, "sent")
        with self.assertRaises(AccessError):
            his.read(["care_warning"])
        with self.assertRaises(AccessError):
            his.read(["order_line", "care_warning"])

    def test_nor_what_was_heard_of_a_product(self):  # CC-17, ALL-4
        """Shops of other apps let customers read products."""
        env = self.env(user=self.portal_user, su=False)
        opened = [
            (model, name) for model in ("product.template", "product.product")
            for name in ("care_owner_id", "care_voice_count", "care_voice_rate",
                         "care_alert_count")
            if env[model]._has_field_access(env[model]._fields[name], "read")]
        self.assertEqual(opened, [])

    def test_who_does_not_call_back_cannot_take_what_nobody_has(self):  # CC-8, ALL-4
        seller = self._create_user("service_seller", "sales_team.group_sale_salesman")
        self.writer.user_id = seller
        answer = self.env["care.feedback"].sudo()._record({
            "metric": "nps", "value": 2, "partner_id": self.writer.id,
            "company_id": self.company.id, "responded_at": fields.Datetime.now()})
        his = answer.with_user(seller).sudo(False)
        answer.follow_user_id = False
        for action in (his.action_follow_take, his.action_follow_done):
            with self.assertRaises(AccessError):
                action()
        self.assertFalse(answer.follow_user_id)
        answer.follow_user_id = seller
        self.assertTrue(his.action_follow_done())

    def test_a_salesperson_reads_contacts_of_his_customers_cases_only(self):  # CC-3, ALL-4
        seller = self._create_user("contact_seller", "sales_team.group_sale_salesman")
        colleague = self._create_user("contact_colleague", "sales_team.group_sale_salesman")
        self.writer.user_id = colleague
        case = self._open_case()
        self.env["care.case.escalation"].sudo().create({
            "case_id": case.id, "promise": "reply", "state": "told",
            "reached_at": fields.Datetime.now()})
        for model in ("care.case.contact", "care.case.escalation"):
            of_case = [("case_id", "=", case.id)]
            self.assertTrue(self.env[model].with_user(colleague).search(of_case), model)
            self.assertFalse(self.env[model].with_user(seller).search(of_case), model)
            self.assertTrue(self.env[model].with_user(self.agent).search(of_case), model)
