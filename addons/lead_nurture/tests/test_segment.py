from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .common_segment import SegmentCase


class TestConditions(SegmentCase):
    """Who belongs to a segment."""  # LN-20

    def test_visited_twice_in_a_week(self):
        ann, bob = self._ann(), self._ann("Bob")
        self._record(ann, days_ago=1)
        self._record(ann, days_ago=2)
        self._record(bob, days_ago=1)
        self._record(bob, days_ago=8)
        segment = self._create_segment(self._visited(2, days=7))
        self.assertPeople(segment, ann)
        self.assertEqual(segment.member_count, 1)

    def test_days_are_counted_in_the_segments_time_zone(self):
        """23:30 and 00:30 in Hanoi are two days, in UTC they are one."""
        ann = self._ann()
        yesterday = fields.Datetime.now().replace(hour=16, minute=30) - timedelta(days=3)
        for hours in (0, 1):
            self._record(ann, at=yesterday + timedelta(hours=hours))
        days = self._visited(2, days=30, count_by="day")
        self.assertPeople(self._create_segment(days, tz="Asia/Ho_Chi_Minh"), ann)
        self.assertPeople(self._create_segment(days, tz="UTC"), self.env["nurture.person"])

    def test_at_most_and_never(self):
        ann, bob, cid = self._ann(), self._ann("Bob"), self._ann("Cid")
        for person, times in ((bob, 1), (cid, 3)):
            for number in range(times):
                self._record(person, days_ago=number + 1)
        own = {"kind": "person", "domain": "[('email_normalized', 'like', '@pumps.test')]"}
        rare = self._visited(2, count_operator="most")
        never = self._visited(0, count_operator="most")
        self.assertPeople(self._create_segment(own, rare), ann | bob)
        self.assertPeople(self._create_segment(own, never), ann)
        self.assertPeople(self._create_segment(own, self._visited(negate=True)), ann)
        self.assertPeople(self._create_segment(own, self._visited(3)), cid)

    def test_machines_are_nobody(self):
        ann = self._ann()
        self._record(ann, actor="machine")
        self._record(ann, days_ago=1, actor="suspect")
        nobody = self.env["nurture.person"]
        self.assertPeople(self._create_segment(self._visited()), nobody)
        self.assertPeople(self._create_segment(self._visited(include_suspect=True)), ann)

    def test_anything_by_himself_leaves_out_what_we_did(self):
        ann = self._ann()
        self._record(ann, "mail_sent", days_ago=1)
        bob = self._ann("Bob")
        self._record(bob, "mail_open", days_ago=1)
        segment = self._create_segment({"kind": "event", "event_kind": "any", "window_days": 30})
        self.assertPeople(segment, bob)

    def test_filters_on_lead_contact_and_person(self):
        vietnam = self.env.ref("base.vn")
        ann = self._ann(country_id=vietnam.id)
        bob = self._ann("Bob", country_id=self.env.ref("base.us").id)
        contact = self.env["res.partner"].create(
            {"name": "Cid", "email": "cid@pumps.test", "city": "Hanoi", "company_id": self.pumps.id}
        )
        self._sync()
        cid = self._person_of(contact)
        in_vietnam = f"[('country_id', '=', {vietnam.id})]"
        ours = "[('email_normalized', 'like', '@pumps.test')]"
        self.assertPeople(
            self._create_segment(
                {"kind": "lead", "domain": in_vietnam}, {"kind": "person", "domain": ours}
            ),
            ann,
        )
        self.assertPeople(
            self._create_segment({"kind": "partner", "domain": "[('city', '=', 'Hanoi'), "
                                  "('email', '=', 'cid@pumps.test')]"}),
            cid,
        )  # fmt: skip
        other = {"kind": "lead", "domain": in_vietnam, "negate": True}
        self.assertPeople(
            self._create_segment(other, {"kind": "person", "domain": ours}), bob | cid
        )

    def test_a_filter_over_other_tables(self):
        team = self.env["crm.team"].create({"name": "Pump sales", "company_id": self.pumps.id})
        ann = self._ann(team_id=team.id)
        self._ann("Bob")
        path = "[('team_id.name', '=', 'Pump sales')]"
        self.assertPeople(self._create_segment({"kind": "lead", "domain": path}), ann)
        self.assertPeople(
            self._create_segment(
                {"kind": "person", "domain": "[('identity_ids.value', '=', 'ann@pumps.test')]"}
            ),
            ann,
        )

    def test_score_band_and_grade(self):
        self._create_model([{"event_kind": "form", "points": 40}], warm_at=30, hot_at=60)
        ann, bob, cid = self._ann(), self._ann("Bob"), self._ann("Cid")
        for person, times in ((ann, 2), (bob, 1)):
            for number in range(times):
                self._record(person, "form", days_ago=number + 1)
        self._drain()
        own = {"kind": "person", "domain": "[('email_normalized', 'like', '@pumps.test')]"}

        def scored(**vals):
            return self._create_segment(own, {"kind": "score", **vals})

        self.assertPeople(scored(band="hot"), ann)
        self.assertPeople(scored(band="warm"), ann | bob)
        self.assertPeople(scored(band="cold"), cid)
        self.assertPeople(scored(score_measure="total", score_from=40), ann | bob)
        self.assertPeople(scored(score_measure="total", score_from=41, negate=True), bob | cid)
        self.assertPeople(scored(score_measure="grade", grade="C"), self.env["nurture.person"])

    def test_any_of_the_conditions(self):
        ann, bob = self._ann(), self._ann("Bob")
        self._record(ann)
        self._record(bob, "download")
        download = {"kind": "event", "event_kind": "download"}
        nobody = self.env["nurture.person"]
        self.assertPeople(self._create_segment(self._visited(), download), nobody)
        self.assertPeople(self._create_segment(self._visited(), download, match="any"), ann | bob)

    def test_segments_of_segments_and_exclusions(self):
        ann, bob = self._ann(), self._ann("Bob")
        self._record(ann)
        self._record(bob)
        refused = self._create_segment(kind="static", name="Do not contact")
        refused._add_persons(bob.ids)
        visitors = self._create_segment(self._visited(), name="Visitors")
        wanted = self._create_segment(
            {"kind": "segment", "other_segment_id": visitors.id},
            {"kind": "segment", "other_segment_id": refused.id, "negate": True},
        )
        self.assertPeople(wanted, ann)
        refused._remove_persons(bob.ids)
        self._refresh()
        self.assertPeople(wanted, ann | bob)

    def test_people_of_other_companies_never_come_in(self):  # ALL-4
        ann = self._ann()
        finns = self._create_lead("Zoe", "zoe@filters.test", company_id=self.filters.id)
        zoe = self._person_of(finns)
        for person in (ann, zoe):
            self._record(person)
        self.assertPeople(self._create_segment(self._visited()), ann)
        everybody = self._create_segment(self._visited(), company_id=False)
        self.assertPeople(everybody, ann | zoe)
        stay = self._stays(everybody, zoe)
        self.assertEqual(stay.company_id, self.filters, "the stay is of the person's company")

    def test_archived_people_leave(self):
        ann = self._ann()
        self._record(ann)
        segment = self._create_segment(self._visited())
        ann.active = False
        segment.action_refresh()
        self._refresh()
        self.assertPeople(segment, self.env["nurture.person"])


