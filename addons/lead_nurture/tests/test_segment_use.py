from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import SQL, mute_logger

from .common import MANAGER
from .common_scenario import ScenarioCase
from .common_segment import SegmentCase


class TestSeen(SegmentCase):
    """Segments where people work: lists, filters, reasons, curves."""

    def setUp(self):
        super().setUp()
        self.ann = self._ann(contact_name="Ann", city="Hanoi")
        self._record(self.ann, days_ago=1)
        self.segment = self._create_segment(self._visited(days=30), name="Visitors")

    def test_why_is_somebody_in_it(self):  # LN-20
        bob = self._ann("Bob", city="Da Nang")
        self.segment.condition_ids = [
            Command.create({"kind": "lead", "domain": "[('city', '=', 'Hanoi')]", "sequence": 20})
        ]
        told = self.segment.with_user(self.mira)._explain_person(self.ann)
        visit, city = told["rows"]
        self.assertTrue(visit["holds"] and city["holds"])
        self.assertEqual(visit["facts"], "once")
        self.assertTrue(visit["last"])
        self.assertIn("City: Hanoi", city["facts"])
        self.assertIn("City is “Hanoi”", city["text"])
        told = self.segment.with_user(self.mira)._explain_person(bob)
        self.assertEqual([row["holds"] for row in told["rows"]], [False, False])
        self.assertEqual(told["rows"][0]["facts"], "never")

    def test_reasons_never_differ_from_membership(self):  # LN-20
        bob, cid = self._ann("Bob"), self._ann("Cid")
        self._record(bob, days_ago=60)
        own = {"kind": "person", "domain": "[('email_normalized', 'like', '@pumps.test')]"}
        segment = self._create_segment(own, self._visited(days=30, negate=True))
        for person in self.ann | bob | cid:
            told = segment._explain_person(person)
            inside = bool(self._stays(segment, person))
            self.assertEqual(all(row["holds"] for row in told["rows"]), inside, person.name)

    def test_a_failing_statement_is_a_sentence(self):  # LN-20
        segment = self._create_segment(self._visited())
        with patch.object(type(segment), "_query_told", lambda *_: SQL("SELECT 1 / 0")):
            with mute_logger("odoo.sql_db"):
                told = segment._explain_person(self._ann())
        self.assertIn("cannot be calculated", told["error"])
        self.assertFalse(self.segments.search_count([("id", "=", 0)]), "the transaction lives")

    def test_words_of_a_condition(self):  # LN-20
        vietnam = self.env.ref("base.vn")
        create = self.env["nurture.segment.condition"].create
        texts = {
            "No visit within 9 days": self._visited(days=9, negate=True),
            "No visit on /pricing":
                self._visited(0, count_operator="most", url_pattern="/pricing"),
            "Did nothing by himself within 90 days":
                self._visited(days=90, negate=True, event_kind="any"),
            "No call, meeting or answered mail":
                self._visited(0, count_operator="most", event_kind="contact"),
            "Not once: Mail opened": self._visited(negate=True, event_kind="mail_open"),
            "Not: Visit: page viewed or link clicked, at least 3 times":
                self._visited(3, negate=True),
            "A lead where Created on is before today −90 days":
                {"kind": "lead", "domain": "[('create_date', '<', 'today -90d')]"},
            "A lead where Probability is at least 50":
                {"kind": "lead", "domain": "[('probability', '>=', 50)]"},
            "Has a lead": {"kind": "lead"},
            "Has no lead": {"kind": "lead", "negate": True},
            "Is not in “Visitors”":
                {"kind": "segment", "other_segment_id": self.segment.id, "negate": True},
            "Visit: page viewed or link clicked, on at most 2 days":
                self._visited(2, count_operator="most", count_by="day"),
            "Interest: Warm or hotter": {"kind": "score", "band": "warm"},
            "Score: at least 30":
                {"kind": "score", "score_measure": "total", "score_from": 30},
            f"A lead where Country is {vietnam.name} and City is filled":
                {"kind": "lead", "domain": f"[('country_id', '=', {vietnam.id}), "
                                           "('city', '!=', False)]"},
            "Is in “Visitors”": {"kind": "segment", "other_segment_id": self.segment.id},
        }  # fmt: skip
        other = self._create_segment(start=False)
        for text, vals in texts.items():
            self.assertEqual(create({**vals, "segment_id": other.id}).summary, text)

    def test_growth_is_told_by_the_stays(self):  # LN-21
        bob = self._ann("Bob")
        self._record(bob)
        self._refresh()
        stay = self._stays(self.segment, self.ann)
        moved = fields.Datetime.now() - timedelta(days=3)
        self.env.cr.execute(
            "UPDATE nurture_segment_member SET entered_at = %s WHERE id = %s", (moved, stay.id)
        )
        self.env.invalidate_all()
        days = self.segment.growth["days"]
        self.assertEqual([day["inside"] for day in days], [1, 1, 1, 2])
        self.assertEqual([day["in"] for day in days], [1, 0, 0, 1])

    def test_records_are_found_by_segment(self):  # LN-20
        lead = self.ann.lead_ids
        for model in ("crm.lead", "nurture.person"):
            records = self.env[model].with_user(self.mira)
            found = records.search([("nurture_segment_ids", "in", self.segment.ids)])
            self.assertEqual(found, lead if model == "crm.lead" else self.ann)
            self.assertEqual(
                records.search([("nurture_segment_ids", "ilike", "visitors")]), found
            )
            self.assertEqual(found.nurture_segment_ids, self.segment)
            without = records.search([("nurture_segment_ids", "=", False)])
            self.assertNotIn(found.id, without.ids)
        self._ann("Bob")
        none = self.env["crm.lead"].search(
            [("nurture_segment_ids", "=", False), ("email_normalized", "like", "@pumps.test")]
        )
        self.assertEqual(none.mapped("email_normalized"), ["bob@pumps.test"])

    def test_one_query_for_a_page_of_leads(self):  # P-11
        for number in range(10):
            self._record(self._ann(f"P{number}"))
        self._refresh()
        self.assertTrue(self.ann.lead_ids.nurture_segment_ids)  # companies are known by now
        for limit in (2, 10):
            leads = self.env["crm.lead"].search(
                [("email_normalized", "like", "@pumps.test")], limit=limit
            )
            leads.invalidate_recordset()
            with self.assertQueryCount(1):
                leads.mapped(lambda lead: lead.nurture_segment_ids.ids)

    def test_salespeople_do_not_see_segments(self):  # ALL-4
        lead = self.ann.lead_ids
        lead.user_id = self.sven
        with self.assertRaises(AccessError):
            lead.with_user(self.sven).read(["nurture_segment_ids"])
        with self.assertRaises(AccessError):
            self.segment.with_user(self.sven).read(["name"])

    def test_companies_see_their_own(self):  # ALL-4
        theirs = self._create_segment(self._visited(), company_id=self.filters.id, name="Theirs")
        seen = self.segments.with_user(self.mira).search([])
        self.assertIn(self.segment, seen)
        self.assertNotIn(theirs, seen)
        everybody = self._create_segment(self._visited(), company_id=False)
        zoe = self._create_lead("Zoe", "zoe@filters.test", company_id=self.filters.id)
        self._record(self._person_of(zoe))
        self._refresh()
        self.assertEqual(everybody.with_user(self.mira).member_count, 1)
        self.assertEqual(everybody.with_user(self.finn).member_count, 1)
        self.assertEqual(everybody.member_count, 2)

    def test_users_read_and_managers_define(self):  # ALL-4
        with self.assertRaises(AccessError):
            self.segment.with_user(self.mira).name = "Mine"
        with self.assertRaises(AccessError):
            self.segment.with_user(self.mira).action_activate()
        self.segment.with_user(self.adam).name = "His"
        with self.assertRaises(AccessError):
            self.segment.member_ids.with_user(self.adam).unlink()

    def test_a_manager_types_a_segment(self):  # LN-20
        self.assertTrue(self.adam.has_group(MANAGER))
        with Form(self.segments.with_user(self.adam)) as form:
            form.name = "Downloads"
            with form.condition_ids.new() as condition:
                condition.kind = "event"
                condition.event_kind = "download"
                condition.min_count = 2
        segment = form.save()
        self.assertEqual(segment.condition_ids.summary, "Download, at least 2 times")
        self.assertEqual(segment.state, "draft")

    def test_presets_can_be_activated(self):  # LN-18
        for name in ("hot_unassigned", "cooling", "never_talked", "sleeping"):
            preset = self.env.ref(f"lead_nurture.nurture_segment_{name}")
            self.assertTrue(preset.condition_ids)
            preset.action_preview()
            preset.action_activate()
        self._refresh()
        self.assertEqual(preset.state, "active", preset.error)


