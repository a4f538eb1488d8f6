from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import NurtureCase
from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestMerge(NurtureCase):
    def setUp(self):
        super().setUp()
        self.ann = self._person_of(self._create_lead())
        self.lead = self._create_lead("Anna", "anna@home.test", phone="+84901234567")
        self.anna = self._person_of(self.lead)

    def _merge(self, survivor, absorbed, reason="manual"):
        merge = self.env["nurture.merge"]._merge(survivor, absorbed, reason)
        self._drain()
        return merge

    def test_two_addresses_become_one_human_with_one_score(self):  # LN-1
        model = self._create_model([{"event_kind": "page_view", "points": 10}])
        self._record(self.ann), self._record(self.anna, days_ago=1)
        self._drain()
        merge = self._merge(self.ann, self.anna)
        self.assertScore(self.ann, 20, model=model)
        self.assertFalse(self._score_of(self.anna))
        self.assertEqual(self._person_of(self.lead), self.ann)
        self.assertFalse(self.anna.active)
        self.assertEqual(self.ann.phone_sanitized, "+84901234567")
        self.assertEqual(merge.address, "anna@home.test")
        self.assertIn("events: 1", merge.summary)

    def test_the_absorbed_address_finds_the_survivor(self):  # LN-1
        self._merge(self.ann, self.anna)
        late = self._create_lead("Anna again", "anna@home.test")
        self.assertEqual(self._person_of(late), self.ann)
        by_mail = self.env["nurture.person"]._find_or_create_by_email(
            ["anna@home.test"], self.pumps
        )
        self.assertEqual(by_mail["anna@home.test"], self.ann)
        self.env["nurture.change"]._cron_reconcile_persons()
        self._sync()
        self.assertEqual(self._person_of(self.lead), self.ann, "the night respects the decision")

    def test_a_merged_phone_finds_the_survivor(self):  # LN-1
        self.ann.phone_sanitized = "+84907777777"
        caller = self._create_lead("Caller", False, phone="+84908888888")
        self._merge(self.ann, self._person_of(caller))
        late = self._create_lead("Caller again", False, phone="+84908888888")
        self.assertEqual(self._person_of(late), self.ann)
        self.assertEqual(self._person_of(caller), self.ann)

    def test_undo_gives_back_what_moved_and_leaves_what_came_later(self):  # LN-1
        model = self._create_model([{"event_kind": "page_view", "points": 10}])
        before = self._record(self.anna, days_ago=3)
        merge = self._merge(self.ann, self.anna)
        after = self._record(self.ann, days_ago=1)
        merge.with_user(self.mira).action_undo()
        self._drain()
        self.assertEqual(before.person_id, self.anna)
        self.assertEqual(after.person_id, self.ann)
        self.assertEqual(self._person_of(self.lead), self.anna)
        self.assertEqual(self.anna.email_normalized, "anna@home.test")
        self.assertTrue(self.anna.active)
        self.assertFalse(self.ann.phone_sanitized, "the number goes back")
        self.assertScore(self.ann, 10, model=model)
        self.assertScore(self.anna, 10, model=model)
        late = self._create_lead("Anna again", "anna@home.test")
        self.assertEqual(self._person_of(late), self.anna)
        self.assertEqual(merge.undone_by_id, self.mira)
        with self.assertRaises(UserError):
            merge._undo()

    def test_merges_of_merges_are_undone_in_any_order(self):  # LN-1
        bob = self._person_of(self._create_lead("Bob", "bob@pumps.test"))
        seen = {p: self._record(p, days_ago=p.id % 7) for p in (self.ann, self.anna, bob)}
        first = self._merge(self.ann, self.anna)
        second = self._merge(bob, self.ann)
        self.assertEqual(self._person_of(self.lead), bob)
        first._undo()
        self._drain()
        self.assertEqual(seen[self.anna].person_id, self.anna)
        self.assertEqual(seen[self.ann].person_id, bob)
        self.assertEqual(self._person_of(self.lead), self.anna)
        second._undo()
        self._drain()
        for person, event in seen.items():
            self.assertEqual(event.person_id, person)
        self.assertEqual(self.ann.email_normalized, "ann@pumps.test")
        self.assertEqual(self.anna.email_normalized, "anna@home.test")

    def test_companies_are_not_merged(self):  # LN-1
        there = self._person_of(self._create_lead(company_id=self.filters.id))
        with self.assertRaisesRegex(UserError, "different companies"):
            self._merge(self.ann, there)
        with self.assertRaises(UserError):
            self._merge(self.ann, self.ann)
        self._merge(self.ann, self.anna)
        with self.assertRaisesRegex(UserError, "already"):
            self._merge(self.ann, self.anna)
        with self.assertRaises(UserError):
            self.anna.action_unarchive()

    def test_a_marketer_merges_by_hand_from_the_list(self):  # LN-1
        wizard = self.env["nurture.merge.people"].with_user(self.mira).with_context(
            active_model="nurture.person", active_ids=(self.ann | self.anna).ids
        ).create({})
        self.assertEqual(wizard.survivor_id, self.ann)
        wizard.survivor_id = self.anna
        wizard.action_merge()
        self.assertEqual(self.ann.merged_into_id, self.anna)
        merge = self.env["nurture.merge"].search([("absorbed_id", "=", self.ann.id)])
        self.assertEqual((merge.reason, merge.user_id), ("manual", self.mira))

    def test_the_form_suggests_who_has_the_same_phone(self):  # LN-1
        twin = self._person_of(self._create_lead("A. B.", "ab@pumps.test", phone="+84901234567"))
        wizard = self.env["nurture.merge.people"].with_user(self.mira).with_context(
            active_model="nurture.person", active_ids=self.anna.ids
        ).create({})
        self.assertEqual(wizard.person_ids, self.anna | twin)
        self.assertFalse(wizard.unlike, "they have one phone")

    def _ask_from_form(self, person):
        action = person.with_user(self.mira).action_merge_with()
        return Form(
            self.env["nurture.merge.people"].with_user(self.mira).with_context(**action["context"])
        )

    def test_the_form_asks_with_whom(self):  # LN-1
        self.anna.partner_id = self.lead.partner_id.create({"name": "Anna"})
        form = self._ask_from_form(self.ann)
        self.assertEqual(form.survivor_id, self.ann)
        self.assertFalse(form.survivor_why)
        with self.assertRaisesRegex(UserError, "with whom"):
            form.save().action_merge()
        form = self._ask_from_form(self.ann)
        form.other_ids.add(self.anna)
        self.assertEqual(form.survivor_id, self.anna)
        self.assertIn("is a contact", form.survivor_why)
        form.save().action_merge()
        self.assertEqual(self.ann.merged_into_id, self.anna)

    def test_nothing_speaks_for_it(self):  # LN-1
        bob = self._person_of(self._create_lead("Bob", "bob@else.test", phone="+84905555555"))
        form = self._ask_from_form(self.anna)
        form.other_ids.add(bob)
        self.assertEqual(form.unlike, bob.name)
        bob.name = f" {self.anna.name.upper()}"
        form = self._ask_from_form(self.anna)
        form.other_ids.add(bob)
        self.assertFalse(form.unlike, "the names are the same")
        shown = bob.with_context(nurture_show_address=True).display_name
        self.assertIn("bob@else.test", shown)

    def test_nobody_else_merges_or_sees_merges(self):  # LN-1
        merge = self._merge(self.ann, self.anna)
        with self.assertRaises(AccessError):
            merge.with_user(self.sven).action_undo()
        with self.assertRaises(AccessError):
            merge.with_user(self.finn).action_undo()
        self.assertFalse(self.env["nurture.merge"].with_user(self.finn).search([]))
        with self.assertRaises(AccessError):
            self.env["nurture.merge"].with_user(self.mira).create({"person_id": self.ann.id})

    def test_merged_leads_take_their_people_along(self):  # LN-1
        self._record(self.anna)
        keep = self.ann.lead_ids
        (keep | self.lead).sudo()._merge_opportunity()
        self._sync()
        merge = self.env["nurture.merge"].search([("reason", "=", "lead")], limit=1)
        self.assertEqual(len(merge), 1)
        self.assertEqual(len((keep | self.lead).exists()), 1)
        self.assertEqual(self._person_of((keep | self.lead).exists()), merge.person_id)
        self.assertFalse(merge.absorbed_id.active)
        merge._undo()
        self._sync()
        self.assertTrue(merge.absorbed_id.email_normalized)

    def test_somebody_with_another_lead_stays_when_one_is_merged(self):  # LN-1: colleagues
        self._create_lead("Anna 2", "anna@home.test")
        keep = self.ann.lead_ids
        keep.type = "opportunity"  # the one that stays
        (keep | self.lead).sudo()._merge_opportunity()
        self._sync()
        self.assertFalse(self.ann.merge_ids | self.anna.merge_ids)
        self.assertTrue(self.anna.active)

    def test_merged_contacts_are_one_human(self):  # LN-1
        partners = self.env["res.partner"]
        for name in ("carl@pumps.test", "carl@home.test"):
            partners |= partners.create(
                {"name": "Carl", "email": name, "company_id": self.pumps.id}
            )
        self._sync()
        people = [self._person_of(partner) for partner in partners]
        self.assertNotEqual(*people)
        self.env["base.partner.merge.automatic.wizard"]._merge(partners.ids, partners[0])
        self._sync()
        merge = self.env["nurture.merge"].search([("reason", "=", "partner")], limit=1)
        self.assertEqual((merge.person_id, merge.absorbed_id), tuple(people))
        late = self._create_lead("Carl", "carl@home.test")
        self.assertEqual(self._person_of(late), people[0])

    def test_a_caller_who_tells_a_known_address_leaves_nothing_behind(self):  # LN-1
        caller = self._create_lead("Caller", False, phone="+84908888888")
        unknown = self._person_of(caller)
        call = self._record(unknown, kind="call")
        caller.email_from = "ann@pumps.test"
        self._sync()
        self.assertEqual(self._person_of(caller), self.ann)
        call.invalidate_recordset()
        self.assertEqual(call.person_id, self.ann)
        merge = self.env["nurture.merge"].search([("absorbed_id", "=", unknown.id)])
        self.assertEqual(merge.reason, "phone")

    def test_a_caller_who_turns_out_to_be_two_goes_to_the_one_of_his_first_lead(self):  # LN-1
        """Whichever row the database happens to read first."""
        bob = self._create_lead("Bob", "bob@pumps.test")
        for place, phone in enumerate(("+84908888888", "+84909999999")):
            calls = self.env["crm.lead"]
            for name in ("First call", "Second call"):
                calls |= self._create_lead(name, False, phone=phone)
            caller = calls.nurture_person_id
            self.assertEqual(len(caller), 1)
            self.env.cr.execute(  # the row goes to the end of the table
                """UPDATE nurture_identity SET confidence = confidence
                    WHERE kind = 'lead' AND res_id = %s""",
                [calls[place].id],
            )
            calls[0].email_from, calls[1].email_from = "ann@pumps.test", bob.email_from
            self._sync()
            self.assertEqual(self._person_of(calls[1]), self._person_of(bob))
            caller.invalidate_recordset()
            self.assertEqual(caller.merged_into_id, self.ann)

    def test_erasing_a_human_erases_who_became_part_of_him(self):  # LN-1
        merge = self._merge(self.ann, self.anna)
        self.ann.unlink()
        self.assertFalse((self.anna | self.ann).exists())
        self.assertFalse(merge.exists())


