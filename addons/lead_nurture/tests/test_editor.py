from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestEditor(ScenarioCase):
    """Steps are drawn, changed, and changed back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scenario = cls._create_scenario(cls._welcome_steps(), start=False)
        cls.draft = cls.scenario.draft_id.with_user(cls.adam)

    def _node(self, name):
        return self.draft.node_ids.filtered(lambda n: n.name == name)

    def _do(self, method, *arguments):
        return getattr(self.draft, f"editor_{method}")(self.draft.revision, *arguments)

    def _arrows(self):
        return {(e.from_id.name, e.label): e.to_id.name for e in self.draft.edge_ids}

    def _picture(self):
        """Everything that undoing must bring back."""
        fields = ["name", "kind", "sequence", "mail_subject", "delay_count", "team_id"]
        return self._arrows(), self.draft.node_ids.sorted("id").read(fields)

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def test_the_graph_says_what_is_there(self):  # LN-41
        graph = self.draft.get_editor_graph()
        self.assertEqual([n["number"] for n in graph["nodes"]], [1, 2, 3, 4, 5])
        self.assertEqual(graph["nodes"][0]["name"], "welcome")
        self.assertEqual(graph["start"], graph["nodes"][0]["id"])
        exits = {e["label"]: e["target"] for e in graph["nodes"][1]["exits"]}
        self.assertEqual(exits, {"yes": self._node("sales").id, "timeout": self._node("remind").id})
        shown = {kind["kind"] for group in graph["palette"] for kind in group["kinds"]}
        self.assertEqual(shown, set(dict(self.env["nurture.node"]._selection_kind())))
        self.assertFalse(graph["problems"] or any(n["problems"] for n in graph["nodes"]))

    def test_problems_stand_at_their_step(self):  # LN-41
        graph = self._do("connect", self._node("click").id, "yes", False)
        sentences = {n["name"]: n["problems"] for n in graph["nodes"] if n["problems"]}
        self.assertEqual(set(sentences), {"click", "sales"}, "the open exit and what is behind")
        self.assertIn("click", sentences["click"][0])
        self.assertEqual(graph["nodes"][-1]["name"], "sales", "what nobody reaches comes last")

    def test_numbers_of_a_running_scenario(self):  # LN-40
        lead = self._create_lead()
        self.scenario.action_start()
        self.scenario._enrol_leads(lead)
        self._advance()
        self.assertStands(lead, "click")
        version = self.scenario.version_id.with_user(self.mira)
        numbers = version.get_editor_numbers()
        node = {n.name: n.id for n in version.node_ids}
        gone, here = numbers[node["welcome"]], numbers[node["click"]]
        self.assertEqual(gone, {"came": 1, "here": 0, "passed": 1, "goal": 0, "trouble": 0})
        self.assertEqual(here, {"came": 1, "here": 1, "passed": 0, "goal": 0, "trouble": 0})
        self.assertNotIn(node["sales"], numbers)
        self.scenario.action_edit_steps()
        draft = self.scenario.draft_id
        twin = draft.node_ids.filtered(lambda n: n.name == "click")
        self.assertEqual(draft.get_editor_numbers()[twin.id]["here"], 1, "runs on in the draft")

    # ------------------------------------------------------------
    # CHANGE
    # ------------------------------------------------------------

    def test_insert_on_an_arrow(self):  # LN-41
        graph = self._do("insert", "wait", {"after": self._node("welcome").id, "exit": "next"})
        wait = self.draft.node_ids.browse(graph["added"])
        self.assertEqual(wait.name, "Wait")
        self.assertEqual(self._arrows()[("welcome", "next")], "Wait")
        self.assertEqual(self._arrows()[("Wait", "next")], "click")

    def test_insert_before_the_first_and_into_nothing(self):  # LN-41
        graph = self._do("insert", "wait", {"before": self._node("welcome").id})
        self.assertEqual(graph["start"], graph["added"])
        self.assertEqual(self._arrows()[("Wait", "next")], "welcome")
        empty = self.env["nurture.scenario"].create(
            {"name": "Empty", "company_id": self.pumps.id, "user_id": self.mira.id}
        ).draft_id
        graph = empty.editor_insert(0, "mail", {})
        self.assertEqual(graph["start"], graph["added"])
        graph = empty.editor_insert(1, "exit", {"after": graph["added"], "exit": "next"})
        self.assertEqual(len(graph["nodes"]), 2)

    def test_an_end_cuts_nothing_off(self):  # LN-41
        with self.assertRaisesRegex(UserError, "leads on to “click”"):
            self._do("insert", "exit", {"after": self._node("welcome").id, "exit": "next"})
        with self.assertRaisesRegex(UserError, "leads on to “welcome”"):
            self._do("insert", "exit", {})
        self.assertEqual(self._arrows()[("welcome", "next")], "click", "nothing was changed")

    def test_a_new_mail_is_not_ready(self):  # LN-41
        graph = self._do("insert", "mail", {"after": self._node("welcome").id, "exit": "next"})
        node = self.env["nurture.node"].browse(graph["added"])
        mailing = node.mailing_id
        mailing.body_html = "<p>Hello</p>"
        self.assertIn("no subject", node._config_problem(), "the name of the kind is none")
        mailing.subject = "Three ways to save water"
        self.assertFalse(node._config_problem())
        mailing.body_html = '<p><br/></p><p><a href="/unsubscribe_from_list">Unsubscribe</a></p>'
        self.assertIn("no text", node._config_problem())
        mailing.body_html = '<p><img src="/web/image/1"/></p>'
        self.assertFalse(node._config_problem(), "a picture says something, too")

    def test_every_kind_says_what_it_is_for(self):  # LN-41
        kinds = [k for group in self.draft._prepare_palette() for k in group["kinds"]]
        self.assertEqual([k["kind"] for k in kinds if not k["help"]], [])
        self.assertEqual([k["kind"] for k in kinds if k["ends"]], ["exit"])

    def test_insert_before_a_join_takes_all_arrows(self):  # LN-41
        self._do("insert", "alert", {"before": self._node("end").id})
        arrows = self._arrows()
        self.assertEqual(arrows[("sales", "next")], "Alert somebody")
        self.assertEqual(arrows[("remind", "next")], "Alert somebody")
        self.assertEqual(arrows[("Alert somebody", "next")], "end")

    def test_remove_heals_the_arrow(self):  # LN-41
        self._do("remove", self._node("sales").id)
        self.assertEqual(self._arrows()[("click", "yes")], "end")
        self.assertFalse(self._node("sales"))
        self._do("remove", self._node("click").id, "timeout")
        self.assertEqual(self._arrows()[("welcome", "next")], "remind", "the path that was kept")

    def test_remove_the_first_step(self):  # LN-41
        graph = self._do("remove", self._node("welcome").id)
        self.assertEqual(graph["start"], self._node("click").id)

    def test_a_removed_mail_comes_back(self):  # LN-41
        before = self._picture()
        mail = self._node("remind").mailing_id
        self._do("remove", self._node("remind").id)
        self.assertTrue(mail.exists())
        graph = self.draft.editor_undo(self.draft.revision)
        self.assertEqual(self._picture(), before)
        self.assertEqual(self._node("remind").mailing_id, mail)
        self.assertIn("remind", graph["redo"])
        self.assertFalse(graph["undo"])

    def test_a_removed_mail_is_gone_once_published(self):  # LN-41
        mail = self._node("remind").mailing_id
        self._do("remove", self._node("remind").id)
        self.scenario.with_user(self.adam).action_start()
        self.assertFalse(mail.exists())
        self.assertFalse(self.env["nurture.draft.change"].search(
            [("version_id", "=", self.scenario.version_id.id)]
        ))

    def test_change_the_kind_keeps_the_way_on(self):  # LN-41
        self._do("change_kind", self._node("remind").id, "branch")
        self.assertEqual(self._arrows()[("remind", "yes")], "end")
        self.assertNotIn(("remind", "next"), self._arrows())
        self._do("change_kind", self._node("sales").id, "activity")
        self.assertEqual(self._arrows()[("sales", "next")], "end")

    def test_duplicate_brings_the_mail(self):  # LN-41
        graph = self._do("duplicate", self._node("welcome").id)
        twin = self.draft.node_ids.browse(graph["added"])
        self.assertEqual(twin.mail_subject, "About welcome")
        self.assertNotEqual(twin.mailing_id, self._node("welcome").mailing_id)
        self.assertEqual(self._arrows()[("welcome", "next")], twin.name)
        self.assertEqual(graph["start"], self._node("welcome").id)

    def test_connect_and_make_first(self):  # LN-41
        self._do("connect", self._node("remind").id, "next", self._node("click").id)
        self.assertEqual(self._arrows()[("remind", "next")], "click", "a loop through a wait")
        graph = self._do("make_first", self._node("remind").id)
        self.assertEqual(graph["start"], self._node("remind").id)
        with self.assertRaises(UserError):
            self._do("connect", self._node("remind").id, "yes", self._node("end").id)

    def test_every_change_can_be_undone_and_redone(self):  # LN-41
        click, remind = self._node("click"), self._node("remind")
        pictures = [self._picture()]
        for method, arguments in (
            ("insert", ("branch", {"after": click.id, "exit": "yes"})),
            ("insert", ("mail", {"before": self._node("welcome").id})),
            ("change_kind", (remind.id, "wait")),
            ("duplicate", (self._node("sales").id,)),
            ("remove", (click.id, "yes")),
            ("make_first", (remind.id,)),
            ("connect", (remind.id, "next", remind.id)),
        ):
            self._do(method, *arguments)
            pictures.append(self._picture())
        for picture in reversed(pictures[:-1]):
            self._do("undo")
            self.assertEqual(self._picture(), picture)
        self._do("undo")
        self.assertEqual(self._picture(), pictures[0], "nothing is left to undo")
        for picture in pictures[1:]:
            self._do("redo")
            self.assertEqual(self._picture(), picture)

    def test_a_new_change_ends_what_was_undone(self):  # LN-41
        self._do("remove", self._node("remind").id)
        self._do("undo")
        graph = self._do("make_first", self._node("click").id)
        self.assertFalse(graph["redo"])
        self._do("redo")
        self.assertTrue(self._node("remind"))

    def test_a_form_that_saves_can_be_undone(self):  # LN-41
        welcome = self._node("welcome")
        welcome.with_context(nurture_revision=0).web_save({"mail_subject": "Hello"}, {"name": {}})
        graph = self.draft.get_editor_graph()
        self.assertIn("welcome", graph["undo"])
        self.assertEqual(graph["nodes"][0]["text"], "Hello")
        self._do("undo")
        self.assertEqual(welcome.mail_subject, "About welcome")
        click = self._node("click")
        click.web_save({"delay_count": 9}, {"name": {}})
        self._do("undo")
        self.assertEqual(click.delay_count, 3)

    def test_paths_of_a_switch_come_back_with_their_arrows(self):  # LN-41, LN-32
        self._do("change_kind", self._node("remind").id, "switch")
        switch = self._node("remind")
        case = switch.case_ids
        switch._set_exit_to(case.label, self._node("sales"))
        switch.web_save(
            {"case_ids": [Command.create({"name": "Hue", "domain": "[('city', '=', 'Hue')]"})]}, {}
        )
        second = switch.case_ids - case
        self._do("connect", switch.id, second.label, self._node("end").id)
        names, arrows, label = switch.case_ids.mapped("name"), self._arrows(), second.label
        switch.web_save({"case_ids": [Command.delete(second.id)]}, {})
        self.assertNotIn(("remind", label), self._arrows())
        self._do("undo")
        self.assertEqual(switch.case_ids.mapped("name"), names)
        self.assertEqual(self._arrows(), arrows)
        self._do("redo")
        self.assertEqual(switch.case_ids, case)

    def test_saving_without_a_change_is_no_change(self):  # LN-41
        self._node("welcome").web_save({"name": "welcome"}, {"name": {}})
        self.assertFalse(self.draft.get_editor_graph()["undo"])

    # ------------------------------------------------------------
    # SEVERAL PEOPLE, RIGHTS, LIMITS
    # ------------------------------------------------------------

    def test_the_second_one_is_told(self):  # LN-41
        seen = self.draft.revision
        other = self.scenario.draft_id.with_user(self.env.ref("base.user_admin"))
        other.editor_remove(seen, self._node("remind").id)
        before = self._picture()
        with self.assertRaisesRegex(UserError, "in the meantime"):
            self.draft.editor_remove(seen, self._node("sales").id)
        with self.assertRaisesRegex(UserError, "in the meantime"):
            self.draft.editor_undo(seen)
        self.assertEqual(self._picture(), before)

    def test_two_forms_of_one_step(self):  # LN-41
        """Two people may fill in different steps; the same one only one after the other."""
        admin = self.env.ref("base.user_admin")
        seen = self.draft.revision
        welcome, click = self._node("welcome"), self._node("click")
        theirs = welcome.with_user(admin).with_context(nurture_revision=seen)
        theirs.web_save({"name": "Greeting"}, {"name": {}})
        click.with_context(nurture_revision=seen).web_save({"name": "Click?"}, {"name": {}})
        with self.assertRaisesRegex(UserError, admin.name):
            welcome.with_context(nurture_revision=seen).web_save({"name": "Hi"}, {"name": {}})
        self.assertEqual((welcome.name, click.name), ("Greeting", "Click?"))

    def test_users_look_and_managers_draw(self):  # LN-41
        seen = self.scenario.draft_id.with_user(self.mira)
        graph = seen.get_editor_graph()
        self.assertTrue(graph["nodes"])
        self.assertFalse(graph["editable"] or graph["palette"])
        end = self._node("end").id
        for call in (
            ("insert", "wait", {"before": end}),
            ("remove", end),
            ("connect", end, "next", end),
            ("change_kind", end, "wait"),
            ("duplicate", end),
            ("make_first", end),
            ("undo",),
            ("redo",),
        ):
            with self.assertRaises(AccessError, msg=call[0]):
                getattr(seen, f"editor_{call[0]}")(0, *call[1:])
        with self.assertRaises(AccessError):
            self._node("end").with_user(self.mira).web_save({"name": "No"}, {"name": {}})
        for reader in (self.sven, self.finn):
            with self.assertRaises(AccessError):
                self.scenario.draft_id.with_user(reader).get_editor_graph()
        with self.assertRaises(AccessError):
            self._node("welcome").with_user(self.finn).get_editor_mail()

    def test_the_mail_can_be_looked_at(self):  # LN-41
        mail = self._node("welcome").with_user(self.mira).get_editor_mail()
        self.assertEqual(mail["subject"], "About welcome")
        self.assertIn("Hello", mail["body"])

    def test_published_steps_stay_as_they_are(self):  # LN-38
        self.scenario.action_start()
        version = self.scenario.version_id.with_user(self.adam)
        self.assertFalse(version.get_editor_graph()["editable"])
        with self.assertRaises(UserError):
            version.editor_remove(version.revision, version.node_ids[0].id)

    def test_steps_of_another_draft_cannot_be_reached(self):  # LN-41
        foreign = self._create_scenario(self._welcome_steps(), start=False).draft_id.node_ids[0]
        for call in (("remove", foreign.id), ("insert", "wait", {"after": foreign.id})):
            with self.assertRaises(UserError):
                self._do(*call)
        with self.assertRaises(UserError):
            self._do("connect", self._node("welcome").id, "next", foreign.id)
        with self.assertRaises(UserError):
            self._do("insert", "nonsense", {})

    def test_a_scenario_has_a_size(self):  # LN-41
        self.patch_limit(6)
        self._do("insert", "wait", {"before": self._node("end").id})
        with self.assertRaisesRegex(UserError, "at most 6"):
            self._do("duplicate", self._node("end").id)

    def patch_limit(self, limit):
        from odoo.addons.lead_nurture.models import nurture_scenario_editor

        self.patch(nurture_scenario_editor, "NODE_LIMIT", limit)

    def test_reading_sixty_steps_costs_no_more_queries_than_six(self):  # LN-41
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.draft.browse(self.draft.id).get_editor_graph()
            return self.env.cr.sql_log_count - before

        cost()
        small = cost()
        for _number in range(54):
            self._do("insert", "mail", {"before": self._node("end").id})
        self.assertLessEqual(cost(), small + 2)

    def test_the_list_and_a_form_still_work(self):  # LN-41
        with Form(self._node("welcome")) as form:
            form.name = "Greeting"
        self.assertEqual(self._node("Greeting").kind, "mail")
