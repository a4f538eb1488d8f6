from odoo import api, models
from odoo.addons.lead_nurture.engine import journey
from odoo.exceptions import UserError

NODE_LIMIT = 300


class NurtureScenarioVersion(models.Model):
    """What the editor of a scenario asks and does, by remote call.

    Each `editor_*` method makes one change of a draft that can be undone, and returns the new
    graph. `revision` is the one of the graph on which the user acted: when somebody else was
    quicker, nothing is changed and a sentence says so.
    """

    _inherit = "nurture.scenario.version"

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def get_editor_graph(self):
        """The steps to draw, what is wrong with them, and what may be done."""
        self.ensure_one()
        self.check_access("read")
        nodes = self._in_reading_order()
        editable = self.state == "draft" and self.has_access("write")
        problems = {}
        for node, sentence in self._problems():
            problems.setdefault(node.id, []).append(sentence)
        return {
            "version": self.id,
            "number": self.number,
            "draft": self.state == "draft",
            "editable": editable,
            "revision": self.revision,
            "scenario": self._prepare_editor_scenario(),
            "frame": self._prepare_editor_frame(),
            "problems": problems.get(False, []),
            "nodes": [
                {
                    **node._prepare_card(),
                    "number": number,
                    "problems": problems.get(node.id, []),
                    "exits": node._prepare_editor_exits(),
                }
                for number, node in enumerate(nodes, 1)
            ],
            "start": self._start_node().id,
            "palette": self._prepare_palette() if editable else [],
            "undo": self._to_undo().name if editable else False,
            "redo": self._to_redo().name if editable else False,
        }

    def get_editor_numbers(self):
        """{step id: people who came, stand here, went on, reached the goal, are in trouble}, run on
        from version to version."""
        self.ensure_one()
        self.check_access("read")
        numbers = self.env["nurture.node.stat"]._numbers(self.scenario_id)
        return {
            node.id: {
                "came": numbers[node.uid]["in"],
                "here": numbers[node.uid]["waiting"],
                "passed": numbers[node.uid]["passed"],
                "goal": numbers[node.uid]["goal"],
                "trouble": numbers[node.uid]["error"],
            }
            for node in self.node_ids
            if node.uid in numbers
        }

    def _in_reading_order(self):
        """The steps from top to bottom; those that no path leads to come last."""
        nodes = {node.uid: node for node in self.node_ids}
        order = {uid: place for place, uid in enumerate(journey.reading_order(self._journey()))}
        return self.node_ids.browse(
            [node.id for uid, node in sorted(nodes.items(), key=lambda i: order.get(i[0], 9999))]
        )

    def _prepare_editor_scenario(self):
        scenario = self.scenario_id
        return {
            "id": scenario.id,
            "name": scenario.name,
            "state": scenario.state,
            "state_text": dict(scenario._fields["state"]._description_selection(self.env))[
                scenario.state
            ],
            "can_edit": scenario.has_access("write"),
            "published": bool(scenario.version_id),
            "changed": bool(scenario.version_id and scenario.draft_id),
        }

    def _prepare_editor_frame(self):
        """What stands around the steps: who enters, and what ends a journey early. `page` is the
        page of the scenario's form that sets it up."""
        _ = self.env._
        scenario = self.scenario_id
        ends = [
            ("goal", "fa-flag-checkered", _("Goal"), scenario.goal_ids.mapped("summary")),
            ("exit", "fa-sign-out", _("Leaves early"), scenario.exit_rule_ids.mapped("summary")),
            ("never", "fa-ban", _("Never"), scenario.suppress_segment_ids.mapped("name")),
        ]
        return [
            {"key": "entry", "icon": "fa-sign-in", "title": _("People enter when"),
             "text": scenario.entry_text, "page": "entry"},
            *(
                {"key": key, "icon": icon, "title": title, "text": ", ".join(words), "page": "goal"}
                for key, icon, title, words in ends
                if words
            ),
        ]  # fmt: skip

    def _prepare_palette(self):
        """The kinds of steps to choose from, by group."""
        nodes = self.env["nurture.node"]
        kinds = nodes._node_kinds()
        return [
            {
                "key": group,
                "label": label,
                "kinds": [
                    {"kind": kind, "label": kinds[kind]["label"], "icon": kinds[kind]["icon"],
                     "help": kinds[kind].get("help", ""), "ends": group == "end"}
                    for kind, _label in nodes._selection_kind()
                    if kinds[kind]["group"] == group
                ],
            }
            for group, label in self._palette_groups().items()
        ]  # fmt: skip

    @api.model
    def _palette_groups(self):
        _ = self.env._
        return {
            "message": _("Messages"),
            "time": _("Time"),
            "decision": _("Decisions"),
            "action": _("Actions"),
            "end": _("Ends"),
        }

    # ------------------------------------------------------------
    # CHANGE
    # ------------------------------------------------------------

    def editor_insert(self, revision, kind, place):
        """Put a new step of a kind at a place: {"after": step, "exit": label}, {"before": step},
        or nothing for the very beginning. Returns the graph with the `added` step."""
        spec = self._editor_spec(kind)
        with self._editing(revision, self.env._("Add “%s”", spec["label"])):
            node = self._editor_create({"kind": kind, "name": spec["label"]})
            self._editor_link_in(node, place or {})
        return {**self.get_editor_graph(), "added": node.id}

    def editor_remove(self, revision, node_id, keep=False):
        """Take a step out. Arrows to it lead on by its exit `keep` (else its first one)."""
        node = self._editor_node(node_id)
        with self._editing(revision, self.env._("Remove “%s”", node.name)):
            label = keep if keep in node._exits() else node._exits()[:1] and node._exits()[0]
            follower = node._target(label) if label else node.browse()
            if follower == node:
                follower = node.browse()
            was_first = self._start_node() == node
            for edge in self.edge_ids.filtered(lambda e: e.to_id == node and e.from_id != node):
                edge.from_id._set_exit_to(edge.label, follower)
            node.edge_ids.unlink()
            node.write({"active": False, "way_on_uid": follower.uid})
            if was_first and follower:
                self._editor_put_first(follower)
        return self.get_editor_graph()

    def editor_connect(self, revision, node_id, label, target_id=False):
        """Let an exit lead to a step that exists, or to nowhere yet."""
        node = self._editor_node(node_id)
        self._editor_check_exit(node, label)
        target = self._editor_node(target_id) if target_id else node.browse()
        with self._editing(revision, self.env._("Connect “%s”", node.name)):
            node._set_exit_to(label, target)
        return self.get_editor_graph()

    def editor_change_kind(self, revision, node_id, kind):
        """Let a step do something else. Its first way on stays, if it has one."""
        node = self._editor_node(node_id)
        spec, old = self._editor_spec(kind), self._editor_spec(node.kind)
        with self._editing(revision, self.env._("Change the kind of “%s”", node.name)):
            targets = {edge.label: edge.to_id for edge in node.edge_ids}
            first = targets.get(node._exits()[0], node.browse()) if node._exits() else node.browse()
            renamed = {"name": spec["label"]} if node.name == old["label"] else {}
            node.write({"kind": kind, **renamed})
            exits = node._exits()
            if exits and first and not any(label in targets for label in exits):
                node._set_exit_to(exits[0], first)
        return self.get_editor_graph()

    def editor_duplicate(self, revision, node_id):
        """A copy of a step with its settings and its mail, right behind it."""
        node = self._editor_node(node_id)
        with self._editing(revision, self.env._("Duplicate “%s”", node.name)):
            self._editor_check_size()
            twin = node.copy({"name": self.env._("%s (copy)", node.name)})
            if node._exits():
                self._editor_link_in(twin, {"after": node.id, "exit": node._exits()[0]})
        return {**self.get_editor_graph(), "added": twin.id}

    def editor_make_first(self, revision, node_id):
        """Everybody enters at this step from now on."""
        node = self._editor_node(node_id)
        with self._editing(revision, self.env._("Enter at “%s”", node.name)):
            self._editor_put_first(node)
        return self.get_editor_graph()

    def editor_undo(self, revision):
        """Take the last change back."""
        self._check_revision(revision)
        self._undo()
        return self.get_editor_graph()

    def editor_redo(self, revision):
        """Make the change again that was taken back last."""
        self._check_revision(revision)
        self._redo()
        return self.get_editor_graph()

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _editing(self, revision, name):
        """A change by the editor, of the draft as its user sees it."""
        self.check_access("write")
        self._check_revision(revision)
        return self._changing(name)

    def _editor_spec(self, kind):
        spec = self.env["nurture.node"]._node_kinds().get(kind)
        if not spec:
            raise UserError(self.env._("There is no such kind of step."))
        return spec

    def _editor_node(self, node_id):
        self.check_access("write")
        node = self.node_ids.filtered(lambda n: n.id == node_id)
        if not node:
            raise UserError(self.env._("This step is not in the draft any more."))
        return node

    def _editor_check_exit(self, node, label):
        if label not in node._exits():
            raise UserError(self.env._("“%s” has no such way out.", node.name))

    def _editor_check_end(self, node, follower):
        """Nobody would come to the steps behind an end any more, without a word."""
        if follower and node._node_kinds()[node.kind]["group"] == "end":
            raise UserError(
                self.env._(
                    "Here the path leads on to “%s”. Put the end where a way leads nowhere yet.",
                    follower.name,
                )
            )

    def _editor_check_size(self):
        if len(self.node_ids) >= NODE_LIMIT:
            raise UserError(
                self.env._("A scenario has at most %s steps. Split it into two.", NODE_LIMIT)
            )

    def _editor_create(self, vals):
        self._editor_check_size()
        last = max(self.node_ids.mapped("sequence"), default=0)
        return self.env["nurture.node"].create(
            {"version_id": self.id, "sequence": last + 1, **vals}
        )

    def _editor_put_first(self, node):
        node.sequence = min(self.node_ids.mapped("sequence")) - 1

    def _editor_link_in(self, node, place):
        """Hang a step into the arrows at a place; its first exit leads to what followed there."""
        follower = node.browse()
        if place.get("after"):
            source = self._editor_node(place["after"])
            self._editor_check_exit(source, place.get("exit"))
            follower = source._target(place["exit"])
            self._editor_check_end(node, follower)
            source._set_exit_to(place["exit"], node)
        else:
            start = (self.node_ids - node).sorted(lambda n: (n.sequence, n.id))[:1]
            follower = self._editor_node(place["before"]) if place.get("before") else start
            self._editor_check_end(node, follower)
            self.edge_ids.filtered(lambda e: e.to_id == follower).to_id = node
            if follower == start:
                self._editor_put_first(node)
        if follower and node._exits():
            node._set_exit_to(node._exits()[0], follower)


class NurtureScenario(models.Model):
    """The scenario that the editor shows: its draft if there is one, else what people travel."""

    _inherit = "nurture.scenario"

    def get_editor_graph(self):
        self.ensure_one()
        version = self._shown_version()
        return version.get_editor_graph() if version else False
