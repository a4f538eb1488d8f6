from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestPresets(ScenarioCase):
    """Ready scenarios: three clicks, and they run."""

    def _use(self, key, **vals):
        scenario = self.env["nurture.preset"]._create_scenario(
            key, company_id=self.pumps.id, user_id=self.mira.id, **vals
        )
        self.env.flush_all()
        return scenario

    def test_the_gallery_draws_a_draft_that_starts_at_once(self):  # LN-42
        gallery = self.env["nurture.preset"].get_presets()
        self.assertGreaterEqual(len(gallery), 2)
        for preset in gallery:
            with self.subTest(preset=preset["key"]):
                action = self.env["nurture.preset"].create_scenario(preset["key"])
                scenario = self.env["nurture.scenario"].browse(action["res_id"])
                self.assertEqual(scenario.state, "draft", "nothing runs by itself")
                self.assertFalse(scenario.draft_id._problems())
                # whoever is let go for good has nothing more to reach
                self.assertEqual(bool(scenario.goal_ids), preset["key"] != "sunset")
                scenario.user_id = self.mira
                scenario.action_start()
                self.assertEqual(scenario.state, "running")

    def test_an_unknown_preset_is_refused(self):  # LN-42
        with self.assertRaises(UserError):
            self.env["nurture.preset"].create_scenario("moon")

    def test_who_may_not_write_scenarios_cannot_use_one(self):  # LN-42
        before = self.env["nurture.scenario"].search_count([])
        with self.assertRaises(AccessError):
            self.env["nurture.preset"].with_user(self.mira).create_scenario("welcome")
        self.assertEqual(self.env["nurture.scenario"].search_count([]), before)

    def test_links_lead_to_the_website_of_the_company(self):  # LN-42
        self.pumps.website = "https://pumps.test"
        lead = self._create_lead()
        scenario = self._use("welcome")
        scenario.action_start()
        self.env.flush_all()
        scenario._enrol_leads(lead)
        self._advance()
        links = self.env["nurture.link"].search(
            [("mailing_id", "=", self._sends_of(lead).node_id.mailing_id.id)]
        )
        self.assertEqual(links.mapped("url"), ["https://pumps.test"])

    def test_mails_read_well_when_nothing_is_known(self):  # LN-42
        bare = self.env["crm.lead"].create(
            {"name": "x", "email_from": "x@pumps.test", "user_id": False}
        )
        full = self._create_lead()
        for preset in self.env["nurture.preset"].get_presets():
            for mailing in self._use(preset["key"]).draft_id.node_ids.mailing_id:
                with self.subTest(mail=mailing.subject):
                    self.assertFalse(mailing._has_unsafe_expression(), "anybody may edit it")
                    bodies = mailing._render_field("body_html", (bare | full).ids)
                    self.assertIn("Hello there,", bodies[bare.id])
                    self.assertIn("Hello Ann,", bodies[full.id])
                    for body in bodies.values():
                        self.assertNotIn("False", body)
                        self.assertNotIn("t-out", body)
                        self.assertIn(self.pumps.name, body)
                        self.assertIn("/unsubscribe_from_list", body)
                        self.assertIn("/company_website", body)

    def test_a_dark_screen_gets_its_colours(self):  # LN-42
        lead = self._create_lead()
        scenario = self._use("welcome")
        scenario.action_start()
        self.env.flush_all()
        scenario._enrol_leads(lead)
        self._advance()
        mail = self.env["mail.mail"].browse(self._sends_of(lead).mail_id)
        self.assertIn("prefers-color-scheme: dark", mail.body_html)

    def test_recycling_brings_the_reason_that_sales_chooses(self):  # LN-25, LN-42
        self.env["crm.lost.reason"].search([]).nurture_scenario_id = False
        scenario = self._use("recycle")
        self.assertEqual(scenario.lost_reason_ids.mapped("name"), ["Not now"])
        self._use("recycle")
        self.assertEqual(
            self.env["crm.lost.reason"].search([("nurture_scenario_id", "!=", False)]),
            scenario.lost_reason_ids,
        )
