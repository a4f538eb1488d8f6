from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_score import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreModel(ScoreCase):
    def test_crossing_up_and_down_is_told_once(self):  # LN-13
        self._create_model([{"points": 64, "event_kind": "page_view", "half_life_days": 1000}])
        self._drain()
        self._record(self.ann)
        self._drain()
        self.assertScore(self.ann, 64, "hot")
        self._drain()
        self._move(130)
        self.assertScore(self.ann, 58, "hot")  # inside the hysteresis
        self._move(130)
        self.assertScore(self.ann, 53, "warm")
        self._move(3000)
        self.assertScore(self.ann, 7, "cold")
        self.assertEqual(
            self._bands_told(self.ann), [("band_up", "hot"), ("band_down", "warm"),
                                         ("band_down", "cold")]
        )  # fmt: skip

    def test_publishing_and_changing_is_silent(self):  # LN-14
        self._record(self.ann)
        model = self._create_model([{"points": 64, "event_kind": "page_view"}])
        self._drain()
        self.assertScore(self.ann, 64, "hot")
        model.group_ids.rule_ids.points = 31
        self._drain()
        self.assertScore(self.ann, 31, "warm")
        self.assertEqual(self._bands_told(self.ann), [])

    def test_a_new_lead_that_is_hot_at_once_is_told(self):  # LN-13
        self._create_model(fit=[{"points": 70, "domain": "[('priority', '=', '3')]"}])
        self._drain()
        lead = self._create_lead(name="Bob", email="bob@pumps.test", priority="3")
        self._drain()
        self.assertEqual(self._bands_told(self._person_of(lead)), [("band_up", "hot")])

    def test_who_was_there_before_is_no_news(self):  # LN-14: no alarm after an installation
        self._create_model(fit=[{"points": 70, "domain": "[('priority', '=', '3')]"}])
        self._drain()
        lead = self._create_lead(name="Bob", email="bob@pumps.test", priority="3", sync=False)
        self.env["nurture.change"].search([]).unlink()
        self.env["nurture.change"]._cron_reconcile_persons()
        self._drain()
        bob = self._person_of(lead)
        self.assertScore(bob, 70, "hot")
        self.assertEqual(self._bands_told(bob), [])

    def test_a_draft_scores_nobody_a_closed_model_is_forgotten(self):  # LN-14
        self._record(self.ann)
        model = self._create_model([{"points": 64, "event_kind": "page_view"}])
        self._drain()
        model.action_close()
        self.assertFalse(self._score_of(self.ann))
        self.env.invalidate_all()
        self.assertEqual((self.lead.nurture_score, self.lead.nurture_band), (0, "cold"))
        with self.assertRaises(UserError):
            self._create_model()
            self.env["nurture.score.model"].create({"name": "Empty"}).action_publish()

    def test_the_first_active_model_is_shown(self):  # LN-14
        self._record(self.ann)
        first = self._create_model([{"points": 5, "event_kind": "page_view"}], sequence=1)
        second = self._create_model([{"points": 6, "event_kind": "page_view"}], sequence=2)
        self._drain()
        self.assertEqual(self.lead.nurture_score, 5)
        second.sequence = 0
        self.env.invalidate_all()
        self.assertEqual(self.lead.nurture_score, 6)
        self.assertScore(self.ann, 5, model=first)
        shown = self.env["nurture.score"].search([("model_id.is_shown", "=", True)])
        self.assertEqual((shown.model_id, second.is_shown, first.is_shown), (second, True, False))

    def test_each_company_is_judged_by_its_own_model(self):  # LN-14
        there = self._create_lead(company_id=self.filters.id)
        self._record(self.ann), self._record(self._person_of(there))
        self._create_model(
            [{"points": 5, "event_kind": "page_view"}], company_id=self.filters.id, sequence=1
        )
        self._create_model([{"points": 7, "event_kind": "page_view"}], sequence=2)
        self._drain()
        self.assertEqual((there.nurture_score, self.lead.nurture_score), (5, 7))
        leads = self.env["crm.lead"].search(
            [("id", "in", (there | self.lead).ids)], order="nurture_score desc"
        )
        self.assertEqual(leads, self.lead | there)

    def test_an_active_model_is_not_deleted_by_mistake(self):  # LN-14
        model = self._create_model([{"points": 1}])
        with self.assertRaises(UserError):
            model.unlink()
        model.action_close()
        model.unlink()


@tagged("post_install", "-at_install")
class TestPreset(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("lead_nurture.nurture_score_model_two_days").action_publish()
        cls._drain()

    def test_two_days_and_a_key_page_make_hot_and_idle_days_cool(self):  # LN-18
        self._record(self.ann, url="https://x.test/pumps")
        self._drain()
        self.assertEqual(self.lead.nurture_band, "cold")
        self._record(self.ann, url="https://x.test/pricing")
        self._drain()
        self.assertEqual(self.lead.nurture_band, "warm", "one day only")
        self._move(1)
        self._record(self.ann, kind="mail_click", url="https://x.test/pumps")
        self._drain()
        self.assertEqual(self.lead.nurture_band, "hot")
        self._move(31)
        self.assertEqual(self.lead.nurture_band, "cold")

    def test_opened_mails_never_count(self):  # LN-18
        before = self.lead.nurture_score
        for day in range(20):
            self._record(self.ann, kind="mail_open", days_ago=day, url="https://x.test/pricing")
        self._drain()
        self.assertEqual(self.lead.nurture_score, before)

    def test_ready_drafts_wait_and_can_be_published(self):  # LN-18
        for name in ("demo_request", "events", "comeback"):
            model = self.env.ref(f"lead_nurture.nurture_score_model_{name}")
            with self.subTest(name):
                self.assertEqual((model.state, model.out_of_reach), ("draft", False))
                self.assertFalse(self.env["nurture.score"].search([("model_id", "=", model.id)]))
                model.action_publish()
                self._drain()
                self.assertFalse(model.error)
                self.assertTrue(self._score_of(self.ann, model))

    def test_a_former_customer_stirs(self):  # LN-18
        model = self.env.ref("lead_nurture.nurture_score_model_comeback")
        model.action_publish()
        stranger = self._person_of(self._create_lead("Bob", "bob@new.test"))
        self._record(self.ann, kind="purchase", days_ago=200)
        for person in (self.ann, stranger):
            self._record(person, days_ago=1)
        self._drain()
        self.assertScore(self.ann, 60, "warm", model=model)
        self._record(self.ann, url="/b")
        self._record(stranger, url="/b")
        self._drain()
        self.assertScore(self.ann, 75, "hot", model=model)
        self.assertScore(stranger, 45, "cold", model=model)