class TestLists(SegmentCase):
    """Lists kept by hand."""  # LN-20

    def setUp(self):
        super().setUp()
        self.fair = self._create_segment(kind="static", name="Fair 2026")

    def _add(self, **kw):
        context = kw.pop("context", {})
        wizard = self.env["nurture.segment.add"].with_user(self.mira).with_context(**context)
        return wizard.create({"segment_id": self.fair.id, **kw}).action_add()

    def test_a_marketer_adds_leads_and_takes_people_off(self):
        ann, bob = self._ann(), self._ann("Bob")
        leads = (ann | bob).lead_ids
        self._add(context={"active_model": "crm.lead", "active_ids": leads.ids})
        self.assertPeople(self.fair, ann | bob)
        stay = self._stays(self.fair, bob)
        stay.with_user(self.mira).action_remove()
        self.assertPeople(self.fair, ann)
        self.assertTrue(stay.left_at)

    def test_a_mailing_list_becomes_a_segment(self):
        ann = self._ann()
        guests = self.env["mailing.list"].create({"name": "Guests"})
        self.env["mailing.contact"].create(
            [
                {"name": "Ann", "email": "Ann@Pumps.test", "list_ids": guests.ids},
                {"name": "New", "email": "new@pumps.test", "list_ids": guests.ids},
                {
                    "name": "Gone", "email": "gone@pumps.test",
                    "subscription_ids": [
                        Command.create({"list_id": guests.id, "opt_out": True})
                    ],
                },
            ]
        )  # fmt: skip
        self._add(source="mailing_list", mailing_list_id=guests.id, silent=True)
        new = self.env["nurture.person"].search([("email_normalized", "=", "new@pumps.test")])
        self.assertPeople(self.fair, ann | new)
        self.assertEqual(self._moves_told(ann), [])

    def test_nobody_is_put_into_a_segment_of_conditions(self):
        ann = self._ann()
        self._record(ann)
        segment = self._create_segment(self._visited())
        with self.assertRaisesRegex(UserError, "fills itself"):
            self._add(segment_id=segment.id, person_ids=[Command.set(ann.ids)])
        with self.assertRaisesRegex(UserError, "Nobody can be taken out"):
            self._stays(segment, ann).with_user(self.mira).action_remove()

    def test_another_companys_list_is_out_of_reach(self):  # ALL-4
        self.fair.company_id = self.filters
        with self.assertRaises(AccessError):
            self._add(person_ids=[Command.set(self._ann().ids)])

    def test_a_mailing_finds_the_leads_of_its_segment(self):
        ann = self._ann()
        self._ann("Bob")
        self.fair._add_persons(ann.ids)
        context = self.fair.with_user(self.mira).action_create_mailing()["context"]
        mailings = self.env["mailing.mailing"].with_context(context)
        self.assertFalse(mailings.default_get(["subject"]).get("subject"))
        mailing = mailings.create({"subject": "Hello"})
        self.assertIn(self.fair.name, mailing.name)
        found = self.env[mailing.mailing_model_real].browse(mailing._get_recipients())
        self.assertEqual(found, ann.lead_ids)