@tagged("post_install", "-at_install")
class TestMergeJourneys(ScenarioCase):
    def test_who_is_further_on_goes_on_alone(self):  # LN-1, LN-34
        lead, twin = self._create_lead(), self._create_lead("Anna", "anna@pumps.test")
        scenario = self._create_scenario(self._welcome_steps())
        self.assertEqual(self._let_in(scenario), 2)
        self._advance()
        ann, anna = self._person_of(lead), self._person_of(twin)
        merge = self.env["nurture.merge"]._merge(ann, anna, "manual")
        journeys = self.env["nurture.enrolment"].search([("scenario_id", "=", scenario.id)])
        self.assertEqual(journeys.person_id, ann)
        self.assertEqual(len(journeys.filtered("is_open")), 1)
        ended = journeys - journeys.filtered("is_open")
        self.assertEqual(ended.exit_reason, "merged")
        self.assertEqual(self._sends_of(twin).person_id, ann)
        self.assertEqual(self._let_in(scenario), 0, "nobody enters twice")
        merge._undo()
        self._sync()
        self.assertEqual(self._enrolment_of(twin).person_id, anna)
        self.assertEqual(self._enrolment_of(lead).person_id, ann)
        self.assertEqual(ended.exit_reason, "merged", "what ended stays ended")
