from .common_scenario import ScenarioCase


class VersionCase(ScenarioCase):
    """People under way while somebody edits the steps."""

    def _line_steps(self, days=3, mail="first"):
        """A mail, a wait, a second mail, the end."""
        return {
            mail: ("mail", {}, {"next": "wait"}),
            "wait": ("wait", {"delay_count": days, "delay_unit": "days"}, {"next": "second"}),
            "second": ("mail", {}, {"next": "end"}),
            "end": ("exit", {}, {}),
        }

    def _people(self, count, scenario, name="p", **kw):
        """Let `count` people in and bring them to their first pause."""
        leads = self.env["crm.lead"]
        for number in range(count):
            address = f"{name}{number}@pumps.test"
            leads |= self._create_lead(f"{name} {number}", address, sync=False, **kw)
        self._sync()
        self.assertEqual(self._let_in(scenario), count)
        while self._advance():
            pass
        return leads

    def _step(self, version, name):
        return version.node_ids.filtered(lambda n: n.name == name)

    def _edit(self, scenario):
        scenario.action_edit_steps()
        return scenario.draft_id

    def _take_out(self, draft, name):
        draft.editor_remove(draft.revision, self._step(draft, name).id)

    def _insert(self, draft, name, kind, behind, label="next", **vals):
        """A new step behind `behind`, which leads on where that one led."""
        before = self._step(draft, behind)
        node = self.env["nurture.node"].create(
            {"version_id": draft.id, "name": name, "kind": kind, "sequence": 50, **vals}
        )
        if kind == "mail":
            node.mailing_id.write({"subject": name, "body_html": "<p>Hello</p>"})
        node._set_exit_to("next", before._target(label))
        before._set_exit_to(label, node)
        return node

    def _ask(self, scenario):
        """The screen that opens when the draft is published."""
        action = scenario.with_user(self.adam).action_publish()
        self.assertEqual(action["res_model"], "nurture.publish")
        return self.env["nurture.publish"].with_user(self.adam).browse(action["res_id"])

    def _line(self, wizard, name):
        return wizard.line_ids.filtered(lambda line: line.node_id.name == name)

    def _publish(self, wizard):
        """Confirm, and run the job to its end."""
        wizard.action_apply()
        self._run_plans()

    def _run_plans(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_move_people").method_direct_trigger()
        self.env.invalidate_all()

    def assertCountsAgain(self, scenario):
        """The numbers kept are those of the log."""
        self.env.flush_all()
        stat = self.env["nurture.node.stat"]
        kept = {
            version: stat._numbers(scenario, version) for version in scenario.version_ids
        }
        stat._recount(scenario)
        for version, numbers in kept.items():
            self.assertEqual(stat._numbers(scenario, version), numbers, version.number)
