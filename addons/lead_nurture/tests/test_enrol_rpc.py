from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestEnrolRpc(ScenarioCase):
    """Another system sends people in, by key or number, and is told what became of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.scenario = cls._create_scenario(
            {"wait": ("wait", {}, {"next": "end"}), "end": ("exit", {}, {})},
            trigger_kind="manual",
            rpc_key="trial-started",
        )
        cls.rpc = cls.env["nurture.scenario"].with_user(cls.mira)

    def _ask(self, *args, **kw):
        return self.rpc.nurture_enrol(*args, **kw)["status"]

    def test_a_repeat_is_harmless(self):  # LN-30
        answer = self.rpc.nurture_enrol("trial-started", email="Ann@pumps.test", dedup_key="t1")
        inside = self._enrolment_of(self.lead)
        self.assertEqual(answer, {"status": "entered", "enrolment_id": inside.id})
        self.assertEqual(self._ask(self.scenario.id, self.lead.id, dedup_key="t1"), "known")
        self.assertEqual(self._ask(self.scenario.id, self.lead.id, dedup_key="t2"), "inside")

    def test_a_lead_without_an_address_is_unfit(self):  # LN-30
        nobody = self._create_lead("Nobody", False)
        for key in (None, "t3"):
            self.assertEqual(self._ask("trial-started", nobody.id, dedup_key=key), "unfit")
        self.assertEqual(self._ask("trial-started", self.lead.id, dedup_key="t3"), "entered")

    def test_wrong_names_are_refused_in_a_sentence(self):  # LN-30
        for name in ({"a": 1}, [self.scenario.id], None, True, 1.5):
            with self.assertRaisesRegex(ValidationError, "by its key or by its number"):
                self._ask(name, self.lead.id)
        for name in ("", 0, "unknown", -1):
            with self.assertRaisesRegex(ValidationError, "There is no scenario"):
                self._ask(name, self.lead.id)
        self.scenario.action_pause()
        with self.assertRaisesRegex(UserError, "is not running"):
            self._ask("trial-started", self.lead.id)
