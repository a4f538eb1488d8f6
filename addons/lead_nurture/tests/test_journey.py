from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestJourney(ScenarioCase):
    """People travel a scenario from the entry to the end."""

    def test_welcome_click_hand_over(self):  # LN-30, LN-31, LN-33, LN-24
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self.assertEqual(self._let_in(scenario), 1)
        self._advance()
        self.assertStands(lead, "click", "waiting")
        self.assertEqual([mail["email_to"] for mail in self._deliver()], [["ann@pumps.test"]])
        self._age_mails()
        self._click(self._sends_of(lead))
        self._ingest()
        self._advance()
        self.assertLeft(lead, "finished")
        self.assertSteps(
            lead, [("welcome", "next"), ("click", "yes"), ("sales", "next"), ("end", "end")]
        )
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.team_id, self.team)
        self.assertTrue(lead.partner_id)
        self.assertEqual(lead.priority, "2")
        self.assertEqual(lead.activity_ids.user_id, self.sven, "the leader of the team is told")

    def test_timeout_reminds(self):  # LN-31
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        self._deliver()
        self._advance(self._later(days=2, hours=23))
        self.assertStands(lead, "click", "waiting")
        self._advance(self._later(days=3, minutes=1))
        self.assertLeft(lead, "finished")
        self.assertEqual(self._sends_of(lead).mapped("node_id.name"), ["welcome", "remind"])
        self.assertEqual(lead.type, "lead", "nobody was handed over")

    def test_event_before_its_clock_runs_out_unheard(self):  # LN-31
        """The wake-up call got lost; the stored event still wins over the clock."""
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        self._deliver()
        self._record_click(lead, wake=False)
        self._advance(self._later(days=4))
        self.assertSteps(
            lead, [("welcome", "next"), ("click", "yes"), ("sales", "next"), ("end", "end")]
        )

    def test_sweep_finds_a_lost_wake_up_call(self):  # LN-31
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        self._record_click(lead, wake=False)
        self.env["nurture.waiter"]._wake_missed(self._later(hours=-1))
        self.env.invalidate_all()
        self.assertStands(lead, "click", "active")

    def _record_click(self, lead, wake=True):
        send = self._sends_of(lead)[-1:]
        vals = send._prepare_event_vals("mail_click", fields.Datetime.now(), key=":t")
        if wake:
            return self.env["nurture.event"]._insert_events([vals])
        model = self.env["nurture.event"]
        self.env.execute_query(model._query_insert([model._prepare_insert_vals(vals)]))

    def test_branches(self):  # LN-32
        hot = self._create_lead()
        self._create_lead("Bob", "bob@pumps.test", city="Hue")
        model = self._create_model([{"event_kind": "meeting", "points": 80}])
        self._record(self._person_of(hot), "meeting")
        self._drain()
        self.assertScore(self._person_of(hot), 80, "hot", model)
        for vals in (
            {"condition": "band", "band": "hot"},
            {"condition": "band", "band": "warm"},
            {"condition": "domain", "domain": "[('city', '!=', 'Hue')]"},
        ):
            scenario = self._create_scenario(
                {
                    "ask": ("branch", vals, {"yes": "talk", "no": "end"}),
                    "talk": ("wait", {}, {"next": "end"}),
                    "end": ("exit", {}, {}),
                }
            )
            self._let_in(scenario)
            self._advance()
            inside = scenario.enrolment_ids.filtered("is_open").lead_id
            self.assertEqual(inside, hot, vals)

    def test_branch_on_event(self):  # LN-32
        clicked, silent = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        scenario = self._create_scenario(
            {
                "mail": ("mail", {}, {"next": "wait"}),
                "wait": ("wait", {"delay_count": 1}, {"next": "ask"}),
                "ask": ("branch", {"condition": "event"}, {"yes": "talk", "no": "end"}),
                "talk": ("wait", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            }
        )
        self._let_in(scenario)
        self._advance()
        self._record_click(clicked)
        self._advance(self._later(days=1, minutes=1))
        self.assertStands(clicked, "talk")
        self.assertLeft(silent, "finished")

    def test_activity_and_alert(self):  # LN-33, LN-23
        lead = self._create_lead(user_id=self.sven.id)
        scenario = self._create_scenario(
            {
                "call": (
                    "activity",
                    {
                        "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                        "summary": "Ring them",
                    },
                    {"next": "tell"},
                ),
                "tell": ("alert", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            }
        )
        self._let_in(scenario)
        self._advance()
        self.assertLeft(lead, "finished")
        self.assertEqual(lead.activity_ids.mapped("summary"), ["Ring them"])
        self.assertEqual(lead.activity_ids.user_id, self.sven)
        notified = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.sven.partner_id.id)]
        )
        self.assertTrue(notified.mail_message_id.filtered(lambda m: m.res_id == lead.id))

    def test_one_journey_at_a_time(self):  # LN-34
        lead = self._create_lead()
        self._create_lead("Ann again", "ann@pumps.test")
        scenario = self._create_scenario(self._welcome_steps(), reentry_policy="always")
        self.assertEqual(self._let_in(scenario), 1, "two leads of one person")
        self.assertEqual(self._let_in(scenario), 0)
        self.assertFalse(scenario._enrol_leads(lead, anew=True))
        self._advance()
        self.assertEqual(self._let_in(scenario), 0)
        self.assertEqual(len(scenario.enrolment_ids), 1)

    def test_reentry(self):  # LN-34
        for policy, returns in (("never", 0), ("days", 0), ("always", 1)):
            email = f"{policy}@pumps.test"
            self._create_lead(policy, email)
            scenario = self._create_scenario(
                {"end": ("exit", {}, {})},
                trigger_domain=f"[('email_normalized', '=', '{email}')]",
                reentry_policy=policy,
            )
            self.assertEqual(self._let_in(scenario), 1)
            self._advance()
            self.assertEqual(self._let_in(scenario), 0, "the same occasion counts once")
            self._backdate(scenario)
            self._create_lead(policy, email)
            self.assertEqual(self._let_in(scenario), returns, policy)

    def _backdate(self, scenario):
        """All journeys of the scenario took place an hour ago."""
        for name in ("enrolled_at", "ended_at"):
            for enrolment in scenario.enrolment_ids:
                self.env.cr.execute(
                    f"UPDATE nurture_enrolment SET {name} = %s WHERE id = %s",  # noqa: S608
                    [enrolment[name] - timedelta(hours=1), enrolment.id],
                )
        self.env.invalidate_all()

    def test_leaving_early(self):  # LN-34
        won, lost, gone, out = (
            self._create_lead(name, f"{name}@pumps.test") for name in ("won", "lost", "gone", "out")
        )
        scenario = self._create_scenario(
            {"wait": ("wait", {}, {"next": "end"}), "end": ("exit", {}, {})}
        )
        self.assertEqual(self._let_in(scenario), 4)
        self._advance()
        enrolment_gone = self._enrolment_of(gone)
        won.action_set_won()
        lost.action_set_lost()
        gone.unlink()
        self.env["mail.blacklist"]._add("out@pumps.test")
        self._advance(self._later(days=2))
        self.assertLeft(won, "won")
        self.assertLeft(lost, "lost")
        self.assertLeft(out, "opted_out")
        self.assertEqual(enrolment_gone.exit_reason, "lead_gone")

    def test_opted_out_people_never_enter(self):  # LN-34
        self.env["mail.blacklist"]._add("ann@pumps.test")
        self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self.assertEqual(self._let_in(scenario), 0)

    def test_only_leads_since_the_start(self):  # LN-30
        old = self._create_lead()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = create_date - interval '2 days' WHERE id = %s",
            [old.id],
        )
        self.env.invalidate_all()
        scenario = self._create_scenario(self._welcome_steps())
        self.assertEqual(self._let_in(scenario), 0, "a start mails nobody who was there before")
        self.assertEqual(scenario._enrol_leads(old).lead_id, old, "but by hand he may enter")

    def test_new_leads_between_two_full_passes(self):  # LN-30
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self.assertTrue(scenario.full_pass_at)
        lead = self._create_lead()
        self.assertEqual(self._let_in(scenario), 1)
        self.assertTrue(self._enrolment_of(lead))

    def test_band_trigger(self):  # LN-30
        lead = self._create_lead()
        self._create_model([{"event_kind": "meeting", "points": 80}])
        self._drain()
        scenario = self._create_scenario(
            self._welcome_steps(), trigger_kind="band", trigger_band="hot"
        )
        self.assertEqual(self._let_in(scenario), 0, "cold people do not enter")
        self._record(self._person_of(lead), "meeting")
        self._drain()
        self.assertEqual(self._let_in(scenario), 1)
        self.assertEqual(self._let_in(scenario), 0)

    def test_conditions_are_checked_when_typed(self):  # RELIABILITY 3
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        for wrong in ("[('no_such_field', '=', 1)]", "not a domain", "__import__('os')",
                      "[('id', '=', uid)]", "[" + "('id', '>', 0)," * 500 + "]"):
            with self.assertRaises(ValidationError):
                scenario.trigger_domain = wrong
        scenario.trigger_domain = "[('create_date', '>=', 'today -7d')]"

    def test_broken_condition_pauses_with_a_sentence(self):  # RELIABILITY 3
        scenario = self._create_scenario(self._welcome_steps())
        self.env.cr.execute(
            "UPDATE nurture_scenario SET trigger_domain = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", scenario.id],
        )
        self.env.invalidate_all()
        self._let_in(scenario)
        self.assertEqual(scenario.state, "paused")
        self.assertIn("no_such_field", scenario.pause_reason)

    def test_archived_owner_pauses(self):  # RELIABILITY 1.6
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self.mira.active = False
        self._advance()
        self.assertEqual(scenario.state, "paused")
        self.assertIn("mira", scenario.pause_reason)
        self.assertFalse(self._sends_of(lead))
        with self.assertRaises(UserError):
            scenario.action_start()

    def test_paused_scenario_stands_still(self):
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        scenario.action_pause()
        self.assertEqual(self._advance(), 0)
        scenario.action_start()
        self._advance()
        self.assertStands(lead, "click")

    def test_closing_takes_everybody_out(self):
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        scenario.action_close()
        self.assertLeft(lead, "closed")
        self.assertFalse(self.env["nurture.waiter"].search([]))

    def test_merged_leads_travel_once(self):  # LN-34: one address, one mail of each step
        ann = self._create_lead()
        bob = self._create_lead("Bob", "bob@pumps.test")
        self._let_in(self._create_scenario(self._welcome_steps()))
        self.assertEqual(len(self._enrolment_of(ann) | self._enrolment_of(bob)), 2)
        kept = (ann | bob).merge_opportunity(auto_unlink=True)
        self.assertEqual(
            sorted(self._enrolment_of(kept).mapped("state")), ["active", "exited"]
        )
        self._advance()
        self.assertEqual(len(self._sends_of(kept)), 1)

    def test_merged_leads_keep_the_journey(self):
        lead = self._create_lead()
        twin = self._create_lead("Ann twin", "ann@pumps.test")
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        kept = (lead | twin).merge_opportunity(auto_unlink=True)
        self.env.invalidate_all()
        self.assertEqual(scenario.enrolment_ids.lead_id, kept)
        self.assertEqual(self._sends_of(kept).enrolment_id, scenario.enrolment_ids)
