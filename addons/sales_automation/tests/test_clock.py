from odoo.addons.sales_automation.models import crm_stage
from odoo.exceptions import AccessError
from odoo.tests import tagged, warmup

from .common import SalesDeskCase

DAY_1, DAY_2, DAY_3 = "2026-03-02 09:00:00", "2026-03-03 09:00:00", "2026-03-04 09:00:00"
DAY_4, DAY_5, DAY_6 = "2026-03-05 09:00:00", "2026-03-06 09:00:00", "2026-03-09 09:00:00"


@tagged("post_install", "-at_install")
class TestClock(SalesDeskCase):
    """A deal's stays are recorded, and its won and lost moments stay where they are."""

    def test_story_of_a_won_deal(self):  # SA-1, SA-2
        with self.at(DAY_1):
            deal = self._create_deal()
        with self.at(DAY_2):
            deal.stage_id = self.stage_offer
        with self.at(DAY_3):
            deal.stage_id = self.stage_new
        with self.at(DAY_4):
            deal.action_set_won()
        won_stage = deal.stage_id.name
        with self.at(DAY_5):
            deal.action_archive()
        with self.at(DAY_6):
            deal.action_unarchive()
        self.assertStory(
            deal,
            ("Fresh", "first", DAY_1, DAY_2, False),
            ("Offer", "forward", DAY_2, DAY_3, False),
            ("Fresh", "back", DAY_3, DAY_4, False),
            (won_stage, "forward", DAY_4, DAY_4, "won"),
        )
        self.assertEqual(deal.stage_history_ids.mapped("seconds"), [0, 86400, 86400, 86400])
        self.assertEqual(deal.sales_outcome, "won")
        self.assertEqual(str(deal.won_at), DAY_4, "archiving must not move it")
        self.assertNotEqual(str(deal.date_closed), DAY_4, "core moves its own date: if it no "
                            "longer does, won_at has lost half of its reason")
        self.assertFalse(deal.lost_at)

    def test_moved_between_won_stages(self):  # SA-2
        other_won = self.stage_won.copy({"name": "Sold and paid", "sequence": 901})
        with self.at(DAY_1):
            deal = self._create_deal()
        with self.at(DAY_2):
            deal.stage_id = self.stage_won
        with self.at(DAY_3):
            deal.stage_id = other_won
        self.assertEqual(str(deal.won_at), DAY_2)
        self.assertStory(
            deal,
            ("Fresh", "first", DAY_1, DAY_2, False),
            ("Sold", "forward", DAY_2, DAY_2, "won"),
            ("Sold and paid", "forward", DAY_3, DAY_3, "won"),
        )

    def test_lost_and_reopened(self):  # SA-1, SA-2
        with self.at(DAY_1):
            deal = self._create_deal(stage_id=self.stage_offer.id)
        with self.at(DAY_2):
            deal.action_set_lost(lost_reason_id=self.too_dear.id)
        self.assertEqual((deal.sales_outcome, str(deal.lost_at)), ("lost", DAY_2))
        with self.at(DAY_3):
            deal.action_restore()
        self.assertEqual((deal.sales_outcome, deal.lost_at, deal.won_at), ("open", False, False))
        with self.at(DAY_4):
            deal.stage_id = self.stage_won
        self.assertStory(
            deal,
            ("Offer", "first", DAY_1, DAY_2, "lost"),
            ("Offer", "reopen", DAY_3, DAY_4, False),
            ("Sold", "forward", DAY_4, DAY_4, "won"),
        )

    def test_lost_when_probability_was_zero(self):  # SA-1: archiving alone already means lost
        with self.at(DAY_1):
            deal = self._create_deal(probability=0)
        with self.at(DAY_2):
            deal.action_set_lost(lost_reason_id=self.not_now.id)
        self.assertEqual(deal.sales_outcome, "recycled")
        self.assertStory(deal, ("Fresh", "first", DAY_1, DAY_2, "recycled"))
        self.assertEqual(deal.recycle_count, 1)

    def test_paused_deal_keeps_running(self):  # SA-2: archived is not lost
        with self.at(DAY_1):
            deal = self._create_deal()
        with self.at(DAY_2):
            deal.action_archive()
        self.assertEqual((deal.sales_outcome, deal.lost_at), ("open", False))
        self.assertStory(deal, ("Fresh", "first", DAY_1, False, False))

    def test_reopened_from_won(self):  # SA-2
        with self.at(DAY_1):
            deal = self._create_deal()
        with self.at(DAY_2):
            deal.stage_id = self.stage_won
        with self.at(DAY_3):
            deal.write({"stage_id": self.stage_offer.id, "probability": 50})
        self.assertEqual((deal.sales_outcome, deal.won_at), ("open", False))
        with self.at(DAY_4):
            deal.stage_id = self.stage_won
        self.assertEqual(str(deal.won_at), DAY_4)
        self.assertEqual(
            [row[:2] for row in self._tell(deal)],
            [("Fresh", "first"), ("Sold", "forward"), ("Offer", "reopen"), ("Sold", "forward")])

    def test_created_won(self):  # SA-2: imported deals bring their own date
        with self.at(DAY_3):
            deal = self._create_deal(stage_id=self.stage_won.id)
            dated = self._create_deal(stage_id=self.stage_won.id, date_closed=DAY_1)
        self.assertEqual((str(deal.won_at), str(dated.won_at)), (DAY_3, DAY_1))
        self.assertStory(deal, ("Sold", "first", DAY_3, DAY_3, "won"))

    def test_lead_begins_when_it_becomes_a_deal(self):  # SA-1
        with self.at(DAY_1):
            lead = self._create_deal(type="lead")
        self.assertFalse(lead.stage_history_ids)
        with self.at(DAY_2):
            lead.convert_opportunity(False)
        self.assertStory(lead, ("Fresh", "first", DAY_2, False, False))

    def test_stage_becomes_won(self):  # SA-2: the admin turns a stage into a won stage, and back
        with self.at(DAY_1):
            deal = self._create_deal(stage_id=self.stage_offer.id)
        with self.at(DAY_2):
            self.stage_offer.is_won = True
        self.assertEqual((deal.sales_outcome, str(deal.won_at)), ("won", DAY_2))
        self.assertStory(deal, ("Offer", "first", DAY_1, DAY_2, "won"))

    def test_stage_is_no_longer_won(self):  # SA-2: followed a bounded number of deals at a time
        with self.at(DAY_1):
            deals = self._create_deals(5)
            deals.stage_id = self.stage_won
            elsewhere = self._create_deal(stage_id=self.stage_offer.id)
        sizes = []
        leads = self.env.registry["crm.lead"]
        follow = leads._follow_outcome

        def spied(records, *args, **kwargs):
            sizes.append(len(records))
            return follow(records, *args, **kwargs)

        self.patch(leads, "_follow_outcome", spied)
        self.patch(crm_stage, "FOLLOW_BATCH", 2)
        with self.at(DAY_2):
            self.stage_won.is_won = False
        self.assertLessEqual(max(sizes), 2)
        self.assertEqual(
            deals.mapped("sales_outcome"), [deal._get_outcome() for deal in deals])
        reopened = deals.filtered(lambda deal: deal.sales_outcome == "open")
        self.assertGreater(len(reopened), 2)
        for deal in reopened:
            self.assertStory(
                deal, ("Fresh", "first", DAY_1, DAY_1, False),
                ("Sold", "forward", DAY_1, DAY_1, "won"), ("Sold", "reopen", DAY_2, False, False))
        self.assertStory(elsewhere, ("Offer", "first", DAY_1, False, False))

    def test_facts_of_a_stay(self):  # SA-1: at entry; the holder until the end
        deal = self._create_deal(date_deadline="2026-06-30")
        first = deal.stage_history_ids
        deal.write({"expected_revenue": 5000.0})
        deal.write({"user_id": self.lea.id})
        self._flush_tracking()
        self.assertEqual(
            (first.amount, first.probability, str(first.date_deadline)),
            (1000.0, 20.0, "2026-06-30"))
        self.assertEqual(first.user_id, self.lea)
        deal.write({"stage_id": self.stage_offer.id, "user_id": self.ines.id})
        second = deal.stage_history_ids - first
        self.assertEqual((first.user_id, second.user_id), (self.lea, self.ines))
        self.assertEqual(second.amount, 5000.0)

    def test_team_change_resets_the_stage(self):  # SA-1: nobody moved it
        deal = self._create_deal(stage_id=self.stage_inside.id)
        deal.user_id = self.finn
        self._flush_tracking()
        self.assertNotEqual(deal.stage_id, self.stage_inside, "core resets the stage")
        newest = deal.stage_history_ids.filtered(lambda stay: not stay.left_at)
        self.assertTrue(newest.is_system)
        deal.stage_id = self.stage_offer
        newest = deal.stage_history_ids.filtered(lambda stay: not stay.left_at)
        self.assertFalse(newest.is_system)

    def test_merge_carries_the_rows(self):  # SA-1
        with self.at(DAY_1):
            head = self._create_deal(stage_id=self.stage_offer.id)
            tail = self._create_deal()
        with self.at(DAY_2):
            tail.stage_id = self.stage_offer
            tail.inside_user_id = self.lea
        with self.at(DAY_3):
            (head | tail).merge_opportunity()
        survivor = (head | tail).exists()
        self.assertEqual(len(survivor.stage_history_ids), 3)
        running = survivor.stage_history_ids.filtered(lambda stay: not stay.left_at)
        self.assertEqual((len(running), running.is_merged), (1, False))
        self.assertEqual(sum(survivor.stage_history_ids.mapped("is_merged")),
                         2 if survivor == head else 1)
        self.assertEqual(survivor.inside_user_id, self.lea)
        with self.at(DAY_4):
            survivor.stage_id = self.stage_won
        self.assertEqual(survivor.sales_outcome, "won")
        self.assertFalse(survivor.stage_history_ids.filtered(lambda stay: not stay.left_at))

    def test_moments_are_not_written_by_hand(self):  # SA-2
        deal = self._create_deal()
        as_ines = deal.with_user(self.ines)
        with self.assertRaisesRegex(AccessError, "recorded by the system"):
            as_ines.write({"won_at": DAY_1})
        with self.assertRaises(AccessError):
            as_ines.write({"sales_outcome": "won"})
        with self.assertRaises(AccessError):
            as_ines.create({"name": "x", "lost_at": DAY_1})
        made = as_ines.with_context(default_won_at=DAY_1, default_probability=10).create(
            {"name": "x"})
        self.assertEqual((made.won_at, made.probability), (False, 10), "by no default either")
        as_ines.stage_id = self.stage_won
        self.assertTrue(deal.won_at)

    def test_readers_and_counters_are_not_written_by_hand(self):  # SA-8, ALL-4
        deal = self._create_deal()
        for user in (self.ines, self.max):
            for vals in (
                {"inside_user_id": self.fay.id}, {"handoff_to_id": self.fay.id},
                {"handoff_team_id": self.team_field.id}, {"recycle_count": 7},
            ):
                with self.assertRaisesRegex(AccessError, "recorded by the system"):
                    deal.with_user(user).write(vals)
                with self.assertRaisesRegex(AccessError, "recorded by the system"):
                    deal.with_user(user).create({"name": "x", **vals})
        deal.with_user(self.ines).recycle_wake_date = "2026-05-01"
        self.assertEqual(str(deal.recycle_wake_date), "2026-05-01")

    def test_salesperson_merges_a_handed_over_deal(self):  # SA-1, SA-8: the reader is kept
        head, tail = self._create_deals(2)
        tail.inside_user_id = self.fay
        (head | tail).with_user(self.ines).merge_opportunity()
        self.assertEqual((head | tail).exists().inside_user_id, self.fay)

    def test_copy_starts_afresh(self):  # SA-2
        deal = self._create_deal(stage_id=self.stage_won.id)
        twin = deal.copy({"stage_id": self.stage_new.id, "probability": 10})
        self.assertEqual((twin.sales_outcome, twin.won_at), ("open", False))
        self.assertEqual(len(twin.stage_history_ids), 1)

    # ---- cost -----------------------------------------------------------------------------

    def _count_queries(self, work):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _move(self, count):
        deals = self._create_deals(count).with_context(tracking_disable=True)
        deals.mapped("won_status")
        return self._count_queries(lambda: deals.write({"stage_id": self.stage_offer.id}))

    @warmup
    def test_batch_move_costs_the_same_for_10_and_100(self):  # SA-1
        history = self.env.registry["sales.stage.history"]
        costs = {}
        for count in (10, 100):
            with_clock = self._move(count)
            queries = []
            self.patch(history, "_query_leave", self._spy(history._query_leave, queries))
            self.patch(history, "_query_enter", self._spy(history._query_enter, queries))
            self._move(count)
            # the creation enters once, the move leaves once and enters once
            self.assertEqual(len(queries), 3, f"for {count} deals")
            costs[count] = with_clock
        # Core itself writes frequencies and flushes in batches; ours adds nothing per deal.
        self.assertLess(costs[100], costs[10] + 10)

    def _spy(self, method, calls):
        def spied(*args, **kwargs):
            calls.append(method.__name__)
            return method(*args, **kwargs)
        return spied

    @warmup
    def test_other_writes_cost_nothing(self):  # SA-1
        deals = self._create_deals(10).with_context(tracking_disable=True)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):  # one to read what write checks, one UPDATE
            deals.write({"referred": "fair"})
            self.env.flush_all()

    def _updates_of(self, work):
        """The statements that rewrite deals, of a request that does this work."""
        self.env.flush_all()
        self.env.invalidate_all()
        asked, execute = [], type(self.env.cr).execute

        def listen(cr, query, params=None, log_exceptions=True):
            asked.append(str(getattr(query, "code", query)))
            return execute(cr, query, params, log_exceptions)

        self.patch(type(self.env.cr), "execute", listen)
        work()
        self.env.flush_all()
        self.patch(type(self.env.cr), "execute", execute)
        return [query for query in asked if query.strip().startswith('UPDATE "crm_lead"')]

    def test_a_deal_that_moves_is_written_once(self):  # P-8
        """The history copies its row; what core computes of it is in the row by then."""
        deal = self._create_deals(1)
        deal.expected_revenue = 900
        self.assertEqual(
            len(self._updates_of(lambda: deal.write({"stage_id": self.stage_offer.id}))), 1)
        self.assertEqual(len(self._updates_of(lambda: self._create_deals(1))), 1)

    def test_a_save_asks_of_few_columns_who_may_read_them(self):  # P-8
        """Of the one that core follows and of the deal's currency; the row is read without."""
        deal = self._create_deals(1).with_user(self.max)
        asked, has_groups = [], type(self.env.user).has_groups

        def listen(user, groups):
            asked.append(groups)
            return has_groups(user, groups)

        self.patch(type(self.env.user), "has_groups", listen)
        for name, value in (("function", "Clerk"),  # core learns once what he may follow
                            ("function", "Owner"), ("expected_revenue", 7), ("referred", "fair")):
            self.env.flush_all()
            self.env.invalidate_all()
            asked.clear()
            deal.write({name: value})
            self.env.flush_all()
            self.assertTrue(value == "Clerk" or len(asked) <= 2, (name, asked))
