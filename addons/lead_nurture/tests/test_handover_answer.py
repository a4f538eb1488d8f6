from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_lifecycle import LifecycleCase


@tagged("post_install", "-at_install")
class TestHandoverAnswer(LifecycleCase):
    """What sales made of a hand-over is read from what it did."""

    def _give(self, **vals):
        lead = self._create_lead(**vals)
        handover = lead.nurture_hand_over(self.team, self.sven, note="Before Thursday")
        self._age(handover, "handed_at", hours=2)
        return lead, handover

    def test_what_was_known_is_frozen(self):  # LN-24
        lead = self._create_lead()
        self._create_model([{"name": "Talked", "event_kind": "meeting", "points": 80}])
        self._record(self._person_of(lead), "meeting")
        self._drain()
        handover = lead.nurture_hand_over(self.team, self.sven)
        self.assertEqual((handover.score, handover.band), (80, "hot"))
        self.assertEqual(handover.explanation["groups"][0]["rows"][0]["name"], "Talked")
        self._record(self._person_of(lead), "meeting", days_ago=1)
        self._drain()
        self.assertEqual(handover.score, 80)
        self.assertEqual((handover.user_id, handover.team_id), (self.sven, self.team))
        self.assertEqual(handover.due_at - handover.handed_at, timedelta(hours=24))
        self.assertEqual((handover.state, handover.outcome), ("waiting", "open"))

    def test_a_message_of_the_salesperson_accepts(self):  # LN-24
        lead, handover = self._give()
        self._follow()
        self.assertEqual(handover.state, "waiting")
        lead.with_user(self.sven).message_post(body="note to self")
        self._salesperson_writes(lead, self.mira)
        self._follow()
        self.assertEqual(handover.state, "waiting", "a note, and a colleague's message")
        self._salesperson_writes(lead)
        self._follow()
        self.assertEqual(handover.state, "accepted")
        self.assertFalse(handover.was_late)

    def test_an_activity_done_accepts(self):  # LN-24
        lead, handover = self._give()
        lead.activity_ids.with_user(self.sven).action_feedback("Reached")
        self._follow()
        self.assertEqual(handover.state, "accepted")

    def test_a_stage_moved_by_the_salesperson_accepts(self):  # LN-24
        lead, handover = self._give()
        self.env.flush_all()
        self.env.cr.precommit.run()
        lead = lead.with_user(self.sven).with_context(tracking_disable=False)
        lead.stage_id = self.env.ref("crm.stage_lead2")
        self.env.flush_all()
        self.env.cr.precommit.run()
        self._follow()
        self.assertEqual(handover.state, "accepted")

    def test_lost_before_anything_is_a_rejection_with_the_reason(self):  # LN-24, LN-25
        reason = self.env["crm.lost.reason"].create({"name": "Too small"})
        lead, handover = self._give()
        lead.action_set_lost(lost_reason_id=reason.id)
        self._follow()
        self.assertEqual((handover.state, handover.reason_id), ("rejected", reason))
        self.assertEqual(handover.outcome, "lost")

    def test_worked_on_and_lost_was_accepted(self):  # LN-24
        lead, handover = self._give()
        self._salesperson_writes(lead)
        lead.action_set_lost()
        self._follow()
        self.assertEqual((handover.state, handover.outcome), ("accepted", "lost"))

    def test_given_back_is_a_rejection(self):  # LN-24
        lead, handover = self._give()
        lead.write({"user_id": False, "team_id": False})
        self._follow()
        self.assertEqual((handover.state, handover.outcome), ("rejected", "open"))

    def test_late_and_accepted_all_the_same(self):  # LN-24
        lead, handover = self._give()
        self._age(handover, "due_at", hours=1)
        self._follow()
        self.assertEqual(handover.state, "late")
        self._salesperson_writes(lead)
        self._follow()
        self.assertEqual((handover.state, handover.was_late), ("accepted", True))

    def test_won_at_once(self):  # LN-24
        lead, handover = self._give()
        lead.action_set_won()
        self._follow()
        self.assertEqual((handover.state, handover.outcome), ("accepted", "won"))

    def test_the_setting_says_when_an_answer_is_due(self):  # LN-24
        self.env["ir.config_parameter"].set_param("lead_nurture.handover_hours", "4")
        handover = self._create_lead().nurture_hand_over(self.team, self.sven)
        self.assertEqual(handover.due_at - handover.handed_at, timedelta(hours=4))

    def test_by_hand_for_many(self):  # LN-24
        leads = self._create_lead() | self._create_lead("Bob", "bob@pumps.test")
        won = self._create_lead("Cy", "cy@pumps.test", type="opportunity")
        won.action_set_won()
        wizard = self.env["nurture.hand.over"].with_user(self.mira).with_context(
            active_ids=(leads | won).ids
        )
        form = Form(wizard)
        form.team_id = self.team
        form.user_id = self.sven
        form.note = "Before Thursday"
        for lead in leads:
            self.assertIn(lead.name, form.given_names)
        self.assertNotIn(won.name, form.given_names)
        message = form.save().action_hand_over()["params"]["message"]
        for lead in leads:
            self.assertIn(lead.name, message)
        self.assertIn("1 left out", message)
        given = self.env["nurture.handover"].search([("lead_id", "in", (leads | won).ids)])
        self.assertEqual(given.lead_id, leads)
        self.assertEqual(given.given_by_id, self.mira)
        self.assertEqual(set(leads.mapped("type")), {"opportunity"})
        self.assertIn("Before Thursday", str(leads[0].activity_ids.note))
        with self.assertRaisesRegex(UserError, "wait with sales already"):
            Form(wizard).save().action_hand_over()
        many = self.env["crm.lead"].create([{"name": f"Pump {n}"} for n in range(5)])
        form = Form(wizard.with_context(active_ids=many.ids))
        self.assertTrue(form.given_names.endswith(" and 2 more"))

    def test_not_to_somebody_of_another_company(self):  # LN-24, multi-company
        lead = self._create_lead()
        wizard = self.env["nurture.hand.over"].with_context(active_ids=lead.ids).create(
            {"user_id": self.finn.id}
        )
        with self.assertRaisesRegex(UserError, "does not work for the company"):
            wizard.action_hand_over()
        self.assertEqual(lead.type, "lead")
        self.assertFalse(lead.nurture_handover_ids)

    def test_a_scenario_shows_its_figures(self):  # LN-24
        scenario = self._create_scenario(
            {"sales": ("handover", {"user_id": self.sven.id}, {"next": "end"}),
             "end": ("exit", {}, {})}, trigger_kind="manual",
        )  # fmt: skip
        leads = self._create_lead() | self._create_lead("Bob", "bob@pumps.test")
        scenario._enrol_leads(leads)
        self._advance()
        self.assertEqual(scenario.handover_count, 2)
        given = leads.nurture_handover_ids
        self.assertEqual(given.scenario_id, scenario)
        self.assertEqual(given.enrolment_id, scenario.enrolment_ids)
        self._age(given, "handed_at", hours=1)
        self._salesperson_writes(leads[0])
        self._follow()
        scenario.invalidate_recordset()
        self.assertEqual((scenario.handover_accepted, scenario.handover_decided), (1, 1))


