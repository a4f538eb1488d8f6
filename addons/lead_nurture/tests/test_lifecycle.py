
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged, warmup

from .common_lifecycle import LifecycleCase


@tagged("post_install", "-at_install")
class TestLifecycle(LifecycleCase):
    """A lead goes its way, forward by itself, back by hand."""

    def test_the_whole_way(self):  # LN-22
        lead = self._create_lead()
        self._age(lead, "create_date", days=10)
        self._run(lead)
        self.assertStatus(lead, "new")
        person = self._person_of(lead)
        self._create_model([{"event_kind": "meeting", "points": 80}])
        self._drain()
        self._record(person, "page_view", days_ago=9)
        self._run(lead)
        self.assertStatus(lead, "engaged")
        self._record(person, "meeting")
        self._drain()
        self._run(lead)
        self.assertStatus(lead, "mql")
        lead.nurture_hand_over(self.team, self.sven)
        self._age(lead.nurture_handover_ids, "handed_at", hours=2)
        self._age(lead.nurture_stay_ids, "entered_at", hours=2)
        self._run(lead)
        self.assertStatus(lead, "mql")  # an opportunity of core, but nobody has looked at it
        self._salesperson_writes(lead)
        self._run(lead)
        self.assertStatus(lead, "sal")
        self._age(lead.nurture_stay_ids[0], "entered_at", minutes=30)
        lead.stage_id = self.env.ref("crm.stage_lead2")
        self._run(lead)
        self.assertStatus(lead, "sql")
        lead.stage_id = self.env.ref("crm.stage_lead3")
        self._run(lead)
        self.assertStatus(lead, "opportunity")
        lead.action_set_won()
        self._run(lead)
        self.assertStatus(lead, "customer")
        self.assertEqual(
            self._history_of(lead),
            ["New", "Engaged", "MQL", "SAL", "SQL", "Opportunity", "Customer"],
        )
        self.assertEqual(self._run(lead), 0, "nothing new, nothing moved")

    def test_one_row_is_open_and_rows_join_up(self):  # LN-22
        lead = self._create_lead()
        self._run(lead)
        lead.nurture_move(self.status["mql"], "Fair")
        first, second = self.stays.search([("lead_id", "=", lead.id)], order="id")
        self.assertEqual(first.left_at, second.entered_at)
        self.assertEqual((first.next_id, second.from_id), (second.status_id, first.status_id))
        self.assertFalse(second.left_at)
        self.assertEqual(second.reason, "Fair")
        self.assertEqual(second.user_id, self.env.user)

    def test_an_opportunity_of_sales_own_is_one_at_once(self):  # LN-22
        lead = self._create_lead(type="opportunity", user_id=self.sven.id)
        self._run(lead)
        self.assertStatus(lead, "opportunity")

    def test_moves_back_are_made_by_people_and_stay(self):  # LN-22
        lead = self._create_lead()
        person = self._person_of(lead)
        self._create_model([{"event_kind": "meeting", "points": 80}])
        self._record(person, "meeting")
        self._drain()
        self._run(lead)
        self.assertStatus(lead, "mql")
        self._age(lead.nurture_stay_ids, "entered_at", hours=1)
        lead.nurture_move(self.status["engaged"], "Was only a student")
        self.assertStatus(lead, "engaged")
        self._run(lead)
        self.assertStatus(lead, "engaged")

    def test_a_move_that_is_not_allowed(self):  # LN-22
        one, two = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._run(one | two)
        two.nurture_move(self.status["customer"])
        with self.assertRaisesRegex(UserError, "Enquiry of Bob.*may move to: Opportunity"):
            (one | two).nurture_move(self.status["mql"])
        self.assertStatus(one, "new")
        self.assertStatus(two, "customer")

    def test_the_wizard_offers_what_all_may(self):  # LN-22
        one, two = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._run(one | two)
        two.nurture_move(self.status["sql"])
        wizard = self.env["nurture.move"].with_context(active_ids=(one | two).ids)
        form = Form(wizard)
        form.status_id = self.status["mql"]
        form.reason = "Met both"
        saved = form.save()
        allowed = saved.allowed_ids
        self.assertIn(self.status["mql"], allowed)
        self.assertNotIn(self.status["engaged"], allowed, "not from SQL")
        saved.action_move()
        self.assertStatus(one, "mql")
        self.assertStatus(two, "mql")

    def test_a_move_is_an_event_that_no_rule_counts(self):  # LN-22
        lead = self._create_lead()
        person = self._person_of(lead)
        self._run(lead)
        events = self.env["nurture.event"]
        told = [("person_id", "=", person.id), ("kind", "=", "status_change")]
        self.assertFalse(events.search(told), "to become known is no change")
        self._drain()
        lead.nurture_move(self.status["mql"])
        self.assertEqual(events.search(told).mapped("topic"), ["MQL"])
        self.assertFalse(self.env["nurture.dirty"]._waiting_among(person.ids))

    def test_the_first_pass_is_silent(self):  # LN-22
        lead = self._create_lead()
        self._record(self._person_of(lead), "page_view")
        old = self._create_lead("Bob", "bob@pumps.test", type="opportunity")
        old.action_set_won()
        self.env["nurture.watermark"].search([("name", "like", "status:")]).sudo().unlink()
        while self.stays._pass_chunk(3):
            pass
        self.assertStatus(lead, "engaged")
        self.assertStatus(old, "customer")
        self.assertFalse(self.env["nurture.event"].search([
            ("kind", "=", "status_change"),
            ("person_id", "in", (self._person_of(lead) | self._person_of(old)).ids),
        ]))
        self.assertFalse(self.stays._is_first_pass(), "from now on aloud")

    def test_what_happened_is_found_without_a_pass(self):  # LN-22
        lead = self._create_lead()
        self._run(lead)
        for name in self.stays._touch_sources():
            while self.stays._follow(name):
                pass
        self._record(self._person_of(lead), "page_view")
        fresh = self._create_lead("Bob", "bob@pumps.test")
        for name in self.stays._touch_sources():
            while self.stays._follow(name):
                pass
        self.assertStatus(lead, "engaged")
        self.assertStatus(fresh, "new")
        self.assertEqual(sum(map(self.stays._follow, self.stays._touch_sources())), 0)

    def test_lost_and_back(self):  # LN-22, LN-25
        scenario = self._create_scenario(
            {"end": ("exit", {}, {})}, trigger_kind="recycle", trigger_domain="[]"
        )
        not_now = self.env["crm.lost.reason"].create(
            {"name": "Not now", "nurture_scenario_id": scenario.id}
        )
        never = self.env["crm.lost.reason"].create({"name": "Bankrupt"})
        lead = self._create_lead(type="opportunity", user_id=self.sven.id)
        self._run(lead)
        lead.action_set_lost(lost_reason_id=never.id)
        self._run(lead)
        self.assertStatus(lead, "disqualified")
        lead.lost_reason_id = not_now
        self._run(lead)
        self.assertStatus(lead, "recycled")
        self.assertEqual(self._run(lead), 0)
        lead.action_restore()
        self._run(lead)
        self.assertStatus(lead, "opportunity")

    def test_recycled_and_hot_again(self):  # LN-22, LN-25
        scenario = self._create_scenario(
            {"end": ("exit", {}, {})}, trigger_kind="recycle", trigger_domain="[]"
        )
        reason = self.env["crm.lost.reason"].create(
            {"name": "Not now", "nurture_scenario_id": scenario.id}
        )
        lead = self._create_lead()
        person = self._person_of(lead)
        self._create_model([{"event_kind": "meeting", "points": 80}])
        self._drain()
        lead.action_set_lost(lost_reason_id=reason.id)
        self._age(lead, "date_closed", days=3)
        self._run(lead)
        self.assertStatus(lead, "recycled")
        self._age(lead.nurture_stay_ids, "entered_at", days=2)
        self._record(person, "meeting")
        self._drain()
        self._run(lead)
        self.assertStatus(lead, "mql")

    def test_merged_leads_keep_their_history(self):  # LN-22
        head = self._create_lead(type="opportunity")
        tail = self._create_lead("Ann again", "ann@pumps.test")
        self._run(head | tail)
        tail.nurture_move(self.status["mql"], "Fair")
        (head | tail).merge_opportunity()
        left = (head | tail).exists()
        self.assertEqual(len(left), 1)
        self.assertEqual(len(left.nurture_stay_ids.filtered(lambda s: not s.left_at)), 1)
        self.assertIn("Fair", left.nurture_stay_ids.mapped("reason"))
        self.assertEqual(len(left.nurture_stay_ids), 4, "two of each")

    def test_a_deleted_lead_leaves_nothing(self):  # LN-22
        lead = self._create_lead()
        self._run(lead)
        stays = lead.nurture_stay_ids
        lead.unlink()
        self.assertFalse(stays.exists())

    def test_a_used_status_is_archived_not_deleted(self):  # LN-22
        self._run(self._create_lead())
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.status["new"].unlink()

    def test_statuses_are_data(self):  # LN-22
        meeting = self.env["nurture.status"].create(
            {"name": "Meeting", "sequence": 35, "next_ids": [(6, 0, self.status["sal"].ids)]}
        )
        self.status["mql"].next_ids |= meeting
        lead = self._create_lead()
        self._run(lead)
        lead.nurture_move(self.status["mql"])
        lead.nurture_move(meeting)
        self.assertEqual(lead.nurture_status_id, meeting)
        with self.assertRaisesRegex(UserError, "may move to: SAL"):
            lead.nurture_move(self.status["sql"])

    def test_history_cannot_be_written(self):  # LN-22
        lead = self._create_lead()
        self._run(lead)
        with self.assertRaises(UserError):
            lead.nurture_stay_ids.write({"reason": "x"})
        with self.assertRaises(UserError):
            self.stays.create({"lead_id": lead.id, "status_id": self.status["new"].id})


