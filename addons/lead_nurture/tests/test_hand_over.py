from odoo.tests import tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestHandOver(ScenarioCase):
    """Leads go to sales with a dossier, and come back without losing their past."""

    def _hand_over(self, lead, **vals):
        scenario = self._create_scenario(
            {"sales": ("handover", vals, {"next": "end"}), "end": ("exit", {}, {})},
            trigger_kind="manual",
        )
        scenario._enrol_leads(lead)
        self._advance()
        self.assertLeft(lead, "finished")
        return lead

    def _dossier_of(self, lead):
        notes = lead.message_ids.filtered(lambda m: "worth a call" in (m.body or ""))
        self.assertEqual(len(notes), 1)
        return notes

    def test_dossier_adds_up(self):  # LN-24, LN-15
        lead = self._create_lead(city="Hue")
        self._create_model(
            [{"name": "Talked to us", "event_kind": "meeting", "points": 40}],
            [{"name": "Right city", "domain": "[('city', '=', 'Hue')]", "points": 25}],
            total_cap=60,
        )
        self._record(self._person_of(lead), "meeting", topic="Trade fair")
        self._record(self._person_of(lead), "mail_open", actor="machine", topic="Robot visit")
        self._drain()
        self._hand_over(lead)
        note = self._dossier_of(lead)
        body = str(note.body)
        for text in ("Talked to us", "+40", "Right city", "+25", "-5", "<strong>60</strong>",
                     "Trade fair"):
            self.assertIn(text, body)
        self.assertNotIn("Robot visit", body, "what machines did is no news for sales")
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"), "the lead gets no mail")
        self.assertEqual(note.author_id, self.mira.partner_id, "in the name of the owner")

    def test_dossier_counts_what_has_just_happened(self):  # LN-24, LN-15
        lead = self._create_lead()
        self._create_model([{"name": "Talked to us", "event_kind": "meeting", "points": 80}])
        self._drain()
        self.assertEqual(lead.nurture_score, 0)
        self._record(self._person_of(lead), "meeting", topic="Trade fair")
        self._hand_over(lead)  # before the score job had its turn
        body = str(self._dossier_of(lead).body)
        for text in ("+80", "<strong>80</strong>", "Hot"):
            self.assertIn(text, body)

    def test_branch_counts_what_has_just_happened(self):  # LN-32
        warm, cold = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._create_model([{"name": "Talked to us", "event_kind": "meeting", "points": 80}])
        self._drain()
        self._record(self._person_of(warm), "meeting")
        self._record(self._person_of(cold), "mail_open")
        scenario = self._create_scenario(
            {
                "hot": ("branch", {"condition": "band"}, {"yes": "stay", "no": "end"}),
                "stay": ("wait", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            },
            trigger_kind="manual",
        )
        scenario._enrol_leads(warm | cold)
        self._advance()
        self.assertStands(warm, "stay", "waiting")
        self.assertLeft(cold, "finished")

    def test_to_a_person(self):  # LN-24
        lead = self._hand_over(self._create_lead(), user_id=self.sven.id, lead_priority="3")
        self.assertEqual((lead.type, lead.user_id), ("opportunity", self.sven))
        self.assertEqual(lead.priority, "3")
        self.assertEqual(lead.partner_id.email, "ann@pumps.test")
        self.assertEqual(lead.activity_ids.user_id, self.sven)

    def test_without_a_salesperson_the_team_assigns(self):  # LN-24
        lead = self._hand_over(self._create_lead(), team_id=self.team.id)
        self.assertFalse(lead.user_id)
        self.assertEqual(lead.team_id, self.team)

    def test_an_opportunity_only_gets_the_dossier(self):  # LN-24
        lead = self._create_lead(type="opportunity", user_id=self.adam.id, priority="3")
        stage = lead.stage_id
        self._hand_over(lead, user_id=self.sven.id, lead_priority="1")
        self.assertEqual((lead.user_id, lead.priority), (self.adam, "3"), "nothing is taken away")
        self.assertEqual(lead.stage_id, stage)
        self._dossier_of(lead)
        self.assertEqual(lead.activity_ids.user_id, self.adam)

    # ------------------------------------------------------------
    # RECYCLE
    # ------------------------------------------------------------

    def _recycling(self, **kw):
        scenario = self._create_scenario(
            {
                "rest": ("wait", {"delay_count": 30}, {"next": "ask"}),
                "ask": ("mail", {}, {"next": "click"}),
                "click": ("wait_event", {"delay_count": 7}, {"yes": "sales", "timeout": "end"}),
                "sales": ("handover", {"team_id": self.team.id}, {"next": "end"}),
                "end": ("exit", {}, {}),
            },
            trigger_kind="recycle",
            trigger_domain="[]",
            reentry_policy="always",
            **kw,
        )
        reason = self.env["crm.lost.reason"].create(
            {"name": "Not now", "nurture_scenario_id": scenario.id}
        )
        return scenario, reason

    def test_lost_not_now_comes_back_with_its_history(self):  # LN-25
        scenario, not_now = self._recycling()
        other_reason = self.env["crm.lost.reason"].create({"name": "Bankrupt"})
        lead = self._create_lead(type="opportunity", team_id=self.team.id)
        dead = self._create_lead("Bob", "bob@pumps.test", type="opportunity")
        person = self._person_of(lead)
        self._record(person, "meeting")
        lead.message_post(body="They like the blue one")
        leads_before = self.env["crm.lead"].with_context(active_test=False).search_count([])
        self.assertEqual(self._let_in(scenario), 0)
        lead.action_set_lost(lost_reason_id=not_now.id)
        dead.action_set_lost(lost_reason_id=other_reason.id)
        self.env.flush_all()
        self.assertEqual(self._let_in(scenario), 1)
        self.assertEqual(self._let_in(scenario), 0, "once per loss")
        recycled = self.env["nurture.event"].search([("kind", "=", "recycled")])
        self.assertEqual((recycled.person_id, recycled.topic), (person, "Not now"))
        self._advance()
        self.assertStands(lead, "rest", "waiting")
        self._advance(self._later(days=30, minutes=1))
        self._deliver()
        self._age_mails()
        self._click(self._sends_of(lead))
        self._ingest()
        self.assertEqual(lead.won_status, "lost", "until it reacts it stays out of the way")
        # the wait was armed by a clock that ran ahead
        self.env.cr.execute("UPDATE nurture_waiter SET since = since - interval '31 days'")
        self._advance(self._later(days=37, minutes=5))
        self.assertLeft(lead, "finished")
        self.assertTrue(lead.active)
        self.assertEqual((lead.won_status, lead.type), ("pending", "opportunity"))
        self.assertTrue(lead.message_ids.filtered(lambda m: "blue one" in (m.body or "")))
        self.assertEqual(self._person_of(lead), person)
        self.assertEqual(
            self.env["crm.lead"].with_context(active_test=False).search_count([]), leads_before
        )
        self.assertIn("meeting", self.env["nurture.event"].search(
            [("person_id", "=", person.id)]).mapped("kind"))

    def test_lost_again_is_recycled_again(self):  # LN-25
        scenario, not_now = self._recycling()
        lead = self._create_lead()
        lead.action_set_lost(lost_reason_id=not_now.id)
        self.env.flush_all()
        self.assertEqual(self._let_in(scenario), 1)
        self._enrolment_of(lead)._set_exited("manual")
        lead.action_restore()
        self.assertEqual(self._let_in(scenario), 0)
        lead.action_set_lost(lost_reason_id=not_now.id)
        lead.date_closed = self._later(seconds=5)
        self.env.flush_all()
        self.assertEqual(self._let_in(scenario), 1)

    def test_old_losses_stay_in_peace_at_the_start(self):  # LN-25
        scenario, not_now = self._recycling(start=False)
        lead = self._create_lead()
        lead.action_set_lost(lost_reason_id=not_now.id)
        lead.date_closed = self._later(days=-400)
        scenario.action_start()
        self.env.flush_all()
        self.assertEqual(self._let_in(scenario), 0)

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def _wizard(self, leads, scenario, user=None, **vals):
        wizard = self.env["nurture.enrol"].with_user(user or self.mira)
        return wizard.with_context(active_model=leads._name, active_ids=leads.ids).create(
            {"scenario_id": scenario.id, **vals}
        )

    def test_enrol_leads_by_hand(self):  # LN-30
        leads = self._create_lead(sync=False) | self._create_lead(
            "Bob", "bob@pumps.test", sync=False
        )
        scenario = self._create_scenario(self._welcome_steps(), trigger_kind="manual")
        message = self._wizard(leads, scenario).action_enrol()["params"]["message"]
        self.assertIn("2 entered", message)
        message = self._wizard(leads, scenario).action_enrol()["params"]["message"]
        self.assertIn("2 did not", message)
        scenario.enrolment_ids._set_exited("manual")
        self._wizard(leads, scenario).action_enrol()
        self.assertFalse(scenario.enrolment_ids.filtered("is_open"), "once in a lifetime")
        self._wizard(leads, scenario, anew=True).action_enrol()
        self.assertEqual(len(scenario.enrolment_ids.filtered("is_open")), 2)

    def test_enrol_people_by_hand(self):  # LN-30
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps(), trigger_kind="manual")
        self._wizard(self._person_of(lead), scenario).action_enrol()
        self.assertEqual(scenario.enrolment_ids.lead_id, lead)
