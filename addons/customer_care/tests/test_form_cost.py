"""Opening a care record asks the database a few small questions, however much there is to show."""
from unittest.mock import patch

from lxml import etree
from odoo.tests import freeze_time, tagged

from .common import NOW, CareCommon

#: Queries of one opened record with empty lists. Each is a quarter of a millisecond; five are
#: allowed.
BUDGET = 14


@tagged("post_install", "-at_install")
class TestFormCost(CareCommon):

    def _form_fields(self, model):
        """What the web client asks of the form's own fields; columns of its lists come apart."""
        arch = etree.fromstring(model.get_view(view_type="form")["arch"])
        return {
            node.get("name"): {} for node in arch.iter("field")
            if not any(parent.tag == "field" for parent in node.iterancestors())}

    def _cost(self, record, specification) -> int:
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        record.web_read(specification)
        return self.env.cr.sql_log_count - before

    def _buyers(self):
        first, second = self._create_customer("First"), self._create_customer("Second")
        for buyer in (first, second):
            self._buy(buyer, 90, 60, 30)
        self._count(first, second)
        with freeze_time(NOW):
            self.env["care.night"].sudo()._run_steps(self.company, NOW, "health")
        return first, second

    def test_a_record_opens_with_few_queries(self):  # P-7
        cares = [self._care(buyer) for buyer in self._buyers()]
        fields = self._form_fields(cares[0])
        self._cost(cares[0], fields)  # warm what a server knows: rights, views, translations
        self.assertLessEqual(self._cost(cares[1], fields), BUDGET)

    def test_a_list_that_holds_something_is_read(self):  # P-7
        """A record opened alone leaves its empty lists alone, and no other."""
        first, second = (self._care(buyer).sudo() for buyer in self._buyers())
        change = first.env["care.status.change"].create({
            "partner_id": first.partner_id.id, "company_id": self.company.id,
            "from_status": "new", "to_status": "active", "changed_on": NOW, "changed_at": NOW})
        for care, held in ((first, change.ids), (second, [])):
            self.env.invalidate_all()
            self.assertEqual(care.web_read({"change_ids": {}})[0]["change_ids"], held)
        self.env.invalidate_all()
        read = (first + second).web_read({"change_ids": {}})
        self.assertEqual([one["change_ids"] for one in read], [change.ids, []])

    def test_every_list_says_where_its_rows_are(self):  # P-7
        for name, (model, partner) in self.customers._lists().items():
            self.assertEqual(self.customers._fields[name].comodel_name, model)
            self.assertEqual(self.env[model]._fields[partner].comodel_name, "res.partner")
            self.assertTrue(self.env[model]._fields["company_id"].store)

    def test_the_facts_of_today_wait_for_their_tab(self):  # P-7, CC-13
        care = self._care(self._buyers()[0])
        self.assertTrue(care.health_reasons)
        fields = self._form_fields(care)
        with patch.object(type(self.env["care.health"]), "_facts_of") as asked:
            care.web_read(fields)
            asked.assert_not_called()
        self.assertIn("facts", care.health_basis)

    def test_care_adds_few_queries_to_a_contact(self):  # P-7
        buyers = self._buyers()
        whole = self._form_fields(buyers[0])
        core = {name: sub for name, sub in whole.items() if not name.startswith("care_")}
        self._cost(buyers[0], whole)
        # one of them is the company's settings, which core's own reading leaves alone
        self.assertLessEqual(self._cost(buyers[1], whole) - self._cost(buyers[1], core), 9)

    def test_a_chance_that_means_nothing_is_not_shown(self):  # CC-9
        """Empty in the database; a percentage field would show it as 0 %."""
        views = self.customers.get_views([(False, "list"), (False, "form")])["views"]
        self.assertNotIn('"p_alive"', views["list"]["arch"])  # told of nobody: no column
        [field] = etree.fromstring(views["form"]["arch"]).xpath("//field[@name='p_alive']")
        self.assertIn("alive_hidden", field.get("invisible"))
