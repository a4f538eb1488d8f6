"""The team's wall (CC-3, CC-22)."""
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCareBoard(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.env["care.board"].with_user(cls.agent).sudo(False).with_company(
            cls.company)

    def _board(self, team=None):
        page = self.board.get_board((team or self.team).id)
        return page, {figure["key"]: figure["number"] for figure in page["figures"]}

    def _age(self, case, hours):
        case.sudo().contact_ids.at = fields.Datetime.subtract(fields.Datetime.now(), hours=hours)
        return case

    def test_the_wall_counts_what_is(self):  # CC-3
        self._open_case(channel="email")
        mine = self._open_case(channel="email", user_id=self.agent.id)
        mine._add_contact("out", "email", fields.Datetime.now(), user=self.agent)
        settled = self._open_case(user_id=self.agent.id)
        settled.action_resolve()
        _page, figures = self._board()
        self.assertEqual(
            {key: figures[key] for key in ("first", "turn", "nobody", "open", "done")},
            {"first": 1, "turn": 1, "nobody": 1, "open": 2, "done": 1})

    def test_every_number_opens_its_cases(self):  # CC-3
        self._open_case(channel="email")
        self._open_case(user_id=self.agent.id, severity="4")
        for figure in self._board()[0]["figures"]:
            cases = self.cases.with_user(self.agent).sudo(False).search_count(figure["domain"])
            self.assertEqual(cases, figure["number"], figure["key"])

    def test_the_most_urgent_stand_on_top(self):  # CC-3
        waits = self._age(self._open_case(channel="email", name="Long"), 30)
        self._age(self._open_case(channel="email", name="Short"), 1)
        late = self._open_case(channel="email", name="Late")
        late.sudo().due_at = fields.Datetime.subtract(fields.Datetime.now(), minutes=5)
        page, figures = self._board()
        self.assertEqual([row["name"] for row in page["worst"]], ["Late", "Long", "Short"])
        self.assertEqual(page["worst"][1]["since"], fields.Datetime.to_string(waits.waiting_since))
        self.assertEqual(figures["late"], 1)

    def test_open_cases_of_each_agent(self):  # CC-3
        second = self._create_user("second_agent", "customer_care.group_customer_care_user")
        for user in (self.agent, self.agent, second):
            self._open_case(user_id=user.id)
        agents = self._board()[0]["agents"]
        self.assertEqual([(row["name"], row["number"]) for row in agents["rows"]],
                         [("case_agent", 2), ("second_agent", 1)])
        self.assertEqual((agents["most"], agents["others"]), (2, 0))

    def test_several_teams_stand_beside_each_other_and_add_up(self):  # CC-3, CC-22
        other, third = (self.team.create({"name": name, "company_id": self.company.id})
                        for name in ("Repairs", "Returns"))
        self._open_case(user_id=self.agent.id)
        self._open_case()
        late = self._open_case(team_id=other.id)
        late.sudo().due_at = fields.Datetime.subtract(fields.Datetime.now(), minutes=5)
        page = self.board.get_board()
        rows = {row["id"]: (row["open"], row["late"], row["nobody"]) for row in page["load"]}
        self.assertEqual([rows[team.id] for team in (self.team, other, third)],
                         [(2, 0, 1), (1, 1, 1), (0, 0, 0)])
        self.assertEqual(page["load"][0]["id"], other.id)
        numbers = {figure["key"]: figure["number"] for figure in page["figures"]}
        self.assertEqual([sum(one) for one in zip(*rows.values(), strict=True)],
                         [numbers["open"], numbers["late"], numbers["nobody"]])
        self.assertFalse(self._board(other)[0]["load"])

    def test_without_a_team_the_wall_is_empty_and_says_so(self):  # CC-3
        bare = self.env["res.company"].sudo().create({"name": "Bare"})
        self.env["care.team"].sudo().search([("company_id", "=", bare.id)]).active = False
        guest = self._create_user("bare_guest", "customer_care.group_customer_care_user")
        guest.write({"company_ids": [Command.set(bare.ids)], "company_id": bare.id})
        page = self.env["care.board"].with_user(guest).sudo(False).with_context(
            allowed_company_ids=bare.ids).get_board()
        self.assertEqual((page["load"], page["worst"], page["agents"]["most"]), ([], [], 0))

    def test_the_mood_says_when_it_rests_on_too_little(self):  # CC-22
        mood = self._board()[0]["mood"]
        self.assertFalse(mood["figure"])
        self.assertIn("0 of", mood["few"])

    def test_a_team_sees_its_own_and_a_company_its_own(self):  # CC-3
        other = self.team.create({"name": "Repairs", "company_id": self.company.id})
        self._open_case()
        self.assertEqual(self._board(other)[1]["open"], 0)
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        stranger = self._create_user("elsewhere", "customer_care.group_customer_care_user")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        page = self.env["care.board"].with_user(stranger).sudo(False).with_context(
            allowed_company_ids=elsewhere.ids).get_board(self.team.id)
        self.assertEqual((page["team"], page["figures"][5]["number"]), (False, 0))
        with self.assertRaises(AccessError):
            self.board.with_user(self._create_user("nobody", "base.group_user")).get_board()

    def test_as_many_looks_for_a_hundred_cases_as_for_ten(self):  # CC-3
        def looks():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._board()
            return self.env.cr.sql_log_count - before

        for _number in range(10):
            self._open_case(channel="email")
        looks()  # what is read once and kept
        few = looks()
        for _number in range(60):
            self._open_case(channel="email")
        self.assertLessEqual(looks(), few)
