from unittest.mock import patch

from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.tests import tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestKindSeam(ScenarioCase):
    """A kind of step that nobody here knows: one entry and one method, and it is a step like any
    other, with its own exits, words and problem."""

    def setUp(self):
        super().setUp()
        node_class = type(self.env["nurture.node"])
        kinds = node_class._node_kinds
        entry = {"label": "Toss a coin", "icon": "fa-money", "group": "decision", "exits": ()}
        methods = {
            "_node_kinds": lambda node: {**kinds(node), "coin": entry},
            "_exits_node_coin": lambda node: ("heads", "tails"),
            "_run_node_coin": lambda node, people, now: {
                one: Outcome.go("tails" if one.lead_id.city else "heads", "tossed")
                for one in people
            },
            "_exit_text_node_coin": lambda node, label: label.capitalize(),
            "_summary_node_coin": lambda node: "Heads or tails",
            "_problem_node_coin": lambda node: node.name == "bad" and "A bad coin.",
        }
        for name, method in methods.items():
            patcher = patch.object(node_class, name, method, create=True)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _coin_scenario(self, name="coin", **kw):
        return self._create_scenario(
            {
                name: ("coin", {}, {"heads": "left", "tails": "right"}),
                "left": ("wait", {}, {"next": "end"}),
                "right": ("wait", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            },
            **kw,
        )

    def test_it_is_published_travelled_and_logged(self):  # LN-33
        heads, tails = self._create_lead(), self._create_lead("Bob", "b@pumps.test", city="Bern")
        self._let_in(self._coin_scenario())
        self._advance()
        self.assertSteps(heads, [("coin", "heads"), ("left", False)])
        self.assertSteps(tails, [("coin", "tails"), ("right", False)])
        log = self._enrolment_of(tails).log_ids.sorted("visit")[0]
        self.assertEqual((log.exit_text, log.result), ("Tails", "tossed"))

    def test_it_is_drawn_and_checked_like_any_other(self):  # LN-41
        scenario = self._coin_scenario("bad", start=False)
        self.assertIn(("coin", "Toss a coin"), self.env["nurture.node"]._selection_kind())
        card = scenario.get_editor_graph()["nodes"][0]
        self.assertEqual((card["kind"], card["text"]), ("coin", "Heads or tails"))
        self.assertEqual([out["text"] for out in card["exits"]], ["Heads", "Tails"])
        self.assertEqual(card["problems"], ["A bad coin."])
