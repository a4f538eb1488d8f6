from odoo.addons.sales_automation.models.sales_styles import STYLES
from odoo.addons.sales_automation.tests.playbook_common import PlaybookCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestSalesStyle(PlaybookCase):
    """Three styles: shown before they change anything, and taken back with one click."""

    def _choose(self, style, **kw):
        return self.env["sales.style.choice"].with_user(self.max).create({
            "style": style, "company_id": self.env.company.id, **kw})

    def test_every_style_names_settings_that_exist(self):  # SA-7
        company = self.env["res.company"]
        for key, style in STYLES.items():
            with self.subTest(key):
                self.assertFalse(style.settings.keys() - company._fields.keys())
                for name, value in style.settings.items():
                    field = company._fields[name]
                    if field.type == "selection":
                        self.assertIn(value, field.get_values(self.env))

    def test_preview_says_old_and_new_and_changes_nothing(self):  # SA-7
        self.env.company.sales_handoff_hours = 4
        choice = self._choose("inside_b2b")
        for words in (
                "Hand-offs: Hand-off Deadline", "4 hours", "2 hours", "Every working day"):
            self.assertIn(words, choice.preview)
        self.assertEqual(self.env.company.sales_handoff_hours, 4)

    def test_apply_and_take_back(self):  # SA-7
        company = self.env.company
        names = list(STYLES["b2c_shop"].settings)
        before = company.read(names)[0]
        self._choose("b2c_shop", with_playbook=True, team_id=self.team_field.id).action_apply()
        self.assertFalse(company.sales_next_action)
        self.assertEqual(company.sales_nudge, "off")
        change = self.env["sales.style.change"].search([], limit=1)
        playbook = change.playbook_id
        self.assertEqual((playbook.team_ids, playbook.enforcement), (self.team_field, "off"))
        self.assertLessEqual(len(playbook.step_ids.criterion_ids), 2)  # a shop stays light
        company.sales_nudge = "weekly"  # chosen since: stays
        change.with_user(self.max).action_undo()
        self.assertFalse(playbook.active)
        self.assertEqual(company.sales_nudge, "weekly")
        self.assertEqual(company.read(names)[0], {**before, "sales_nudge": "weekly"})
        with self.assertRaises(UserError):
            change.with_user(self.max).action_undo()

    def test_each_playbook_fits_the_pipeline(self):  # SA-7
        for key in STYLES:
            with self.subTest(key):
                self._choose(key, team_id=self.team_inside.id).action_apply()
                playbook = self.env["sales.playbook"].search([], order="id desc", limit=1)
                self.assertTrue(playbook.step_ids)
                self.assertNotIn(True, playbook.step_ids.stage_id.mapped("is_won"))
                playbook.enforcement = "block"  # nothing in it locks anyone out

    def test_managers_only(self):  # SA-7
        with self.assertRaises(AccessError):
            self.env["sales.style.choice"].with_user(self.ines).create({"style": "b2c_shop"})
        with self.assertRaises(AccessError):
            self.env["sales.style.change"].with_user(self.ines)._apply(
                "b2c_shop", self.env.company, self.team_inside, False)


@tagged("post_install", "-at_install")
class TestPlaybookPanel(PlaybookCase):
    """The guide beside the deal."""

    def test_guide_tells_and_ticks(self):  # SA-7
        self.step_new.write({
            "guidance": "<p>Ask three questions</p>",
            "material_ids": [(0, 0, {"name": "Price list", "url": "https://example.com/p"})]})
        deal = self._create_deal().with_user(self.ines)
        guide = deal._deal_panel_guide(self.env.cr.now())
        self.assertEqual(guide["badge"]["text"], "0 of 2 · 2 missing to go on")
        self.assertIn("three questions", guide["html"])
        self.assertEqual([line["text"] for line in guide["lines"]], [
            "We know what it is about", "Asked for the budget", "Asked who decides",
            "Expected Closing", "Price list", "Playbook: Machines"])
        box = guide["lines"][1]
        self.assertFalse(box["check"])
        getattr(deal, box["method"])(*box["args"])
        self._ready(deal)
        guide = deal._deal_panel_guide(self.env.cr.now())
        self.assertEqual(guide["badge"]["tone"], "success")
        self.assertIn("Ines", guide["lines"][1]["detail"])
        getattr(deal, box["method"])(*box["args"])
        self.assertFalse(deal._deal_panel_guide(self.env.cr.now())["lines"][1]["check"])

    def test_guide_of_who_only_reads(self):  # SA-7
        deal = self._create_deal()
        deal.write({"inside_user_id": self.finn.id, "user_id": self.max.id,
                    "team_id": self.team_inside.id})
        guide = deal.with_user(self.finn)._deal_panel_guide(self.env.cr.now())
        self.assertEqual(guide["buttons"], [])

    def test_no_guide_without_a_step(self):  # SA-7
        deal = self._create_deal(stage_id=self.stage_offer.id)
        self.assertFalse(deal._deal_panel_guide(self.env.cr.now()))
        self.assertIn("guide", self.env["crm.lead"]._deal_panel_sections())
