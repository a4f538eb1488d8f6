"""A score model of the size that a large company has: 30 rules of fit and 25 of behaviour.

The rules stand here once. The addon gets them as records; the floor builds its SQL from them.
"""

from dataclasses import dataclass

from odoo.api import Environment
from odoo.fields import Command

from bench.data.leads import CITIES, COUNTRIES, FUNCTIONS

TOTAL_CAP = 100
WARM_AT, HOT_AT, HYSTERESIS = 40, 70, 5
GRADES = {"A": 25, "B": 15, "C": 5}


@dataclass(frozen=True)
class Fit:
    """Points when a lead of the person meets `column operator value`."""

    points: int
    column: str
    operator: str
    value: object


@dataclass(frozen=True)
class Behaviour:
    """Points per event (or day) of these kinds; the fields mean what they mean on a rule."""

    points: int
    kind: str
    page: str = ""
    topic: str = ""
    daily: bool = False
    min_count: int = 1
    max_count: int = 0
    max_per_day: int = 0
    window: int = 0
    half_life: float = 0.0

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("page_view", "mail_click") if self.kind == "visit" else (self.kind,)

    @property
    def by_day(self) -> bool:
        return self.daily or self.max_per_day > 0


@dataclass(frozen=True)
class Group:
    """Rules under one cap."""

    name: str
    kind: str
    cap: int
    rules: tuple


GROUPS = (
    Group("Place", "fit", 15, (
        *(Fit(2 + n, "country_id", "=", code) for n, code in enumerate(COUNTRIES[:6])),
        *(Fit(1 + n, "city", "=", city) for n, city in enumerate(CITIES)),
    )),
    Group("Role", "fit", 20, (
        *(Fit(9 - 2 * n, "function", "=", name) for n, name in enumerate(FUNCTIONS[:-1])),
        Fit(4, "function", "ilike", "head"),
        Fit(-5, "function", "ilike", "student"),
        Fit(3, "function", "!=", False),
    )),
    Group("Request", "fit", 0, (
        *(Fit(n, "priority", "=", str(n)) for n in (1, 2, 3)),
        *(Fit(3, "expected_revenue", ">=", limit) for limit in (1_000, 3_000, 10_000, 30_000)),
        Fit(2, "phone_sanitized", "!=", False),
        Fit(-10, "email_normalized", "ilike", "0@"),
    )),
    Group("Pages", "engagement", 40, (
        Behaviour(10, "visit", page="/pricing", half_life=30, max_count=3),
        Behaviour(12, "visit", page="/demo", half_life=30, max_count=2),
        Behaviour(5, "visit", page="/cases", half_life=60, max_count=3),
        Behaviour(8, "visit", page="/contact", half_life=14, max_count=2),
        Behaviour(-15, "visit", page="/careers", max_count=2, window=180),
        *(Behaviour(3, "page_view", page=f"/product/1{n}", half_life=45) for n in range(4)),
        Behaviour(4, "visit", page="*/product/*", daily=True, window=60, max_count=5),
        Behaviour(20, "visit", daily=True, min_count=2, max_count=1, window=30),
    )),
    Group("Mail", "engagement", 25, (
        Behaviour(1, "mail_open", max_per_day=1, window=90, max_count=5),
        Behaviour(5, "mail_click", half_life=30, max_count=5),
        Behaviour(15, "mail_reply", half_life=60, max_count=2),
        Behaviour(2, "mail_click", daily=True, half_life=90),
        *(Behaviour(3, "mail_click", topic=topic, half_life=60, max_count=3)
          for topic in ("coffee", "packaging", "printing")),
    )),
    Group("Contact", "engagement", 0, (
        Behaviour(20, "form", half_life=45, max_count=2),
        Behaviour(6, "download", half_life=30, max_count=4),
        Behaviour(3, "download", max_per_day=2, window=120),
        Behaviour(15, "meeting", half_life=60, max_count=2),
        Behaviour(8, "call", half_life=30, max_count=3),
        Behaviour(4, "call", daily=True, window=90, max_count=3),
        Behaviour(25, "purchase", half_life=180, max_count=2),
    )),
)  # fmt: skip


def create_score_model(env: Environment):
    """The model as records of the addon, published and the only one."""
    Model = env["nurture.score.model"]
    Model.search([("state", "=", "active")]).action_close()
    model = Model.create(
        {
            "name": "Bench",
            "tz": "UTC",
            "total_cap": TOTAL_CAP,
            "warm_at": WARM_AT,
            "hot_at": HOT_AT,
            "hysteresis": HYSTERESIS,
            **{f"grade_{letter.lower()}_at": limit for letter, limit in GRADES.items()},
            "group_ids": [Command.create(_group_vals(env, group)) for group in GROUPS],
        }
    )
    model.action_publish()
    return model


def _group_vals(env: Environment, group: Group) -> dict:
    prepare = _fit_vals if group.kind == "fit" else _behaviour_vals
    return {
        "name": group.name,
        "kind": group.kind,
        "cap": group.cap,
        "rule_ids": [
            Command.create({"name": f"{group.name} {number}", **prepare(env, rule)})
            for number, rule in enumerate(group.rules, 1)
        ],
    }


def _fit_vals(env: Environment, rule: Fit) -> dict:
    return {
        "source": "lead",
        "points": rule.points,
        "domain": repr([(rule.column, rule.operator, value_of(env, rule))]),
    }


def _behaviour_vals(env: Environment, rule: Behaviour) -> dict:
    return {
        "source": "event",
        "points": rule.points,
        "event_kind": rule.kind,
        "url_pattern": rule.page,
        "topic": rule.topic,
        "count_by": "day" if rule.daily else "event",
        "min_count": rule.min_count,
        "max_count": rule.max_count,
        "max_per_day": rule.max_per_day,
        "window_days": rule.window,
        "half_life_days": rule.half_life,
    }


def value_of(env: Environment, rule: Fit):
    """The value as the database holds it: countries are told by their code."""
    return env.ref(f"base.{rule.value}").id if rule.column == "country_id" else rule.value
