"""P-8: posting an invoice, beside the same posting in a database without our addons."""

from datetime import date

from odoo.api import Environment
from odoo.fields import Command

from bench.harness import Bench, Beside, sql_spent

#: invoices of a round
POSTINGS = 50
ROUNDS = 40
#: more than so many times the time without us is refused
LIMIT = 1.05


def run(bench: Bench, customers: tuple[range, range]) -> None:
    """Both databases hold the same documents; the same number of invoices is posted in each by
    turns (scale 1: 50 a round), each a transaction of its own. Drafts are made before the clock
    starts. Each round gives a ratio; their median counts."""
    environments = (bench.env, bench.without)
    postings = bench.sized(POSTINGS, 20)
    sides = [
        _Side(env, buyers, postings)
        for env, buyers in zip(environments, customers, strict=True)
    ]
    beside = Beside.measure(sides, _Side.post, ROUNDS)
    queries = [side.count_queries() for side in sides]
    bench.add(
        "customers: posting an invoice", postings,
        **beside.as_kwargs(LIMIT, postings, queries=queries[0], queries_without=queries[1]),
    )  # fmt: skip


class _Side:
    """One of the two databases: who posts, and for whom."""

    def __init__(self, env: Environment, customers: range, postings: int):
        clerk = env["res.users"].create({
            "name": "Clerk", "login": "bench_clerk",
            "group_ids": [(4, env.ref("account.group_account_invoice").id)],
        })  # fmt: skip
        env.cr.commit()
        self.env = env(user=clerk.id, context={"lang": "en_US", "tz": "UTC"})
        self.customers = customers
        self.postings = postings
        self.drafts: list[int] = []
        self.turn = 0

    def prepare(self) -> None:
        self.drafts = self._draft(self.postings).ids

    def post(self) -> None:
        """Post the drafts, one after the other."""
        for draft in self.drafts:
            self.env.invalidate_all()  # as in a request
            self.env["account.move"].browse(draft).action_post()
            self.env.cr.commit()

    def count_queries(self) -> int:
        draft = self._draft(1)
        self.env.invalidate_all()
        with sql_spent(self.env) as spent:
            draft.action_post()
        self.env.cr.commit()
        return spent["queries"]

    def _draft(self, count: int):
        drafts = self.env["account.move"].create([
            {
                "move_type": "out_invoice", "partner_id": self._next_customer(),
                "invoice_date": date.today(),
                "invoice_line_ids": [Command.create(
                    {"name": "Goods", "quantity": 1, "price_unit": 100.0, "tax_ids": False})],
            }
            for _draft in range(count)
        ])  # fmt: skip
        self.env.cr.commit()
        return drafts

    def _next_customer(self) -> int:
        self.turn += 1
        return self.customers[self.turn * 7919 % len(self.customers)]
