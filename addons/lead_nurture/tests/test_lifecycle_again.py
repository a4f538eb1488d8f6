from unittest.mock import patch

from odoo.addons.lead_nurture.models import nurture_handover_follow
from odoo.tests import tagged

from .common_lifecycle import LifecycleCase


@tagged("post_install", "-at_install")
class TestHotInSilence(LifecycleCase):
    """What a publication moves makes no noise, and only the score that is shown moves leads."""

    def _told(self, lead):
        return self.env["nurture.event"].search([
            ("kind", "=", "status_change"), ("person_id", "=", self._person_of(lead).id),
        ]).mapped("topic")  # fmt: skip

    def test_a_silent_publication_moves_leads_in_silence(self):  # LN-14, LN-22
        lead = self._create_lead()
        self._run(lead)
        self._record(self._person_of(lead), "meeting")
        self._run(lead)
        self._create_model([{"event_kind": "meeting", "points": 80}])
        self._drain()
        self.assertEqual(self._told(lead), ["Engaged"])
        self._run(lead)
        self.assertStatus(lead, "mql")
        self.assertEqual(self._told(lead), ["Engaged"], "nobody became hot: the rules changed")

    def test_who_becomes_hot_is_told(self):  # LN-22
        self._create_model([{"event_kind": "meeting", "points": 80}])
        lead = self._create_lead()
        self._run(lead)
        self._drain()
        self._record(self._person_of(lead), "meeting")
        self._drain()
        self._run(lead)
        self.assertStatus(lead, "mql")
        self.assertIn("MQL", self._told(lead))

    def test_a_score_that_is_not_shown_moves_no_lead(self):  # LN-16, LN-22
        self._create_model([{"event_kind": "call", "points": 80}], sequence=1)
        self._create_model([{"event_kind": "meeting", "points": 80}], sequence=50)
        lead = self._create_lead()
        self._run(lead)
        self._drain()
        self._record(self._person_of(lead), "meeting")
        self._drain()
        self._run(lead)
        self.assertStatus(lead, "engaged")
        self._record(self._person_of(lead), "call")
        self._drain()
        self._run(lead)
        self.assertStatus(lead, "mql")


@tagged("post_install", "-at_install")
class TestHandoverAgain(LifecycleCase):
    """An end that was not the end."""

    def _give(self):
        lead = self._create_lead()
        handover = lead.nurture_hand_over(self.team, self.sven)
        self._age(handover, "handed_at", hours=2)
        return lead, handover

    def _run_job(self):
        """The ranges as the job finds them."""
        self.env.flush_all()
        handovers = self.env["nurture.handover"]
        for low, high in handovers._ranges():
            handovers._follow(low, high, self._later())
        self.env.invalidate_all()

    def test_many_are_followed_a_batch_at_a_time(self):  # LN-24, P-11
        """The job is told where batches begin and end, and never all numbers."""
        ids = [self._give()[1].id for _n in range(5)]
        with patch.object(nurture_handover_follow, "BATCH", 2):
            ranges = self.env["nurture.handover"]._ranges()
        ours = [sum(low <= number <= high for number in ids) for low, high in ranges]
        self.assertEqual((sum(ours), max(ours)), (5, 2))

    def test_lost_by_mistake_and_won(self):  # LN-24
        reason = self.env["crm.lost.reason"].create({"name": "Too small"})
        lead, handover = self._give()
        lead.with_user(self.sven).action_set_lost(lost_reason_id=reason.id)
        self._run_job()
        self.assertEqual((handover.state, handover.outcome), ("rejected", "lost"))
        lead.action_restore()
        self._run_job()
        self.assertEqual((handover.state, handover.outcome), ("waiting", "open"))
        self.assertFalse(handover.decided_at or handover.closed_at or handover.reason_id)
        lead.action_set_won()
        self._run_job()
        self.assertEqual((handover.state, handover.outcome), ("accepted", "won"))

    def test_taken_back_after_the_answer_was_due(self):  # LN-24
        lead, handover = self._give()
        lead.action_set_lost()
        self._run_job()
        self._age(handover, "due_at", hours=1)
        lead.action_restore()
        self._run_job()
        self.assertEqual((handover.state, handover.was_late), ("late", True))

    def test_worked_on_lost_and_won_after_all(self):  # LN-24
        lead, handover = self._give()
        self._salesperson_writes(lead)
        lead.action_set_lost()
        self._run_job()
        answered = handover.decided_at
        self.assertEqual((handover.state, handover.outcome), ("accepted", "lost"))
        lead.action_restore()
        lead.action_set_won()
        self._run_job()
        self.assertEqual((handover.state, handover.outcome), ("accepted", "won"))
        self.assertEqual(handover.decided_at, answered)

    def test_another_reason_is_another_outcome(self):  # LN-24, LN-25
        scenario = self._create_scenario(
            {"end": ("exit", {}, {})}, trigger_kind="recycle", trigger_domain="[]"
        )
        not_now = self.env["crm.lost.reason"].create(
            {"name": "Not now", "nurture_scenario_id": scenario.id}
        )
        lead, handover = self._give()
        lead.action_set_lost()
        self._run_job()
        lead.lost_reason_id = not_now
        self._run_job()
        self.assertEqual((handover.state, handover.outcome), ("rejected", "recycled"))
        self.assertEqual(handover.reason_id, not_now)

    def test_given_back_stays_an_answer(self):  # LN-24
        lead, handover = self._give()
        lead.write({"user_id": False, "team_id": False})
        self._age(lead, "write_date", hours=1)
        self._run_job()
        lead.action_set_lost()
        self._run_job()
        lead.action_restore()
        lead.action_set_won()
        self._run_job()
        self.assertEqual((handover.state, handover.outcome), ("rejected", "won"))

    def test_an_earlier_hand_over_keeps_its_end(self):  # LN-24, LN-25
        lead, first = self._give()
        lead.action_set_lost()
        self._run_job()
        second = lead.nurture_hand_over(self.team, self.sven)
        self._run_job()
        self.assertEqual((first.state, first.outcome), ("rejected", "lost"))
        self.assertEqual((second.state, second.outcome), ("waiting", "open"))
