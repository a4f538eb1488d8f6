from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NurtureCase


@tagged("post_install", "-at_install")
class TestTimeline(NurtureCase):
    """What happened to a person, told on his records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.ann = cls._person_of(cls.lead)
        cls.now = fields.Datetime.now()

    def _tell(self, number, kind="page_view", **kw):
        for index in range(number):
            self._record(self.ann, kind=kind, at=self.now - timedelta(minutes=index),
                         key=f"{kind}:{index}", **kw)  # fmt: skip

    def test_pages_follow_each_other_without_gap_or_repeat(self):  # LN-6
        self._tell(45, url="/pumps")
        first = self.lead.nurture_timeline
        second = self.lead.get_nurture_timeline(before_id=first[-1]["id"])
        third = self.lead.get_nurture_timeline(before_id=second[-1]["id"])
        self.assertEqual([len(page) for page in (first, second, third)], [20, 20, 5])
        ids = [row["id"] for row in first + second + third]
        self.assertEqual(len(set(ids)), 45)
        self.assertFalse(self.lead.get_nurture_timeline(before_id=third[-1]["id"]))

    def test_events_of_one_second_stand_on_one_page_each(self):  # LN-6
        for index in range(25):
            self._record(self.ann, kind="call", at=self.now, key=f"call:{index}")
        first = self.lead.nurture_timeline
        second = self.lead.get_nurture_timeline(before_id=first[-1]["id"])
        self.assertEqual(len({row["id"] for row in first + second}), 25)

    def test_by_kind(self):  # LN-6
        self._tell(2, "call", topic="Pump 3")
        self._tell(30, "page_view")
        self._tell(1, "mail_click", url="/x")
        found = {group: [row["kind"] for row in self.lead.get_nurture_timeline(group)]
                 for group in ("mail", "sales")}  # fmt: skip
        self.assertEqual(found, {"mail": ["mail_click"], "sales": ["call", "call"]})
        self.assertEqual(len(self.lead.get_nurture_timeline("web")), 20)
        known = self.env["nurture.event"]._event_kinds()
        for kinds in self.env["nurture.event"]._timeline_groups().values():
            self.assertLessEqual(set(kinds), set(known))

    def test_warmer_names_the_band(self):  # LN-6
        self._tell(1, "band_up", topic="hot")
        self.assertEqual(self.lead.nurture_timeline[0]["about"], "to Hot")

    def test_an_event_is_called_by_its_label(self):  # LN-6
        mail = self._record(self.ann, kind="mail_open", source="mail")
        other = self._record(self.ann, kind="call", source="Pump portal")
        self.assertEqual((mail.display_name, mail.source_label), ("Mail opened", "Mail"))
        self.assertEqual(other.source_label, "Pump portal")

    def test_machines_say_why_they_are_none(self):  # LN-3, LN-6
        self._record(self.ann, kind="mail_click", actor="machine", actor_reason="burst")
        row = self.lead.nurture_timeline[0]
        self.assertEqual((row["human"], row["by"]), (False, "Machine"))
        self.assertIn("two seconds", row["why"])

    def test_contact_and_person_tell_the_same(self):  # LN-6
        contact = self.env["res.partner"].create(
            {"name": "Ann", "email": "ann@pumps.test", "company_id": self.pumps.id}
        )
        self._sync()
        self._tell(3)
        for record in (contact, self.ann):
            self.assertEqual(record.nurture_timeline, self.lead.nurture_timeline)

    def test_a_page_costs_two_queries(self):  # LN-6
        self._tell(20)
        for index, model in enumerate(("crm.lead", "res.partner", "nurture.send")):
            self._record(self.ann, kind="call", key=f"r{index}", res_model=model,
                         res_id=self.lead.id, topic="About")  # fmt: skip
        lead = self.lead.with_user(self.mira)
        lead.get_nurture_timeline()
        self.env.flush_all()
        with self.assertQueryCount(2):
            rows = lead.sudo()._nurture_timeline_page()
        self.assertEqual(len(rows), 20)

    def test_only_whoever_may_read_the_record(self):  # LN-6
        self.lead.user_id = self.adam
        with self.assertRaises(AccessError):
            self.lead.with_user(self.sven).get_nurture_timeline()
        portal = new_test_user(self.env, "paula", groups="base.group_portal")
        with self.assertRaises(AccessError):
            portal.partner_id.with_user(portal).get_nurture_timeline()

    def test_last_seen_knows_the_readers_companies_only(self):  # LN-6, multi-company
        contact = self.env["res.partner"].create({"name": "Bo", "email": "bo@shared.test"})
        self._sync()
        bo = self._person_of(contact)
        ours = self._record(bo, days_ago=3, company_id=self.pumps.id)
        self._record(bo, days_ago=1, company_id=self.filters.id)
        self.assertEqual(contact.with_user(self.mira).nurture_last_at, ours.occurred_at)
        self.assertGreater(contact.with_user(self.finn).nurture_last_at, ours.occurred_at)
