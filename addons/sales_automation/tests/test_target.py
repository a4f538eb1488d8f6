from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import SalesDeskCase


@tagged("post_install", "-at_install")
class TestTarget(SalesDeskCase):
    """What is to be won, by whom and when: one word per owner and day."""

    def _create_target(self, **kw):
        vals = {"user_id": self.ines.id, "period_kind": "month", "date_start": "2026-03-17",
                "amount": 1200.0, **kw}
        return self.env["sales.target"].create(vals)

    def test_any_day_means_its_period(self):  # SA-11
        target = self._create_target(period_kind="quarter")
        self.assertEqual((str(target.date_start), str(target.date_end)),
                         ("2026-01-01", "2026-03-31"))
        target.period_kind = "year"
        self.assertEqual((str(target.date_start), str(target.date_end)),
                         ("2026-01-01", "2026-12-31"))

    def test_overlaps_are_refused_with_words(self):  # SA-11
        self._create_target()
        refused = self.assertRaisesRegex(ValidationError, "overlaps with Ines · March 2026")
        with refused, self.env.cr.savepoint():
            self._create_target(period_kind="year")
        self._create_target(date_start="2026-04-01")
        self._create_target(user_id=False, team_id=self.team_inside.id, period_kind="year")
        self._create_target(user_id=self.finn.id)
        later = self._create_target(date_start="2026-05-01")
        with self.assertRaisesRegex(ValidationError, "overlaps"), self.env.cr.savepoint():
            later.write({"period_kind": "year"})

    def test_one_owner(self):  # SA-11
        for owner in ({"user_id": False}, {"team_id": self.team_inside.id}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), \
                    self.env.cr.savepoint():
                self._create_target(**owner)

    def test_a_year_is_spread_to_the_cent(self):  # SA-11
        target = self._create_target(period_kind="year", amount=1000.0)
        action = target.action_spread()
        self.assertFalse(target.exists())
        months = self.env["sales.target"].search(action["domain"], order="date_start")
        self.assertEqual(len(months), 12)
        self.assertEqual(round(sum(months.mapped("amount")), 2), 1000.0)
        self.assertEqual(set(months.mapped("period_kind")), {"month"})
        with self.assertRaisesRegex(UserError, "quarter or a year"), self.env.cr.savepoint():
            months.action_spread()

    def test_team_beside_its_members(self):  # SA-11: 1/4 of a year + a month of the quarter
        self._create_target(user_id=self.finn.id, period_kind="year", amount=4000.0)
        self._create_target(user_id=self.fay.id, amount=300.0)
        self._create_target(amount=99.0)
        team = self._create_target(
            user_id=False, team_id=self.team_field.id, period_kind="quarter", amount=1500.0)
        self.assertEqual(team.member_amount, 1300.0)

    def test_foreign_target_is_refused_with_the_amount(self):  # SA-11, SA-20
        own = self.env.company.currency_id
        foreign = self.env["res.currency"].create({
            "name": "XTT", "symbol": "X",
            "rate_ids": [fields.Command.create({
                "name": "2020-01-01", "rate": 4.0, "company_id": False})]})
        refused = self.assertRaisesRegex(ValidationError, f"keeps its targets in {own.name}")
        with refused as caught, self.env.cr.savepoint():
            self._create_target(currency_id=foreign.id, amount=1000.0)
        self.assertIn("250.00", str(caught.exception))
        result = self.env["sales.target"].load(
            ["user_id", "period_kind", "date_start", "amount", "currency_id"],
            [["Ines", "Month", "2026-03-01", "100", own.name],
             ["Finn", "Month", "2026-03-01", "100", "XTT"]])
        self.assertFalse(result["ids"], "nothing is imported")
        message = result["messages"][-1]
        self.assertEqual((message["rows"]["from"], message["rows"]["to"]), (1, 1))
        self.assertIn("keeps its targets in", message["message"])

    def test_rights(self):  # ALL-4: leaders for their teams, managers for all
        leader = self._create_user("leo", "sales_team.group_sale_salesman")
        self.team_field.user_id = leader
        targets = self.env["sales.target"]
        for user, allowed in ((leader, True), (self.max, True), (self.fay, False),
                              (self.lea, False)):
            vals = {"user_id": self.finn.id, "period_kind": "month", "amount": 5,
                    "date_start": f"2026-0{user.id % 8 + 1}-01"}
            if allowed:
                targets.with_user(user).create(vals).unlink()
            else:
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    targets.with_user(user).create(vals)
        with self.assertRaisesRegex(AccessError, "set by managers"):
            targets.with_user(self.fay).create({"user_id": self.fay.id, "amount": 1})
        mine = self._create_target(user_id=self.finn.id)
        self.assertEqual(targets.with_user(self.finn).search([]), mine)
        self.assertFalse(targets.with_user(self.ines).search([("id", "=", mine.id)]))
        self.assertTrue(targets.with_user(self.lea).search([("id", "=", mine.id)]))
        with self.assertRaises(AccessError):
            mine.with_user(self.finn).amount = 1
