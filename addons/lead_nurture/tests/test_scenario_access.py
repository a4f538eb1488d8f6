from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_scenario import ScenarioCase

DEFINED = {"nurture.scenario", "nurture.scenario.version", "nurture.node", "nurture.edge"}
WRITTEN = {"nurture.enrolment", "nurture.step.log", "nurture.send", "nurture.link"}


@tagged("post_install", "-at_install")
class TestScenarioAccess(ScenarioCase):
    """Who may see and steer scenarios; one company never sees the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.scenario = cls._create_scenario(cls._welcome_steps())
        cls._let_in(cls.scenario)
        cls.env.flush_all()
        cls.env["nurture.enrolment"]._advance_batch(cls.now + timedelta(minutes=5))
        cls.env.invalidate_all()

    def _rights(self, user, model):
        records = self.env[model].with_user(user)
        return {op for op in ("read", "write", "create", "unlink") if records.has_access(op)}

    def test_who_may_do_what(self):
        everything = {"read", "write", "create", "unlink"}
        for model in DEFINED | WRITTEN | {"nurture.waiter"}:
            self.assertEqual(self._rights(self.sven, model), set(), model)
        for model in DEFINED:
            self.assertEqual(self._rights(self.mira, model), {"read"}, model)
            self.assertEqual(self._rights(self.adam, model), everything, model)
        for model in WRITTEN:
            self.assertEqual(self._rights(self.mira, model), {"read"}, model)
            self.assertEqual(self._rights(self.adam, model), {"read"}, f"{model}: engine only")

    def test_users_read_but_do_not_steer_scenarios(self):
        seen = self.scenario.with_user(self.mira)
        self.assertTrue(seen.get_editor_graph()["nodes"])
        for verb in ("action_start", "action_pause", "action_close", "action_edit_steps"):
            with self.assertRaises(AccessError):
                getattr(seen, verb)()

    def test_managers_steer_without_being_superuser(self):
        scenario = self.scenario.with_user(self.adam)
        scenario.action_edit_steps()
        mail = scenario.draft_id.node_ids.filtered(lambda n: n.kind == "mail")[0]
        mail.mail_subject = "Other words"
        scenario.action_publish()
        scenario.action_pause()
        scenario.action_start()
        scenario.action_close()
        self.assertEqual(scenario.state, "archived")

    def test_an_owner_has_no_more_rights_than_who_names_him(self):  # multi-user
        admin = self.env.ref("base.user_admin")
        scenario = self.scenario.with_user(self.adam)
        with self.assertRaisesRegex(ValidationError, "has more rights"):
            scenario.user_id = admin
        scenario.user_id = self.adam
        scenario.user_id = self.mira
        self.scenario.with_user(admin).user_id = admin
        scenario.name = "Other words"
        copied = scenario.copy()
        self.assertEqual(copied.user_id, self.adam, "whoever copies it owns the copy")

    def test_salespeople_cannot_retry_or_enrol(self):
        enrolment = self.scenario.enrolment_ids
        for verb in ("action_retry", "action_take_out"):
            with self.assertRaises(AccessError):
                getattr(enrolment.with_user(self.sven), verb)()
        with self.assertRaises(AccessError):
            self.env["nurture.enrol"].with_user(self.sven).create(
                {"scenario_id": self.scenario.id}
            )

    def test_a_salesperson_works_with_leads_as_ever(self):
        lead = self.env["crm.lead"].with_user(self.sven).create(
            {"name": "Mine", "email_from": "mine@pumps.test", "user_id": self.sven.id}
        )
        twin = lead.copy({"name": "Mine too"})
        lead.read()
        reason = self.env["crm.lost.reason"].search([], limit=1)
        kept = (lead | twin).with_user(self.sven).merge_opportunity()
        kept.action_set_lost(lost_reason_id=reason.id)
        self.assertEqual(kept.won_status, "lost")

    def test_another_company_sees_nothing(self):  # multi-company
        for model in DEFINED | WRITTEN:
            mine = self.env[model].search([])
            self.assertTrue(mine, model)
            theirs = self.env[model].with_user(self.finn).search([])
            self.assertFalse(theirs, model)
            with self.assertRaises(AccessError):
                mine[:1].with_user(self.finn).read()

    def test_leads_of_another_company_never_enter(self):  # multi-company
        stranger = self._create_lead("Fay", "fay@pumps.test", company_id=self.filters.id)
        self.assertEqual(self._let_in(self.scenario), 0)
        self.assertFalse(self.scenario._enrol_leads(stranger), "not even by hand")
        theirs = self._create_scenario(
            self._welcome_steps(team_id=False), company_id=self.filters.id, user_id=self.finn.id
        )
        self.assertEqual(self._let_in(theirs), 1)
        self._advance()
        self.assertStands(stranger, "click")
        self.assertEqual(theirs.enrolment_ids.company_id, self.filters)

    def test_owner_must_work_in_the_company(self):  # multi-company
        with self.assertRaises(UserError):
            self._create_scenario(
                self._welcome_steps(), company_id=self.filters.id, user_id=self.mira.id
            )

    def test_used_scenarios_are_closed_not_deleted(self):
        with self.assertRaises(UserError):
            self.scenario.unlink()

    def test_a_user_without_nurture_designs_mails_as_ever(self):
        plain = self.env["mailing.mailing"].create({"subject": "News"})
        plain.subject = "More news"
        self.assertFalse(plain.nurture_node_id)
