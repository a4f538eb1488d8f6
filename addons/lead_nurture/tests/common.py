"""The cast of the stories.

    company "Pumps" (main)                        company "Filters"
    ├── mira   marketer: Nurture user             └── finn   marketer
    ├── adam   administrator of Nurture
    └── sven   salesperson, own leads only
"""

import gc
from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user

NOW = datetime(2026, 3, 16, 9, 0)  # a Monday
USER = "lead_nurture.group_lead_nurture_user"
MANAGER = "lead_nurture.group_lead_nurture_manager"
SALES = "sales_team.group_sale_salesman"


EVERYBODY = "[('type', '!=', False)]"  # as a filter on leads


class NurtureCase(TransactionCase):
    """Factories and asserts in the words of the trade. Crons are run by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.pumps = cls.env.company
        cls.filters = cls.env["res.company"].create({"name": "Filters"})
        cls.env.user.company_ids |= cls.filters
        cls.mira = new_test_user(cls.env, "mira", groups=USER, tz="UTC")
        cls.adam = new_test_user(cls.env, "adam", groups=MANAGER, tz="UTC")
        cls.sven = new_test_user(cls.env, "sven", groups=SALES, tz="UTC")
        cls.finn = new_test_user(
            cls.env, "finn", groups=USER, tz="UTC", company_id=cls.filters.id,
            company_ids=[Command.set(cls.filters.ids)],
        )  # fmt: skip
        # only models made by a test judge
        cls.env["nurture.score.model"].search([("state", "=", "active")])._set_archived()
        cls.env["nurture.change"]._sync_batch(100_000)
        cls._drain()

    def setUp(self):
        super().setUp()
        # A user's environment reads his time zone and companies once and keeps them while it
        # lives. Between two calls only its own cycle of references holds it, so the collector,
        # run at a chance moment, would make a counted query of what was warm.
        gc.disable()
        self.addCleanup(gc.enable)

    @classmethod
    def _entrust(cls, user):
        """The user works in every company: what all of them share is his to change."""
        user.company_ids = [Command.set(cls.env["res.company"].search([]).ids)]

    # ------------------------------------------------------------
    # Running the phases
    # ------------------------------------------------------------

    @classmethod
    def _sync(cls):
        while cls.env["nurture.change"]._sync_batch(5_000):
            pass

    @classmethod
    def _drain(cls):
        """Join and score until nothing is left to do."""
        scores = cls.env["nurture.score"]
        cls._sync()
        while scores._score_dirty_batch(5_000) or scores._score_pass_chunk(50_000):
            pass
        cls.env.invalidate_all()

    # ------------------------------------------------------------
    # Factories
    # ------------------------------------------------------------

    @classmethod
    def _create_lead(cls, name="Ann", email="ann@pumps.test", sync=True, **kw):
        lead = cls.env["crm.lead"].create(
            {
                "name": f"Enquiry of {name}",
                "type": "lead",
                "contact_name": name,
                "email_from": email,
                "company_id": cls.pumps.id,
                "user_id": False,
                "team_id": False,
                **kw,
            }
        )
        if sync:
            cls._sync()
        return lead

    @classmethod
    def _person_of(cls, record):
        record.invalidate_recordset(["nurture_person_id"])
        return record.nurture_person_id

    @classmethod
    def _record(cls, person, kind="page_view", days_ago=0, at=None, **kw):
        """Record one event of a person `days_ago`; returns it (empty when it was known)."""
        moment = at or fields.Datetime.now() - timedelta(days=days_ago)
        return cls.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": person.id,
                    "kind": kind,
                    "occurred_at": moment,
                    "dedup_key": kw.pop("key", f"{kind}:{person.id}:{moment}:{kw}"),
                    **kw,
                }
            ]
        )

    @classmethod
    def _create_model(cls, rules=(), fit=(), **kw):
        """An active model with one group of interest and one of fit; `rules` and `fit` are vals.
        Group caps by `cap` and `fit_cap`."""
        cap, fit_cap = kw.pop("cap", 0), kw.pop("fit_cap", 0)
        model = cls.env["nurture.score.model"].create(
            {
                "name": "Test model",
                "tz": "UTC",
                "warm_at": 30,
                "hot_at": 60,
                "hysteresis": 5,
                "total_cap": 0,
                "group_ids": [
                    Command.create(
                        {
                            "name": "Interest",
                            "kind": "engagement",
                            "cap": cap,
                            "rule_ids": [
                                Command.create({"name": f"Rule {i}", "source": "event", **vals})
                                for i, vals in enumerate(rules)
                            ],
                        }
                    ),
                    Command.create(
                        {
                            "name": "Fit",
                            "kind": "fit",
                            "cap": fit_cap,
                            "rule_ids": [
                                Command.create({"name": f"Fit {i}", "source": "lead", **vals})
                                for i, vals in enumerate(fit)
                            ],
                        }
                    ),
                ],
                **kw,
            }
        )
        model._set_active()
        return model

    @classmethod
    def _score_of(cls, person, model=None):
        domain = [("person_id", "=", person.id)]
        if model:
            domain.append(("model_id", "=", model.id))
        return cls.env["nurture.score"].search(domain)

    # ------------------------------------------------------------
    # Asserts
    # ------------------------------------------------------------

    def assertScore(self, person, total, band=None, model=None):
        """The stored score, and the explanation that adds up to it."""
        score = self._score_of(person, model)
        self.assertEqual(len(score), 1, "one row per person and model")
        self.assertEqual(score.total, total)
        if band:
            self.assertEqual(score.band, band)
        self.assertAddsUp(score)

    def assertAddsUp(self, score):
        told = score._explain()
        rows = sum(row["points"] for group in told["groups"] for row in group["rows"])
        corrections = sum(row["points"] for row in told["corrections"])
        self.assertEqual(rows + corrections, score.total, told)
        self.assertEqual(sum(group["points"] for group in told["groups"]), rows)
        self.assertFalse(told["outdated"])