@tagged("post_install", "-at_install")
class TestRecycleWhole(LifecycleCase):
    """A lead that sales gives back: every sentence of the row."""

    def _recycling(self):
        scenario = self._create_scenario(
            {"rest": ("wait", {"delay_count": 30}, {"next": "sales"}),
             "sales": ("handover", {"team_id": self.team.id}, {"next": "end"}),
             "end": ("exit", {}, {})},
            trigger_kind="recycle", trigger_domain="[]", reentry_policy="always",
        )  # fmt: skip
        reason = self.env["crm.lost.reason"].create(
            {"name": "Not now", "nurture_scenario_id": scenario.id}
        )
        return scenario, reason

    def test_given_back_and_handed_over_again(self):  # LN-25, LN-24
        scenario, not_now = self._recycling()
        lead = self._create_lead()
        self._age(lead, "create_date", days=2)
        first = lead.nurture_hand_over(self.team, self.sven)
        self._age(first, "handed_at", days=1)
        self._run(lead)
        self.assertStatus(lead, "mql")
        lead.with_user(self.sven).action_set_lost(lost_reason_id=not_now.id)
        self._run(lead)
        self._follow()
        self.assertStatus(lead, "recycled")
        self.assertEqual((first.state, first.reason_id), ("rejected", not_now))
        self.assertEqual(first.outcome, "recycled")
        self.assertEqual(self._let_in(scenario), 1)
        self._advance()
        self._age(lead.nurture_stay_ids, "entered_at", hours=1)
        self._advance(self._later(days=31))
        self.assertLeft(lead, "finished")
        self.assertEqual(len(lead.nurture_handover_ids), 2)
        second = lead.nurture_handover_ids - first
        self._run(lead)
        self.assertStatus(lead, "mql")
        # the second loss
        lead.action_set_lost(lost_reason_id=not_now.id)
        lead.date_closed = self._later(seconds=5)
        self._run(lead)
        self._follow()
        self.assertStatus(lead, "recycled")
        self.assertEqual(second.state, "rejected")
        self.assertEqual(first.closed_at < second.closed_at, True, "each has its own end")
        self.assertEqual(self._let_in(scenario), 1)

    def test_a_reason_named_later_lets_it_in(self):  # LN-25
        scenario, not_now = self._recycling()
        lead = self._create_lead()
        lead.action_set_lost()
        self.env.flush_all()
        self.assertEqual(self._let_in(scenario), 0)
        lead.lost_reason_id = not_now
        self.env.flush_all()
        self.assertEqual(self._let_in(scenario), 1)

    def test_sales_takes_the_lead_back_meanwhile(self):  # LN-25
        scenario, not_now = self._recycling()
        lead = self._create_lead(type="opportunity", user_id=self.sven.id)
        lead.action_set_lost(lost_reason_id=not_now.id)
        self.env.flush_all()
        self._let_in(scenario)
        self._advance()
        self.assertStands(lead, "rest")
        lead.with_user(self.sven).action_restore()
        self._advance(self._later(days=31))
        self.assertLeft(lead, "taken_back")
        self.assertFalse(lead.nurture_handover_ids, "two must not talk to it")

    def test_an_open_lead_enrolled_by_hand_stays_in(self):  # LN-25, LN-30
        scenario, _not_now = self._recycling()
        lead = self._create_lead()
        scenario._enrol_leads(lead)
        self._advance()
        self.assertStands(lead, "rest")
        self._advance(self._later(days=31))
        self.assertLeft(lead, "finished")
        self.assertEqual(lead.nurture_handover_ids.scenario_id, scenario)

    def test_the_way_to_the_reasons(self):  # LN-25
        scenario = self.env["nurture.preset"]._create_scenario("recycle")
        action = scenario.with_user(self.adam).action_choose_reasons()
        reasons = self.env[action["res_model"]].with_user(self.adam)
        reason = reasons.search([], limit=1)
        reason.nurture_scenario_id = scenario
        self.assertIn(reason, scenario.lost_reason_ids)