class TestJourneys(ScenarioCase, SegmentCase):
    """Scenarios that people enter by a segment, and branches that ask for one."""

    STEPS = {"wait": ("wait", {}, {"next": "end"}), "end": ("exit", {}, {})}

    def setUp(self):
        super().setUp()
        self.segment = self._create_segment(self._visited(days=7), name="Visitors")

    def _journey(self, kind):
        return self._create_scenario(
            self.STEPS, trigger_kind=kind, trigger_segment_id=self.segment.id
        )

    def test_entering_a_segment_starts_a_journey(self):  # LN-30
        scenario = self._journey("segment_enter")
        lead = self._create_lead()
        self._create_lead("Bob", "bob@pumps.test")
        self._record(self._person_of(lead))
        self._refresh()
        self.assertEqual(self._let_in(scenario), 1)
        self.assertStands(lead, "wait")
        self.assertEqual(self._let_in(scenario), 0)

    def test_leaving_a_segment_starts_a_journey(self):  # LN-30
        lead = self._create_lead()
        self._record(self._person_of(lead))
        self._refresh()
        scenario = self._journey("segment_leave")
        self.assertEqual(self._let_in(scenario), 0)
        self.segment._remove_persons(self._person_of(lead).ids)
        self.assertEqual(self._let_in(scenario), 1)

    def test_a_filling_mails_nobody(self):  # LN-21
        lead = self._create_lead()
        self._record(self._person_of(lead), days_ago=3)
        scenario = self._journey("segment_enter")
        self.segment.condition_ids.window_days = 2
        self.segment.action_activate()
        self._refresh()
        self.assertEqual(self.segment.member_count, 0)
        self.segment.condition_ids.window_days = 30
        self.segment.action_activate()
        self._refresh()
        self.assertEqual(self.segment.member_count, 1)
        stays = self._stays(self.segment, self._person_of(lead))
        self.assertTrue(stays[-1].silent_entry)
        self.assertEqual(self._let_in(scenario), 0)

    def test_a_scenario_needs_its_segment(self):  # LN-30
        scenario = self._create_scenario(self.STEPS, start=False, trigger_kind="segment_enter")
        with self.assertRaisesRegex(UserError, "which segment"):
            scenario.action_start()
        running = self._journey("segment_enter")
        with self.assertRaisesRegex(UserError, f"is used by “{running.name}”"):
            self.segment.action_archive()

    def test_a_branch_asks_for_the_segment_at_this_moment(self):  # LN-32
        steps = {
            "ask": ("branch", {"condition": "segment", "segment_id": self.segment.id},
                    {"yes": "yes", "no": "no"}),
            "yes": ("wait", {}, {"next": "end"}),
            "no": ("wait", {}, {"next": "end"}),
            "end": ("exit", {}, {}),
        }  # fmt: skip
        scenario = self._create_scenario(steps)
        ann, bob = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._let_in(scenario)
        self._record(self._person_of(ann))  # the segment has not been refreshed since
        self._advance()
        self.assertStands(ann, "yes")
        self.assertStands(bob, "no")
