from datetime import date

from markupsafe import Markup
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CareCommon


@tagged("post_install", "-at_install")
class TestTimeline(CareCommon):
    """The customer's story: everything in one order, as far as the reader may read it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls._create_customer("Story Ltd")
        cls.user = new_test_user(
            cls.env, "teller", groups="customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _story(self, user=None, **kw):
        care = self._care(self.buyer).with_user(user or self.user)
        care = care.with_company(self.company)
        return care.get_timeline(**kw)

    def test_one_story_of_many_sources_newest_first(self):  # CC-1
        first = self._create_posted(self.buyer, date(2026, 3, 1), 100)
        self._credit(first, date(2026, 3, 5), 40)
        self.buyer.message_post(body=Markup("<p>Where is my <b>order</b>?</p>"),
                                message_type="comment", author_id=self.buyer.id)
        self.changes.create({
            "partner_id": self.buyer.id, "company_id": self.company.id, "from_status": "new",
            "to_status": "active", "changed_on": date(2026, 3, 3), "changed_at": "2026-03-03"})
        self._count(self.buyer)
        entries = self._story()["entries"]
        self.assertEqual([entry["at"] for entry in entries],
                         sorted((entry["at"] for entry in entries), reverse=True))
        told = [(entry["source"], entry["at"][:10]) for entry in entries]
        self.assertEqual(told[1:], [("invoices", "2026-03-05"), ("statuses", "2026-03-03"),
                                    ("invoices", "2026-03-01")])
        self.assertIn("Where is my", entries[0]["detail"])
        self.assertRegex(entries[1]["amount"], r"-\W*40\.00")

    def test_pages_tell_everything_once(self):  # CC-1
        """Also when far more than a page happened on one day."""
        for _each in range(45):
            self._create_posted(self.buyer, date(2026, 3, 1), 1)
        self._count(self.buyer)
        told, page = [], {"offsets": {}, "more": True}
        while page["more"]:
            page = self._story(offsets=page["offsets"], only="invoices")
            told += [entry["res_id"] for entry in page["entries"]]
        self.assertEqual((len(told), len(set(told))), (45, 45))

    def test_no_source_that_one_may_not_read(self):  # CC-1, ALL-4
        self._create_posted(self.buyer, date(2026, 3, 1), 100)
        self._count(self.buyer)
        seller = new_test_user(
            self.env, "seller", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        sources = [source[0] for source in self._story(seller)["sources"]]
        self.assertNotIn("surveys", sources)
        self.assertFalse(
            [e for e in self._story(seller, only="invoices")["entries"]], "not his own")
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._story(stranger)

    def test_a_page_costs_the_same_queries(self):  # CC-1
        def cost():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._story()
            return self.env.cr.sql_log_count - before

        self._create_posted(self.buyer, date(2026, 3, 1))
        self._count(self.buyer)
        cost()
        few = cost()
        for day in range(2, 12):
            self._create_posted(self.buyer, date(2026, 3, day))
        self.assertLessEqual(cost(), few + 2)
