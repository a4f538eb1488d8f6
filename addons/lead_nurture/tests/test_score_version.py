import ast

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_score import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreVersion(ScoreCase):
    """A marketer changes rules that are in use."""

    def setUp(self):
        super().setUp()
        self.model = self._create_model(
            [{"points": 64, "event_kind": "page_view"}, {"points": 9, "event_kind": "call"}]
        )
        self.model.group_ids.rule_ids[1].active = False
        self._record(self.ann)
        self._drain()
        self.score = self._score_of(self.ann)

    def _edit(self):
        return self.env["nurture.score.model"].browse(self.model.action_edit()["res_id"])

    def _publish(self, points):
        draft = self._edit()
        draft.group_ids.rule_ids.points = points
        draft.action_publish()
        self._drain()
        return draft

    def test_what_comes_active_is_version_one(self):  # LN-14
        preset = self.env.ref("lead_nurture.nurture_score_model_two_days")
        self.assertEqual(preset.version, 1)
        self.assertTrue(preset.published_at)
        self.assertTrue(preset.published_by_id)
        self.assertIn(preset.published_by_id.name, preset.origin)

    def test_a_draft_changes_nothing_until_it_is_published(self):  # LN-14
        draft = self._edit()
        draft.group_ids.rule_ids.points = 31
        draft.warm_at = 20
        self._drain()
        self.assertScore(self.ann, 64, "hot", model=self.model)
        self.assertEqual(self.env["nurture.score"].search_count([("model_id", "=", draft.id)]), 0)
        self.assertEqual(self.model.warm_at, 30)

    def test_a_duplicate_has_the_groups_of_its_original_alone(self):  # LN-14
        self.model.group_ids[1].unlink()
        twin = self.model.copy()
        self.assertEqual(twin.group_ids.mapped("name"), self.model.group_ids.mapped("name"))
        self.assertEqual((len(twin.with_context(active_test=False).rule_ids), twin.version), (2, 0))
        shipped = self.env.ref("lead_nurture.nurture_score_model_two_days")
        self.assertEqual(
            shipped.copy().group_ids.mapped(lambda g: (g.name, len(g.rule_ids))),
            shipped.group_ids.mapped(lambda g: (g.name, len(g.rule_ids))),
        )

    def test_publishing_swaps_the_content_and_keeps_the_scores_attached(self):  # LN-14
        former_rules = self.model.group_ids.rule_ids
        draft = self._publish(31)
        self.assertScore(self.ann, 31, "warm", model=self.model)
        self.assertEqual(self._score_of(self.ann), self.score, "the same row")
        self.assertEqual((self.model.state, self.model.version), ("active", 2))
        self.assertEqual((draft.state, draft.version), ("archived", 1))
        self.assertEqual(draft.group_ids.rule_ids, former_rules, "the archive has the old rules")
        self.assertEqual(former_rules.points, 64)
        self.assertEqual(self.model.version_ids, draft)
        self.assertEqual((self.model.published_by_id, self.model.published_at),
                         (self.env.user, draft.archived_at))  # fmt: skip
        self.assertEqual(self._bands_told(self.ann), [], "publishing is silent")

    def test_limits_belong_to_the_version(self):  # LN-14
        draft = self._edit()
        draft.write({"hot_at": 65, "warm_at": 40, "total_cap": 90})
        draft.action_publish()
        self._drain()
        self.assertScore(self.ann, 64, "hot", model=self.model)  # hot before: hysteresis
        self.assertEqual((self.model.hot_at, self.model.total_cap), (65, 90))
        self.assertEqual((draft.hot_at, draft.total_cap), (60, 0))

    def test_switched_off_rules_come_along(self):  # LN-14
        draft = self._edit().with_context(active_test=False)
        self.assertEqual(len(draft.group_ids.rule_ids), 2)
        self.assertEqual(len(self._edit().group_ids.rule_ids), 1)

    def test_a_former_version_comes_back_with_one_click(self):  # LN-14
        first = self._publish(31)
        action = first.action_restore()
        draft = self.env["nurture.score.model"].browse(action["res_id"])
        self.assertEqual((draft.state, draft.parent_id), ("draft", self.model))
        draft.action_publish()
        self._drain()
        self.assertScore(self.ann, 64, model=self.model)
        self.assertEqual(self.model.version, 3)
        self.assertEqual(self.model.version_ids.mapped("version"), [1, 2])

    def test_two_editors_share_one_draft(self):  # LN-14
        draft = self._edit()
        self.assertEqual(self._edit(), draft)
        self.assertEqual(self.model.draft_id, draft)
        self.assertIn("made from version 1", draft.origin)

    def test_a_second_publication_is_told_so(self):  # LN-14
        draft = self._publish(31)
        with self.assertRaisesRegex(UserError, "published this draft already"):
            draft.action_publish()
        self.assertEqual(self.model.version, 2)

    def test_bringing_back_does_not_overwrite_an_open_draft(self):  # LN-14
        first = self._publish(31)
        self._edit()
        with self.assertRaisesRegex(UserError, "Publish or discard it"):
            first.action_restore()

    def test_a_draft_of_an_older_version_is_refused(self):  # LN-14
        draft = self._edit()
        self.model.action_close()
        self.model.action_publish()
        with self.assertRaisesRegex(UserError, "published meanwhile"):
            draft.action_publish()
        self.assertEqual(self.model.group_ids.rule_ids.points, 64)

    def test_discarding_leaves_the_active_version(self):  # LN-14
        draft = self._edit()
        draft.action_discard()
        self.assertFalse(draft.exists())
        with self.assertRaises(UserError):
            self.model.action_discard()
        self.assertEqual(self.model.state, "active")

    def test_lists_show_models_not_versions(self):  # LN-14
        self._publish(31)
        self._edit()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_score_model_action"
        )
        found = self.env["nurture.score.model"].search(ast.literal_eval(action["domain"]))
        self.assertIn(self.model, found)
        self.assertFalse(found.filtered("parent_id"))

    def test_a_version_keeps_the_company_of_its_model(self):  # multi-company
        draft = self._edit()
        self.model.company_id = self.pumps
        self.assertEqual(draft.company_id, self.pumps)
        with self.assertRaisesRegex(ValidationError, "change it there"):
            draft.company_id = self.filters

    def test_a_marketer_reads_versions_and_publishes_none(self):  # LN-14
        draft = self._edit()
        self.assertTrue(draft.with_user(self.mira).name)
        for method in ("action_publish", "action_discard", "action_preview"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(draft.with_user(self.mira), method)()
        draft.action_discard()
        with self.assertRaises(AccessError):
            self.model.with_user(self.mira).action_edit()
        self.assertFalse(self.model.with_user(self.mira).rule_board["editable"])

    def test_the_form_of_an_active_model_is_read_only(self):  # LN-14
        self._entrust(self.adam)
        with Form(self.model.with_user(self.adam)) as form, self.assertRaises(AssertionError):
            form.hot_at = 90
        board = self.model.with_user(self.adam).rule_board
        self.assertFalse(board["editable"])
        self.assertTrue(self._edit().with_user(self.adam).rule_board["editable"])
        self.model.group_ids[0].name = "Web pages"
        self.assertEqual(
            [group["kind_label"] for group in self.model.rule_board["groups"]],
            ["Interest: what they do", ""], "a group called Fit says by its name what it is",
        )  # fmt: skip

    def test_an_import_on_an_active_model_stays_possible_and_silent(self):  # LN-14
        self.model.group_ids.rule_ids.points = 31
        self._drain()
        self.assertScore(self.ann, 31, "warm", model=self.model)
        self.assertEqual(self._bands_told(self.ann), [])