@tagged("post_install", "-at_install")
class TestLifecycleRights(LifecycleCase):
    def test_a_salesperson_moves_his_own_leads(self):  # LN-22
        lead = self._create_lead(user_id=self.sven.id)
        self._run(lead)
        lead.with_user(self.sven).nurture_move(self.status["mql"], "Called me")
        self.assertStatus(lead, "mql")
        self.assertEqual(lead.nurture_stay_ids[0].user_id, self.sven)
        self.assertEqual(
            len(self.stays.with_user(self.sven).search([("lead_id", "=", lead.id)])), 2
        )

    def test_a_salesperson_does_not_move_leads_of_others(self):  # LN-22
        lead = self._create_lead(user_id=self.adam.id)
        self._run(lead)
        with self.assertRaises(AccessError):
            lead.with_user(self.sven).nurture_move(self.status["mql"])
        self.assertFalse(self.stays.with_user(self.sven).search([("lead_id", "=", lead.id)]))

    def test_the_card_tells_the_way(self):  # LN-22, LN-24
        lead = self._create_lead(user_id=self.sven.id)
        self._run(lead)
        lead.nurture_move(self.status["mql"], "Fair")
        lead.nurture_hand_over(self.team, self.sven)
        for user in (self.sven, self.mira):
            lead.invalidate_recordset()
            told = lead.with_user(user).nurture_lifecycle
            here = [status["name"] for status in told["path"] if status["here"]]
            self.assertEqual(here, ["MQL"])
            self.assertEqual(told["history"][0]["why"], "Fair")
            self.assertEqual([row["answer"] for row in told["handovers"]], ["Waiting"])
            self.assertEqual(told["waits"]["id"], lead.nurture_handover_ids.id)
            self.assertEqual((told["may_move"], told["may_give"]), (True, False))

    def test_the_card_gives_the_reason_that_held(self):  # LN-22
        given, hot = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        given.nurture_hand_over(self.team, self.sven)
        self._run(given)
        self.stays._move_leads(hot, self.status["mql"], "marketing")
        for lead, why in ((given, "it is handed over to sales"), (hot, "the person becomes hot")):
            lead.invalidate_recordset()
            self.assertEqual(lead.nurture_lifecycle["history"][0]["why"], why)

    def test_only_marketing_hands_over_from_the_card(self):  # LN-24
        lead = self._create_lead(user_id=self.sven.id)
        for user, may_give in ((self.sven, False), (self.mira, True)):
            lead.invalidate_recordset()
            told = lead.with_user(user).nurture_lifecycle
            self.assertEqual((told["may_give"], told["waits"]), (may_give, False))

    def test_opening_a_lead_does_not_pay_for_it(self):  # LN-22, P-6
        view = self.env["crm.lead"].get_view(self.env.ref("crm.crm_lead_view_form").id, "form")
        shown = view["models"]["crm.lead"]
        for name in ("nurture_stay_ids", "nurture_handover_ids", "nurture_status_id",
                     "nurture_lifecycle"):  # fmt: skip
            self.assertNotIn(name, shown, "read when the card is opened")
        self.assertIn("nurture_lifecycle", view["arch"])

    def test_only_managers_change_statuses(self):  # LN-22
        self._entrust(self.adam)
        for user in (self.sven, self.mira):
            with self.assertRaises(AccessError):
                self.status["mql"].with_user(user).write({"sequence": 5})
        self.status["mql"].with_user(self.adam).write({"sequence": 31})

    def test_another_company_sees_nothing(self):  # multi-company
        lead = self._create_lead()
        self._run(lead)
        lead.nurture_hand_over(self.team, self.sven)
        self.assertFalse(self.stays.with_user(self.finn).search([("lead_id", "=", lead.id)]))
        handovers = self.env["nurture.handover"].with_user(self.finn)
        self.assertFalse(handovers.search([("lead_id", "=", lead.id)]))
        with self.assertRaises(AccessError):
            lead.with_user(self.finn).read(["nurture_status_id"])


