"""P-8: saving a lead, beside the same save in a database without our addons."""

from collections.abc import Callable

from odoo.api import Environment
from odoo.models import BaseModel

from bench.data.leads import fill_leads
from bench.forms import form_specification
from bench.harness import Bench, Beside, sql_spent

LEADS = 100_000
#: deals that are saved in turn, and saves of a round: the same at each scale, which says how many
#: leads there are beside them; many short rounds tell more than a few long ones
DEALS, SAVES = 40, 10
ROUNDS = 30
#: more than so many times the time without us is refused
LIMIT = 1.05


def run(bench: Bench) -> None:
    """Fill both databases alike, then save the same number of deals in each by turns (scale 1:
    100k leads). A save is a transaction of its own, with chatter and tracking, the way the form
    does it. Each round gives a ratio; their median counts."""
    sides = [_Side(env, bench.sized(LEADS, 500)) for env in (bench.env, bench.without)]
    for name, act, limit in (
        ("lead_save: a field of the form", _change_field, LIMIT),
        ("lead_save: the next stage", _move, None),
        ("lead_save: a new deal", _create, None),
        ("lead_save: a field, and the form read again", _change_and_read, LIMIT),
    ):
        _measure(bench, name, sides, act, limit)


class _Side:
    """One of the two databases: who saves, and the deals that are saved in turn."""

    def __init__(self, env: Environment, leads: int):
        seller = env["res.users"].create({
            "name": "Seller", "login": "bench_seller",
            "group_ids": [(4, env.ref("sales_team.group_sale_salesman_all_leads").id)],
        })  # fmt: skip
        self.env = env(user=seller.id, context={"lang": "en_US", "tz": "UTC"})
        fill_leads(env, leads, env.cr.now())
        self.stages = env["crm.stage"].search([("is_won", "=", False)], limit=2).ids
        self.deals = env["crm.lead"].create([
            {"name": f"Deal {n}", "type": "opportunity", "user_id": seller.id,
             "stage_id": self.stages[0], "email_from": f"deal{n}@deals.example"}
            for n in range(DEALS)
        ]).ids  # fmt: skip
        env.cr.commit()
        self.specification = form_specification(self.env["crm.lead"])
        self.turn = 0
        self.moves = dict.fromkeys(self.deals, 0)

    def prepare(self) -> None:
        """Nothing: deals are saved again and again."""

    def next_deal(self) -> BaseModel:
        """The next deal, from an empty cache as in a request."""
        self.turn += 1
        self.env.invalidate_all()
        return self.env["crm.lead"].browse(self.deals[self.turn % len(self.deals)])


def _change_field(side: _Side) -> None:
    side.next_deal().web_save({"expected_revenue": side.turn, "function": f"Owner {side.turn}"}, {})


def _move(side: _Side) -> None:
    deal = side.next_deal()
    side.moves[deal.id] += 1
    deal.web_save({"stage_id": side.stages[side.moves[deal.id] % 2]}, {})


def _create(side: _Side) -> None:
    side.next_deal()
    side.env["crm.lead"].web_save({
        "name": f"New {side.turn}", "type": "opportunity", "user_id": side.env.uid,
        "email_from": f"new{side.turn}@deals.example",
    }, {})  # fmt: skip


def _change_and_read(side: _Side) -> None:
    side.next_deal().web_save({"expected_revenue": side.turn}, side.specification)


def _measure(bench, name, sides, act: Callable[[_Side], None], limit) -> None:
    beside = Beside.measure(sides, lambda side: _save_many(side, act), ROUNDS)
    queries = [_queries(side, act) for side in sides]
    bench.add(
        name, SAVES,
        **beside.as_kwargs(limit, SAVES, queries=queries[0], queries_without=queries[1]),
    )  # fmt: skip


def _save_many(side: _Side, act) -> None:
    for _save in range(SAVES):
        act(side)
        side.env.cr.commit()


def _queries(side: _Side, act) -> int:
    with sql_spent(side.env) as spent:
        act(side)
    side.env.cr.commit()
    return spent["queries"]
