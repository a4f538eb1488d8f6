import random
from datetime import timedelta
from itertools import permutations
from unittest.mock import patch

from odoo import fields
from odoo.addons.lead_nurture.scope import Scope
from odoo.tools import SQL

from .common_segment import SegmentCase


class TestStays(SegmentCase):
    """Coming, going and coming back, by difference."""  # LN-21

    def setUp(self):
        super().setUp()
        self.ann = self._ann()
        self.segment = self._create_segment(self._visited(days=7), name="Visitors of the week")

    def _turn_clock(self, days):
        """So many days later; nothing happens but the pass of the segment."""
        later = fields.Datetime.now() + timedelta(days=days)
        with patch.object(fields.Datetime, "now", lambda: later):
            self._refresh()

    def test_entering_leaving_and_coming_back(self):
        self._record(self.ann, days_ago=5)
        self._refresh()
        self._turn_clock(3)
        stay = self._stays(self.segment, self.ann)
        self.assertTrue(stay.left_at, "the visit is 8 days old")
        self._record(self.ann)
        self._refresh()
        stays = self._stays(self.segment, self.ann)
        self.assertEqual(len(stays), 2, "coming back is a new stay, history stays")
        self.assertFalse(stays[1].left_at)
        self.assertEqual(
            self._moves_told(self.ann), ["segment_enter", "segment_leave", "segment_enter"]
        )
        event = self.env["nurture.event"].search([("kind", "=", "segment_leave")], limit=1)
        self.assertEqual(
            (event.topic, event.res_model, event.res_id),
            ("Visitors of the week", "nurture.segment", self.segment.id),
        )

    def test_an_untouched_stay_is_not_written(self):
        self._record(self.ann)
        self._refresh()
        [before] = self.env.execute_query(self._query_version())
        self._record(self.ann)
        self.segment.action_refresh()
        self._refresh()
        self.assertEqual([before], self.env.execute_query(self._query_version()))

    def _query_version(self):
        return SQL(
            "SELECT id, xmin::text, ctid::text FROM nurture_segment_member WHERE segment_id = %s",
            self.segment.id,
        )

    def test_first_filling_and_edits_are_silent(self):
        self._record(self.ann, days_ago=10)
        bob = self._ann("Bob")
        self._record(bob)
        self._refresh()
        silent = self._create_segment(self._visited(), name="Silent")
        self.assertPeople(silent, self.ann | bob)
        self.assertEqual(self._moves_told(self.ann), [])
        self.assertEqual(self._moves_told(bob), ["segment_enter"], "the one of the week")
        self.assertTrue(self._stays(silent, bob).silent_entry)
        self.assertEqual(silent.entered_count, 0, "a filling is no news")
        silent.condition_ids.window_days = 5
        self.assertEqual(silent.state, "changed")
        self._refresh()
        self.assertPeople(silent, self.ann | bob)
        silent.action_activate()
        self._refresh()
        self.assertPeople(silent, bob)
        self.assertEqual(self._moves_told(self.ann), [])
        self.assertTrue(self._stays(silent, self.ann).silent_exit)

    def test_effect_is_counted_before_it_is_applied(self):
        self._record(self.ann)
        bob = self._ann("Bob")
        self._record(bob, "download")
        self._refresh()
        self.segment.condition_ids.event_kind = "download"
        self.segment.action_preview()
        self.assertEqual(
            (self.segment.preview_entering, self.segment.preview_leaving), (1, 1)
        )
        self.assertPeople(self.segment, self.ann)
        self.segment.condition_ids.event_kind = "form"
        self.assertFalse(self.segment.preview_at, "the old count no longer speaks of it")

    def test_news_during_the_first_filling_is_silent(self):
        segment = self._create_segment(self._visited(), start=False)
        segment.action_activate()
        self._record(self.ann)
        self._drain()
        self.segments._refresh_dirty_batch(100)
        self.assertTrue(self._stays(segment, self.ann).silent_entry)

    def test_a_pass_goes_by_chunks_and_remembers_where_it_is(self):
        people = self.ann
        for name in ("Bob", "Cid", "Dan"):
            people |= self._ann(name)
        for person in people:
            self._record(person, days_ago=20)
        segment = self._create_segment(self._visited(), start=False)
        segment.action_activate()
        # only its own pass
        self.env["nurture.segment.dirty"]._claim(100_000)
        runs = 0
        while segment.pass_pending:
            self.segments._refresh_pass_chunk(max(self.segments._last_person_id() // 3, 1))
            runs += 1
        self.assertGreaterEqual(runs, 3)
        self.assertPeople(segment, people)
        self.assertTrue(segment.next_pass_at > segment.last_pass_at)

    def test_a_broken_segment_says_why_and_the_others_go_on(self):
        model = self._create_model([{"points": 5}])
        broken = self._create_segment(
            {"kind": "score", "score_model_id": model.id, "band": "cold"}, name="Broken"
        )
        model.action_close()
        self._record(self.ann)
        with self.assertLogs("odoo.addons.lead_nurture", "WARNING"):
            self._refresh()
        self.assertEqual(broken.state, "broken")
        self.assertIn("Test model", broken.error)
        self.assertPeople(self.segment, self.ann)
        model._set_active()
        broken.action_refresh()
        self._refresh()
        self.assertEqual(broken.state, "active")
        self.assertFalse(broken.error)

    def test_the_limit_of_a_transaction_stays_what_it_was(self):
        self.env.cr.execute("SET LOCAL statement_timeout = '123s'")
        self.segment.action_preview()
        self.segment.action_refresh()
        self._refresh()
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone(), ("123s",))

    def test_lists_kept_by_hand_tell_their_moves(self):
        event = self._create_segment(kind="static", name="Fair 2026")
        self.assertEqual(event._add_persons(self.ann.ids), self.ann.ids)
        self.assertEqual(event._add_persons(self.ann.ids), [], "twice is once")
        event._remove_persons(self.ann.ids, silent=True)
        self.assertEqual(self._moves_told(self.ann), ["segment_enter"])
        self.assertEqual(len(self._stays(event, self.ann)), 1)

    def test_stays_follow_a_merge(self):  # LN-1
        bob = self._ann("Bob")
        fair = self._create_segment(kind="static", name="Fair 2026")
        guests = self._create_segment(kind="static", name="Guests")
        fair._add_persons((self.ann | bob).ids)
        guests._add_persons(bob.ids)
        merge = self.env["nurture.merge"]._merge(self.ann, bob, "manual")
        self._refresh()
        self.assertPeople(fair, self.ann)
        self.assertPeople(guests, self.ann)
        self.assertEqual(self._moves_told(self.ann).count("segment_leave"), 0)
        merge._undo()
        self._refresh()
        self.assertPeople(guests, bob)

    def test_who_is_separated_again_is_where_he_was_and_nobody_hears_of_it(self):  # LN-1, LN-21
        bob, cid = self._ann("Bob"), self._ann("Cid")
        everybody = self.ann | bob | cid
        fair = self._create_segment(kind="static", name="Fair 2026")
        fair._add_persons(everybody.ids)
        for person in everybody:
            self._record(person, key=f"v{person.id}")
        self._refresh()
        told = [self._moves_told(person) for person in everybody]
        first = self.env["nurture.merge"]._merge(self.ann, bob, "manual")
        second = self.env["nurture.merge"]._merge(cid, self.ann, "manual")
        self._refresh()
        self.assertPeople(fair, cid)
        first._undo()
        self._refresh()
        self.assertPeople(fair, cid | bob)
        self.assertPeople(self.segment, cid | bob)
        second._undo()
        self._refresh()
        self.assertPeople(fair, everybody)
        self.assertPeople(self.segment, everybody)
        self.assertEqual([self._moves_told(person) for person in everybody], told)

    def test_whose_stay_began_first_is_no_matter_to_who_is_separated(self):  # LN-1, LN-21
        for number, order in enumerate(permutations(range(3))):
            for undone in ((0, 1), (1, 0)):
                with self.subTest(order=order, undone=undone):
                    people = [self._ann(f"{name}{number}{undone[0]}") for name in "ABC"]
                    ann, bob, cid = people
                    fair = self._create_segment(kind="static", name=f"Fair {number}{undone[0]}")
                    for which in order:
                        fair._add_persons(people[which].ids)
                    merges = [
                        self.env["nurture.merge"]._merge(ann, bob, "manual"),
                        self.env["nurture.merge"]._merge(cid, ann, "manual"),
                    ]
                    for which in undone:
                        merges[which]._undo()
                    self.assertPeople(fair, ann | bob | cid)
                    self.assertFalse(any(merge.ended_stay_ids for merge in merges))

    def test_an_undone_merge_that_still_lists_a_stay_opens_none_that_ended_since(self):  # LN-21
        """Lists of merges undone by version 19.0.0.3.0 were not cleared."""
        bob = self._ann("Bob")
        fair = self._create_segment(kind="static", name="Fair 2026")
        fair._add_persons((self.ann | bob).ids)
        first = self.env["nurture.merge"]._merge(self.ann, bob, "manual")
        first._undo()
        first.ended_stay_ids = self._stays(fair, bob).ids
        fair._remove_persons(bob.ids)
        self.env["nurture.merge"]._merge(self.ann, bob, "manual")._undo()
        self.assertPeople(fair, self.ann)

    def test_who_was_taken_off_the_list_after_a_merge_stays_off(self):  # LN-1
        bob = self._ann("Bob")
        fair = self._create_segment(kind="static", name="Fair 2026")
        fair._add_persons((self.ann | bob).ids)
        merge = self.env["nurture.merge"]._merge(self.ann, bob, "manual")
        fair._remove_persons(self.ann.ids)
        merge._undo()
        self.assertPeople(fair, self.env["nurture.person"])

    def test_a_saved_lead_moves_its_person(self):
        vietnam = self.env.ref("base.vn")
        segment = self._create_segment({"kind": "lead", "domain": "[('priority', '=', '3')]"})
        lead = self.ann.lead_ids
        lead.priority = "3"
        self._refresh_news()
        self.assertPeople(segment, self.ann)
        lead.write({"priority": "1", "country_id": vietnam.id})
        self._refresh_news()
        self.assertPeople(segment, self.env["nurture.person"])

    def _refresh_news(self):
        """Without any pass over everybody."""
        self._drain()
        self.segments._refresh_dirty_batch(5_000)
        self.env.invalidate_all()


class TestAgreement(SegmentCase):
    """News and passes always agree."""  # LN-21

    def test_random_life(self):
        rng = random.Random(2126)
        self._create_model([{"event_kind": "visit", "points": 20}], warm_at=30, hot_at=60)
        people = self.env["nurture.person"]
        for number in range(8):
            people |= self._ann(f"P{number}")
        often = self._create_segment(self._visited(2, days=20), name="often")
        warm = self._create_segment({"kind": "score", "band": "warm"}, name="warm")
        quiet = self._create_segment(
            {"kind": "person", "domain": "[('email_normalized', 'like', '@pumps.test')]"},
            self._visited(negate=True, days=10), name="quiet",
        )  # fmt: skip
        important = self._create_segment(
            {"kind": "lead", "domain": "[('priority', '=', '3')]"}, name="important"
        )
        hand = self._create_segment(kind="static", name="hand")
        mixed = self._create_segment(
            *({"kind": "segment", "other_segment_id": s.id} for s in (warm, important, hand)),
            match="any", name="mixed",
        )  # fmt: skip
        rest = self._create_segment(
            {"kind": "segment", "other_segment_id": mixed.id, "negate": True},
            {"kind": "segment", "other_segment_id": quiet.id}, name="rest",
        )  # fmt: skip
        for _round in range(12):
            for _step in range(3):
                self._happen(rng, people, hand)
            self._drain()
            while self.segments._refresh_dirty_batch(5_000):
                pass
            self.assertAgreed(often | warm | quiet | important | mixed | rest)

    def _happen(self, rng, people, hand):
        person = rng.choice(people)
        what = rng.randrange(5)
        if what == 0:
            person.lead_ids[:1].priority = rng.choice("123")
        elif what == 1:
            hand._add_persons(person.ids)
        elif what == 2:
            hand._remove_persons(person.ids)
        else:
            self._record(person, days_ago=rng.randrange(40), key=f"r{rng.random()}")

    def assertAgreed(self, segments):
        """A look at everybody now would move nobody."""
        now = fields.Datetime.now()
        everybody = Scope.of_range(0, self.segments._last_person_id(), now)
        self.env.flush_all()
        for segment in segments:
            moves = self.env.execute_query(segment._query_move_counts(everybody))
            self.assertEqual(moves, [(0, 0)], segment.name)
