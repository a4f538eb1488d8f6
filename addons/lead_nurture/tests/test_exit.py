from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_goal import WAIT, GoalCase

LETTER = {
    "letter": ("mail", {}, {"next": "wait"}),
    "wait": (*WAIT["wait"][:2], {"next": "end"}),
    "end": ("exit", {}, {}),
}


@tagged("post_install", "-at_install")
class TestExit(GoalCase):
    """People whose journey has become pointless leave, each with the reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaints = cls.env["nurture.segment"].create(
            {"name": "Complaints", "kind": "static", "company_id": cls.pumps.id}
        )

    def _exit(self, kind, **kw):
        return {"exit_rule_ids": [Command.create({"kind": kind, "purpose": "exit", **kw})]}

    def _put_in(self, lead, segment=None):
        (segment or self.complaints)._add_persons(self._person_of(lead).ids)
        self.env.invalidate_all()

    def _delivered_to(self, leads):
        sent = [address for mail in self._deliver() for address in mail["email_to"]]
        return [address for address in sent if address in leads.mapped("email_normalized")]

    # ------------------------------------------------------------
    # EXIT RULES
    # ------------------------------------------------------------

    def test_each_rule_says_which_one_it_was(self):  # LN-34
        leads = [self._create_lead(n, f"{n}@pumps.test") for n in ("inside", "outside", "both")]
        inside, outside, both = leads
        self._put_in(outside)
        stays = self.env["nurture.segment.member"].search([("segment_id", "=", self.complaints.id)])
        self._age(stays, "entered_at", days=5)
        rules = {
            "exit_rule_ids": [
                Command.create({"purpose": "exit", "kind": kind, **vals})
                for kind, vals in (
                    ("segment_enter", {"segment_id": self.complaints.id}),
                    ("event", {"event_kind": "meeting"}),
                    ("domain", {"domain": "[('priority', '=', '3')]"}),
                )
            ]
        }
        scenario = self._enter(inside | outside | both, **rules)
        self._sweep()
        for lead in leads:
            self.assertStands(lead, "wait")
        self._put_in(inside)
        self._record(self._person_of(outside), "meeting", at=self.now - timedelta(hours=1))
        both.priority = "3"
        self._sweep()
        for lead, note in (
            (inside, "Enters “Complaints”"), (outside, "Meeting held"),
            (both, "The lead: Priority is Very High"),
        ):  # fmt: skip
            self.assertLeft(lead, "rule")
            self.assertEqual(self._enrolment_of(lead).exit_note, note)
            self.assertEqual(self._enrolment_of(lead).state, "exited")
            self.assertFalse(self._enrolment_of(lead).goal_at)
            self.assertSteps(lead, [("wait", "end")])
        self.assertEqual(scenario.closed_count, 3)

    def test_leaving_a_segment_and_coming_back(self):  # LN-34
        gone, back = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        for lead in (gone, back):
            self._put_in(lead)
        self._enter(gone | back, **self._exit("segment_leave", segment_id=self.complaints.id))
        self.complaints._remove_persons((self._person_of(gone) | self._person_of(back)).ids)
        self._put_in(back)
        self._sweep()
        self.assertLeft(gone, "rule")
        self.assertStands(back, "wait")

    # ------------------------------------------------------------
    # SUPPRESSION
    # ------------------------------------------------------------

    def test_suppressed_people_never_enter(self):  # LN-34
        lead, other = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        self._put_in(lead)
        scenario = self._create_scenario(
            WAIT, suppress_segment_ids=self.complaints.ids, reentry_policy="always"
        )
        self.assertEqual(self._let_in(scenario), 1)
        self.assertTrue(self._enrolment_of(other))
        self.assertFalse(scenario._enrol_leads(lead, anew=True), "not by hand either")
        self.complaints._remove_persons(self._person_of(lead).ids)
        self.assertTrue(scenario._enrol_leads(lead), "once the complaint is settled")

    def test_suppressed_people_leave(self):  # LN-34
        lead = self._create_lead()
        self._enter(lead, suppress_segment_ids=self.complaints.ids)
        self._put_in(lead)
        self._sweep()
        self.assertLeft(lead, "suppressed")
        self.assertEqual(self._enrolment_of(lead).exit_note, "Complaints")

    def test_suppression_is_asked_before_the_mail_leaves(self):  # LN-34, RELIABILITY 1
        lead, other = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        self._enter(lead | other, steps=LETTER, suppress_segment_ids=self.complaints.ids)
        self.assertEqual(len(self._sends_of(lead)), 1, "queued")
        self._put_in(lead)
        self.assertEqual(self._delivered_to(lead | other), ["ben@pumps.test"])
        self._settle()
        send = self._sends_of(lead)
        self.assertEqual((send.state, send.failure_type), ("cancel", "nurture_left"))
        self.assertFalse(self._delivered_to(lead), "and it stays so")

    def test_who_left_early_gets_nothing_more(self):  # LN-34
        bought, done = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        self._enter(bought | done, steps=LETTER,
                    **{"goal_ids": [Command.create({"event_kind": "purchase"})]})  # fmt: skip
        self._record(self._person_of(bought), "purchase", at=self.now - timedelta(minutes=1))
        self._sweep()
        self.assertLeft(bought, "goal")
        self._enrolment_of(done)._set_done(self.now)
        self.assertEqual(self._delivered_to(bought | done), ["ben@pumps.test"])

    def test_a_suppressing_segment_stays(self):  # LN-34
        self._create_scenario(WAIT, start=False, suppress_segment_ids=self.complaints.ids)
        with self.assertRaisesRegex(UserError, "used by “Story”"):
            self.complaints.unlink()

    # ------------------------------------------------------------
    # WHAT BECOMES OF THE LEAD
    # ------------------------------------------------------------

    def test_the_lead_changes_under_way(self):  # LN-34, RELIABILITY 1
        names = ("won", "lost", "gone", "archived", "company", "stays")
        leads = {n: self._create_lead(n, f"{n}@pumps.test") for n in names}
        self._enter(self.env["crm.lead"].union(*leads.values()))
        journeys = {n: self._enrolment_of(lead) for n, lead in leads.items()}
        leads["won"].action_set_won()
        leads["lost"].action_set_lost()
        leads["gone"].unlink()
        leads["archived"].write({"active": False, "probability": 20})
        leads["company"].write({"company_id": self.filters.id})
        self._sweep()
        reasons = {n: journey.exit_reason for n, journey in journeys.items()}
        self.assertEqual(
            reasons,
            {"won": "won", "lost": "lost", "gone": "lead_gone", "archived": "archived",
             "company": "company", "stays": False},
        )  # fmt: skip
        self.assertTrue(journeys["gone"].log_ids, "history stays")
        self.assertTrue(journeys["gone"].person_id)

    def test_the_contact_is_merged(self):  # LN-34, RELIABILITY 1
        one, other = (
            self.env["res.partner"].create(
                {"name": n, "email": f"{n}@pumps.test", "company_id": self.pumps.id}
            )
            for n in ("one", "other")
        )
        leads = [
            self._create_lead(p.name, p.email, partner_id=p.id) for p in (one, other)
        ]
        scenario = self._enter(leads[0] | leads[1])
        self.env["base.partner.merge.automatic.wizard"]._merge((one | other).ids, one)
        self._sync()
        self.env.invalidate_all()
        journeys = scenario.enrolment_ids
        self.assertEqual(len(journeys.filtered("is_open")), 1, "one person, one journey")
        self.assertEqual(
            (journeys - journeys.filtered("is_open")).exit_reason, "merged"
        )
        self.assertEqual(len(journeys.person_id), 1, "history is the survivor's")

    # ------------------------------------------------------------
    # ENTERING AGAIN
    # ------------------------------------------------------------

    def _left(self, scenario, days_ago):
        """All journeys of the scenario ended so long ago."""
        for journey in scenario.enrolment_ids:
            journey._write_rows(
                enrolled_at=self.now - timedelta(days=days_ago + 1),
                ended_at=self.now - timedelta(days=days_ago),
                state="done",
            )
        self.env.invalidate_all()

    def test_after_days_counts_from_the_last_leaving(self):  # LN-34
        self._create_lead()
        scenario = self._create_scenario(WAIT, reentry_policy="days", reentry_days=10)
        scenario.enrol_since = self.now - timedelta(days=99)
        self._let_in(scenario)
        self._left(scenario, 30)
        self._create_lead()
        self.assertEqual(self._let_in(scenario), 1, "30 days after leaving, a new enquiry")
        _first, second = scenario.enrolment_ids.sorted("id")
        second._write_rows(state="done", enrolled_at=self.now - timedelta(days=8),
                           ended_at=self.now - timedelta(days=6))  # fmt: skip
        self._create_lead()
        self.assertEqual(self._let_in(scenario), 0, "6 days after leaving the last time")
        second._write_rows(ended_at=self.now - timedelta(days=11),
                           enrolled_at=self.now - timedelta(days=12))  # fmt: skip
        self.assertEqual(self._let_in(scenario), 1)

    def test_the_same_enquiry_is_no_new_occasion(self):  # LN-34
        for policy in ("days", "always"):
            email = f"{policy}@pumps.test"
            self._create_lead(policy, email)
            scenario = self._create_scenario(
                WAIT, reentry_policy=policy, reentry_days=1,
                trigger_domain=f"[('email_normalized', '=', '{email}')]",
            )  # fmt: skip
            self._let_in(scenario)
            scenario.enrolment_ids._set_exited("manual")
            scenario.enrolment_ids._write_rows(ended_at=self.now - timedelta(days=3))
            self.env.invalidate_all()
            self.assertEqual(self._let_in(scenario), 0, policy)
