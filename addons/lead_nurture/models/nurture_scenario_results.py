from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import quality

# people under whom a rate says nothing, and reached goals under which a median does not
ENOUGH, ENOUGH_REACHED = 20, 5


class NurtureScenario(models.Model):
    """What came of a scenario: who entered, who reached the goal, which deals were won, what the
    mails did, step by step, path by path, version by version.

    Read when the page is opened. Everything obeys the rights of the reader; money is of the deals
    that the reader may see.
    """

    _inherit = "nurture.scenario"

    results = fields.Json(compute="_compute_results")

    def _compute_results(self):
        for scenario in self:
            scenario.results = scenario._origin.read_results() if scenario._origin else False

    def read_results(self, version_id=False):
        """The figures of one version, or of all (public: the results page asks for a version)."""
        self.ensure_one()
        self.check_access("read")
        version = self.version_ids.filtered(lambda v: v.id == version_id)
        self.env.flush_all()
        people = self._read_people()
        total = people.get(version.id or None)
        began = bool(total and total["entered"])
        return {
            "id": self.id,
            "version": version.id,
            "versions": [
                {"id": v.id, "number": v.number, **self._prepare_people(people.get(v.id))}
                for v in self.version_ids.sorted("number")
                if v.state != "draft"
            ],
            "has_goal": bool(self.goal_ids),
            "goals": self.goal_ids.mapped("summary"),
            "goal_days": self.goal_days,
            "people": self._prepare_people(total),
            "ends": self._prepare_ends(version) if began else [],
            "deals": self._prepare_deals(version) if began else False,
            "mails": self._prepare_mails(version) if began else [],
            "steps": self._prepare_funnel(version) if began else [],
            "paths": self._prepare_paths(version) if began else [],
            "currency": self.company_id.currency_id.id,
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_deals(self, version_id=False):
        """The deals behind the revenue, as far as the reader may see them."""
        self.ensure_one()
        self.check_access("read")
        version = self.version_ids.filtered(lambda v: v.id == version_id)
        rows = self.env.execute_query(self._query_deals(version, fields.Datetime.now()))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deals won: %s", self.name),
            "res_model": "crm.lead",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", [row[0] for row in rows])],
            "context": {"active_test": False, "create": False},
        }

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def _read_people(self):
        """{version id, None for all: figures}"""
        rows = self.env.execute_query_dict(self._query_people())
        return {row.pop("version_id"): row for row in rows}

    def _prepare_people(self, figures):
        figures = figures or {"entered": 0, "inside": 0, "reached": 0, "value": 0, "days": None}
        return {
            **figures,
            "value": float(figures["value"] or 0),
            "days": figures["days"] if figures["reached"] >= ENOUGH_REACHED else None,
            **self._prepare_rate(figures["reached"], figures["entered"]),
        }

    @api.model
    def _prepare_rate(self, hits, n):
        """A share in per cent with its 95 % interval; of too few, a sentence instead."""
        if n < ENOUGH:
            few = self.env._(
                "Too few to tell: %(n)s of the %(enough)s people needed.",
                n=n, enough=ENOUGH,
            )  # fmt: skip
            return {"rate": None, "few": few}
        share = quality.wilson(hits, n)
        return {
            "rate": 100 * share.value, "low": 100 * share.low, "high": 100 * share.high, "few": ""
        }  # fmt: skip

    def _prepare_ends(self, version):
        words = self.env["nurture.enrolment"]._exit_reasons()
        return [
            {"reason": reason, "note": note or "", "count": count,
             "text": f"{words.get(reason, reason)}: {note}" if note else words.get(reason, reason)}
            for reason, note, count in self.env.execute_query(self._query_ends(version))
        ]  # fmt: skip

    def _prepare_deals(self, version):
        if not self.env["crm.lead"].has_access("read"):
            return False
        rows = self.env.execute_query(self._query_deals(version, fields.Datetime.now()))
        return {"count": len(rows), "revenue": float(sum(row[1] or 0 for row in rows))}

    def _prepare_mails(self, version):
        """One row per mail step, in the order of the journey, and their sum."""
        machines = self._by_step(self._query_machines(version))
        unsubscribed = self._by_step(self._query_unsubscribed(version))
        rows = {
            row["uid"]: {
                **row,
                "machine_open": machines.get(row["uid"], {}).get("machine_open", 0),
                "machine_click": machines.get(row["uid"], {}).get("machine_click", 0),
                "unsubscribed": unsubscribed.get(row["uid"], {}).get("unsubscribed", 0),
            }
            for row in self.env.execute_query_dict(self._query_mails(version))
        }
        cards = self._cards(version, rows)
        told = [{**rows[uid], "name": cards[uid]["name"], "total": False} for uid in cards
                if uid in rows]  # fmt: skip
        if len(told) > 1:
            numbers = [key for key, value in told[0].items() if type(value) is int]
            total = {key: sum(row[key] for row in told) for key in numbers}
            told.append({**total, "uid": "", "name": self.env._("All mails"), "total": True})
        return told

    def _by_step(self, query):
        return {row["uid"]: row for row in self.env.execute_query_dict(query)}

    def _prepare_funnel(self, version):
        """The steps in reading order: who came, who stands there, who went on by which exit."""
        numbers = self.env["nurture.node.stat"]._numbers(self, version)
        return [
            {
                **card,
                **{name: numbers[uid][name] for name in ("in", "waiting", "passed", "goal",
                                                         "left", "error")},
            }
            for uid, card in self._cards(version, numbers).items()
            if uid in numbers
        ]  # fmt: skip

    def _prepare_paths(self, version):
        """Where people parted: how many went which way, and how many of those reached the goal."""
        cards = self._cards(version, ())
        nodes = self.env["nurture.node"].browse(card["id"] for card in cards.values())
        forks = {node.uid: node for node in nodes if len(node._exits()) > 1}
        if not forks:
            return []
        rows = {
            (uid, label): (people, reached)
            for uid, label, people, reached in self.env.execute_query(
                self._query_paths(version, [*forks])
            )
        }
        return [
            {
                "uid": uid,
                "name": node.name,
                "icon": cards[uid]["icon"],
                "exits": [
                    self._prepare_path(node, label, *rows.get((uid, label), (0, 0)))
                    for label in node._exits()
                ],
            }
            for uid, node in forks.items()
        ]

    def _prepare_path(self, node, label, people, reached):
        return {
            "label": label,
            "text": node._exit_name(label),
            "people": people,
            "reached": reached,
            **self._prepare_rate(reached, people),
        }

    def _cards(self, version, seen_uids):
        """{uid: what a step is} in reading order; steps that only older versions had come last."""
        version = version or self.version_id or self._shown_version()
        kinds = self.env["nurture.node"]._node_kinds()
        nodes = {node.uid: node for node in version._in_reading_order()}
        order = sorted(nodes, key=lambda uid: not nodes[uid]._exits())  # the ends last
        gone = [uid for uid in seen_uids if uid not in nodes]
        if gone:
            old = self.env["nurture.node"].search(
                [("scenario_id", "=", self.id), ("uid", "in", gone)], order="version_id, sequence"
            )
            nodes.update({node.uid: node for node in old})
            order += [uid for uid in nodes if uid not in order]
        return {
            uid: {
                "id": nodes[uid].id,
                "uid": uid,
                "name": nodes[uid].name,
                "icon": kinds[nodes[uid].kind]["icon"],
                "kind": nodes[uid].kind,
                "is_end": not nodes[uid]._exits(),
                "gone": uid in gone,
            }
            for uid in order
        }