@tagged("post_install", "-at_install")
class TestLifecycleLists(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].create(
            [
                {"name": f"Lead {i:03}", "type": "lead", "email_from": f"l{i}@list.test",
                 "company_id": cls.pumps.id, "user_id": False}
                for i in range(100)
            ]
        )  # fmt: skip
        cls._sync()
        cls.mine = [("id", "in", cls.leads.ids)]

    def setUp(self):
        super().setUp()
        self._run(self.leads)
        self.leads[:3].nurture_move(self.status["customer"])
        self.leads[3:10].nurture_move(self.status["mql"])
        self.env.invalidate_all()

    @warmup
    def test_one_query_whatever_the_page(self):  # LN-22, P-3
        names = ["nurture_status_id", "nurture_status_since"]
        self.status["new"].mapped("name")
        for number in (10, 100):
            self.env.invalidate_all()
            page = self.leads[:number]
            page.read(["name"])
            self.status["new"].browse([s.id for s in self.status.values()]).mapped("name")
            with self.assertQueryCount(1):
                page.read(names)

    def test_searched_sorted_and_grouped(self):  # LN-22
        leads = self.env["crm.lead"]
        best = leads.search(self.mine, order="nurture_status_id desc, id", limit=4)
        self.assertEqual(best.nurture_status_id, self.status["customer"] | self.status["mql"])
        for domain, number in (
            ([("nurture_status_id", "=", self.status["mql"].id)], 7),
            ([("nurture_status_id", "!=", self.status["mql"].id)], 93),
            ([("nurture_status_id", "=", False)], 0),
            ([("nurture_status_id.name", "=", "Customer")], 3),
            ([("nurture_status_id", "ilike", "cust")], 3),
        ):
            self.assertEqual(leads.search_count([*self.mine, *domain]), number, domain)
        rows = leads._read_group(self.mine, ["nurture_status_id"], ["__count"])
        self.assertEqual(
            {status.name: count for status, count in rows}, {"New": 90, "MQL": 7, "Customer": 3}
        )

    def test_the_person_shows_his_furthest_lead(self):  # LN-22
        person = self._person_of(self.leads[0])
        self._create_lead("Again", "l0@list.test", sync=True)
        person.invalidate_recordset()
        self.assertEqual(person.nurture_status_id, self.status["customer"])
        people = self.env["nurture.person"]
        self.assertIn(person, people.search([
            ("nurture_status_id", "=", self.status["customer"].id)], order="nurture_status_id"))