class TestRefusals(SegmentCase):
    """What cannot work is refused in a sentence, and nothing changes."""  # LN-20

    def assertRefused(self, sentence, vals, **kw):
        with self.assertRaisesRegex(ValidationError, sentence):
            self._create_segment(vals, **kw)

    def test_filters_that_cannot_be_used(self):
        lead = {"kind": "lead"}
        self.assertRefused("not stored", {**lead, "domain": "[('nurture_score', '>', 5)]"})
        self.assertRefused("cannot be used", {**lead, "domain": "[('no_such_field', '=', 5)]"})
        self.assertRefused("fixed values", {**lead, "domain": "[('id', '=', uid)]"})
        self.assertRefused("everybody", {"kind": "person", "domain": "[]"})
        self.assertRefused(
            "not stored", {"kind": "person", "domain": "[('nurture_segment_ids', 'in', [1])]"}
        )

    def test_numbers_that_cannot_be_meant(self):
        visit = self._visited()
        for vals, sentence in (
            ({"min_count": -2}, "Visit.*at least -2 times”: “Times” must be a number of 1 or more"),
            ({"min_count": 0}, "“Times” must be a number of 1 or more"),
            ({"window_days": -5}, "Visit.*”: “Within days” must be a number of 0 or more"),
            ({"count_operator": "most", "min_count": -1}, "“Times” must be a number of 0 or more"),
        ):
            with self.subTest(vals):
                self.assertRefused(sentence, {**visit, **vals}, start=False)
        self._create_segment({**visit, "count_operator": "most", "min_count": 0}, start=False)

    def test_a_number_is_mended_while_it_is_typed(self):
        condition = self.segments.condition_ids.new({**self._visited(), "min_count": -2})
        self.assertIn("“Times”", condition._onchange_numbers()["warning"]["message"])
        self.assertEqual(condition.min_count, 1)
        self.assertIsNone(condition._onchange_numbers())

    def test_an_empty_segment_would_be_everybody(self):
        segment = self._create_segment(start=False)
        with self.assertRaisesRegex(UserError, "everybody"):
            segment.action_activate()
        self.assertEqual(segment.state, "draft")

    def test_a_circle_is_named(self):
        a = self._create_segment(self._visited(), name="A")
        b = self._create_segment({"kind": "segment", "other_segment_id": a.id}, name="B")
        with self.assertRaisesRegex(ValidationError, "A → B → A"):
            a.condition_ids = [Command.create({"kind": "segment", "other_segment_id": b.id})]
        with self.assertRaisesRegex(ValidationError, "B → B"):
            b.condition_ids.other_segment_id = b
        self.env.invalidate_all(flush=False)  # what was refused is still in the cache
        c = self._create_segment({"kind": "segment", "other_segment_id": b.id}, name="C")
        with self.assertRaisesRegex(ValidationError, "A → C → B → A"):
            a.condition_ids = [Command.create({"kind": "segment", "other_segment_id": c.id})]

    def test_a_moved_condition_makes_no_circle(self):
        a = self._create_segment(self._visited(), name="A")
        b = self._create_segment({"kind": "segment", "other_segment_id": a.id}, name="B")
        c = self._create_segment({"kind": "segment", "other_segment_id": b.id}, name="C")
        with self.assertRaisesRegex(ValidationError, "A → B → A"):
            c.condition_ids.write({"segment_id": a.id})

    def test_a_circle_that_nobody_refused_stops_only_itself(self):
        a = self._create_segment(self._visited(), name="A")
        b = self._create_segment({"kind": "segment", "other_segment_id": a.id}, name="B")
        good = self._create_segment(self._visited(), name="Good")
        stray = self._create_segment({"kind": "segment", "other_segment_id": b.id}, name="C")
        condition = stray.condition_ids
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE nurture_segment_condition SET segment_id = %s WHERE id = %s RETURNING id",
                a.id,
                condition.id,
            )
        )
        self.env.invalidate_all()
        ann = self._ann()
        self._record(ann)
        self._refresh()
        self.assertEqual(set((a | b).mapped("state")), {"broken"})
        self.assertIn("A → B → A", a.error)
        self.assertPeople(good, ann)

    def test_a_shared_segment_that_gets_a_company_is_used_by_another(self):
        shared = self._create_segment(self._visited(), company_id=False, name="Shared")
        self._create_segment({"kind": "segment", "other_segment_id": shared.id}, name="Ours")
        with self.assertRaisesRegex(ValidationError, "“Shared” is of Filters only, “Ours” is not"):
            shared.company_id = self.filters

    def test_what_is_used_stays(self):
        a = self._create_segment(self._visited(), name="A")
        self._create_segment({"kind": "segment", "other_segment_id": a.id}, name="B")
        for leave in (a.unlink, a.action_archive, a.action_set_draft):
            with self.assertRaisesRegex(UserError, "“A” is used by “B”"):
                leave()

    def test_a_draft_is_nothing_to_build_on(self):
        a = self._create_segment(self._visited(), name="A", start=False)
        b = self._create_segment({"kind": "segment", "other_segment_id": a.id}, start=False)
        with self.assertRaisesRegex(UserError, "Activate “A” first"):
            b.action_activate()

    def test_parts_of_another_company(self):
        theirs = self._create_segment(self._visited(), company_id=self.filters.id, name="Theirs")
        self.assertRefused(
            "“Theirs” is of Filters only", {"kind": "segment", "other_segment_id": theirs.id}
        )
        model = self._create_model([{"points": 5}], company_id=self.filters.id)
        self.assertRefused("of Filters only", {"kind": "score", "score_model_id": model.id})

    def test_a_list_kept_by_hand_has_no_conditions(self):
        self.assertRefused("kept by hand", self._visited(), kind="static")
        segment = self._create_segment(self._visited())
        with self.assertRaisesRegex(UserError, "has begun its work"):
            segment.kind = "static"
