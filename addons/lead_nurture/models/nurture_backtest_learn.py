import re
from collections import Counter
from dataclasses import asdict

from odoo import Command, models
from odoo.addons.lead_nurture.engine import quality, weights
from odoo.addons.lead_nurture.scope import Scope
from odoo.exceptions import UserError
from odoo.tools import SQL

from .nurture_event import PASSIVE_KINDS

MOST_LEADS = 50_000  # the newest closed ones
MOST_SUGGESTIONS = 200
MOST_SAMPLED = 5_000  # the newest closed leads, by which the thresholds of a draft are set
LOWEST = {"warm_at": 1, "hot_at": 2, "hysteresis": 0}  # thresholds that any rules can reach
MOST_WORDS = 200  # of job positions, the most frequent
WORD = re.compile(r"[^\W\d_]{3,}")


class NurtureBacktest(models.Model):
    """Suggested weights: what the closed leads of a run say that each property is worth.

    Learned on the oldest 70 %, tested on the newest 30 %. What is accepted goes into a draft copy
    of the model; the model itself stays as it is until the draft is published.
    """

    _inherit = "nurture.backtest"

    def _learned_fields(self):
        """Registry of fields whose values are weighed: {name: (kind of rule, field)}. Other
        properties (words, tags, events) have their own lines in `_prepare_traits`."""
        return {
            "country": ("lead", "country_id"),
            "source": ("lead", "source_id"),
            "medium": ("lead", "medium_id"),
            "team": ("lead", "team_id"),
            "industry": ("partner", "industry_id"),
        }

    # ------------------------------------------------------------
    # Learning
    # ------------------------------------------------------------

    def _learn(self):
        """Write the suggestions; returns how good they are on leads that they did not see."""
        rows = self.env.execute_query_dict(self._query_traits(MOST_LEADS))
        words = self._words_of(row["job"] for row in rows)
        history = [(self._prepare_traits(row, words), row["won"], row["score"]) for row in rows]
        if few := weights.too_few([won for _traits, won, _score in history]):
            return {"refusal": "few", "won": few[0], "lost": few[1]}
        seen, fresh = weights.split(history)
        values = weights.suggest([lead[0] for lead in seen], [lead[1] for lead in seen])
        points = {(v.attribute, v.value): v.points for v in values if v.points and not v.warning}
        tested = self._prepare_test(fresh, points) if points else {"refusal": "nothing"}
        self._create_suggestions(values, points if tested["refusal"] is None else {})
        return {
            **tested,
            "offered": tested["refusal"] is None,
            "leads": len(history),
        }

    def _prepare_test(self, fresh, points):
        """Suggested points against the tested model on the newest leads."""
        pairs = [
            (weights.score(traits, points), score, int(won), int(not won))
            for traits, won, score in fresh
        ]
        new, old = ([(pair[side], *pair[2:]) for pair in pairs] for side in (0, 1))
        if few := quality.too_few(old):
            return {"refusal": "few_new", "won": few[0], "lost": few[1]}
        difference = quality.auc_difference(pairs)
        return {
            "refusal": None if difference.low > 0 else "not_better",
            "n": len(pairs),
            "new": asdict(quality.auc(new)),
            "old": asdict(quality.auc(old)),
            "difference": asdict(difference),
        }

    def _words_of(self, jobs):
        counts = Counter(word for job in jobs for word in dict.fromkeys(WORD.findall(job or "")))
        return [word for word, _count in counts.most_common(MOST_WORDS)]

    def _prepare_traits(self, row, words):
        """{attribute: value} of one lead. A job position has each of `words` that is a part of it:
        so asks the rule, for which “director” has “cto” in it."""
        traits = {name: row[name] for name in self._learned_fields() if row[name]}
        traits |= {f"tag:{tag_id}": True for tag_id in row["tags"] or ()}
        traits |= {f"word:{word}": True for word in words if word in (row["job"] or "")}
        traits |= {f"event:{kind}": True for kind in row["kinds"] or ()}
        if row["company_address"]:
            traits["address"] = True
        if row["visit_days"] > 1:
            traits["days"] = True
        return traits

    # ------------------------------------------------------------
    # Suggestions
    # ------------------------------------------------------------

    def _create_suggestions(self, values, ticked):
        strongest = sorted(values, key=lambda v: (not v.points, -abs(v.points), -v.iv))
        chosen = strongest[:MOST_SUGGESTIONS]
        labels = self._labels_of_values(chosen)
        # sudo: suggestions are written by the run only
        self.env["nurture.backtest.suggestion"].sudo().create(
            [
                {
                    "backtest_id": self.id,
                    "accepted": (value.attribute, value.value) in ticked,
                    "won": value.won,
                    "lost": value.lost,
                    "woe": value.woe,
                    "iv": value.iv,
                    "points": value.points,
                    "warning": value.warning or False,
                    **self._prepare_condition_vals(value, labels),
                }
                for value in chosen
            ]
        )

    def _labels_of_values(self, values):
        """{(model, id): name} of the records that are values."""
        wanted = {}
        for value in values:
            kind, _colon, rest = value.attribute.partition(":")
            if kind == "tag":
                wanted.setdefault("crm.tag", set()).add(int(rest))
            elif kind in self._learned_fields():
                wanted.setdefault(self._model_of_field(kind), set()).add(value.value)
        return {
            (model, record.id): record.display_name
            for model, ids in wanted.items()
            # sudo: names only, of records that the counted leads have
            for record in self.env[model].sudo().browse(sorted(ids)).exists()
        }

    def _model_of_field(self, name):
        kind, field = self._learned_fields()[name]
        model = {"lead": "crm.lead", "partner": "res.partner"}[kind]
        return self.env[model]._fields[field].comodel_name

    def _prepare_condition_vals(self, value, labels):
        """Name and condition of the rule that one value would be."""
        kind, _colon, rest = value.attribute.partition(":")
        if kind in self._learned_fields():
            return self._prepare_field_vals(kind, value.value, labels)
        return getattr(self, f"_prepare_{kind}_vals")(rest, labels)

    def _prepare_field_vals(self, name, record_id, labels):
        source, field = self._learned_fields()[name]
        target = self.env[{"lead": "crm.lead", "partner": "res.partner"}[source]]
        label = target._fields[field].get_description(self.env, ["string"])["string"]
        what = labels.get((self._model_of_field(name), record_id), str(record_id))
        return {
            "name": self.env._("%(field)s is %(value)s", field=label, value=what),
            "source": source,
            "domain": repr([(field, "=", record_id)]),
        }

    def _prepare_tag_vals(self, tag_id, labels):
        name = labels.get(("crm.tag", int(tag_id)), tag_id)
        return {
            "name": self.env._("Tagged %s", name),
            "source": "lead",
            "domain": repr([("tag_ids", "in", [int(tag_id)])]),
        }

    def _prepare_word_vals(self, word, _labels):
        return {
            "name": self.env._("Job position has “%s”", word),
            "source": "lead",
            "domain": repr([("function", "ilike", word)]),
        }

    def _prepare_address_vals(self, _rest, _labels):
        return {
            "name": self.env._("E-mail address of a company"),
            "source": "lead",
            "domain": repr([("email_domain_criterion", "=like", "@%")]),
        }

    def _prepare_event_vals(self, kind, _labels):
        label = self.env["nurture.event"]._event_kinds().get(kind, kind)
        return {
            "name": self.env._("At least once: %s", label),
            "source": "event",
            "event_kind": kind,
            "count_by": "event",
            "min_count": 1,
        }

    def _prepare_days_vals(self, _rest, _labels):
        return {
            "name": self.env._("Came on two different days"),
            "source": "event",
            "event_kind": "visit",
            "count_by": "day",
            "min_count": 2,
        }

    # ------------------------------------------------------------
    # Accepting
    # ------------------------------------------------------------

    def action_make_draft(self):
        """A draft copy of the model with the ticked rules; the present rules are in it too,
        switched off, because the suggestions were tested without them."""
        self.ensure_one()
        taken = self.suggestion_ids.filtered("accepted")
        if not self.is_offered:
            raise UserError(self._sentence_of_learned((self.figures or {}).get("learned") or {}))
        if sum(suggestion.points for suggestion in taken if suggestion.points > 0) < 2:
            raise UserError(self.env._("Tick suggestions that give at least 2 points together."))
        self._check_leads_kept()
        draft = self._create_suggested_draft()
        draft.group_ids.rule_ids.active = False
        kinds = {"fit": taken.filtered(lambda s: s.source != "event")}
        kinds["engagement"] = taken - kinds["fit"]
        draft.write(
            {
                "total_cap": weights.TOP,
                **LOWEST,
                "group_ids": [
                    Command.create(self._prepare_group_vals(kind, suggestions))
                    for kind, suggestions in kinds.items()
                    if suggestions
                ],
            }
        )
        self.env.invalidate_all()  # the rules that are switched off are out of it
        draft.write(self._prepare_thresholds(draft))
        self.draft_model_id = draft
        return self.action_open_draft()

    def _prepare_thresholds(self, draft):
        """Hot and warm by the rules of `draft`, so that as many leads are hot and warm as by the
        tested model; the best tenth and the best third where its thresholds part nobody. Never
        above what the best lead has: somebody must be able to become hot."""
        rows = self.env.execute_query(self._query_sample(MOST_SAMPLED))
        old = [score for _person_id, _as_of, score in rows]
        scope = Scope.at_moments({person_id: as_of for person_id, as_of, _score in rows})
        sums = self.env["nurture.score.points"]._query_sums(draft, scope)
        new = [total for *_others, total in self.env.execute_query(sums)] or [0]
        model, limits = self.model_id, {}
        for field, fallback in (("hot_at", 0.1), ("warm_at", 0.33)):
            share = sum(score >= model[field] for score in old) / max(len(old), 1)
            share = share if 0.01 <= share <= 0.5 else fallback
            limits[field] = min(weights.threshold_of_share(new, share), max(new))
        hot = max(limits["hot_at"], LOWEST["hot_at"])
        warm = max(min(limits["warm_at"], hot - 1), LOWEST["warm_at"])
        room = min(warm, hot - warm)
        return {
            "hot_at": hot,
            "warm_at": warm,
            "hysteresis": max(min(model.hysteresis, room - 1), 0),
        }

    def _create_suggested_draft(self):
        """The draft of an active model; a model of its own when the tested one is no active one."""
        model = self.model_id
        if model.state != "active":
            return model.copy({"name": self.env._("%s (suggested)", model.display_name)})
        if model._find_draft():
            raise UserError(
                self.env._(
                    "“%s” has a draft already. Publish or discard it first.", model.display_name
                )
            )
        return model._create_draft(model)

    def _prepare_group_vals(self, kind, suggestions):
        return {
            "name": self.env._("Suggested"),
            "sequence": 1,
            "kind": kind,
            "rule_ids": [
                Command.create(suggestion._prepare_rule_vals())
                for suggestion in suggestions
                if suggestion.points
            ],
        }

    # ------------------------------------------------------------
    # Sentences
    # ------------------------------------------------------------

    def _sentence_of_learned(self, learned):
        refusal, _ = learned.get("refusal"), self.env._
        if refusal == "few":
            return _("Suggestions need %(all)s closed leads with %(each)s won and %(each)s lost. "
                     "Here are %(won)s won and %(lost)s lost.", all=weights.MIN_CLOSED,
                     each=weights.MIN_CLASS, won=learned["won"], lost=learned["lost"])  # fmt: skip
        if refusal == "few_new":
            return _("Suggestions are tested on the newest 30%% of the leads. Among these are "
                     "%(won)s won and %(lost)s lost; %(each)s of each are needed, so nothing is "
                     "offered yet.", won=learned["won"], lost=learned["lost"],
                     each=quality.MIN_CLASS)  # fmt: skip
        if refusal == "nothing":
            return _("Nothing that is known of the leads tells won from lost by itself.")
        if "difference" not in learned:
            return ""
        values = {
            "n": learned["n"],
            "new": f"{learned['new']['value']:.2f}",
            "old": f"{learned['old']['value']:.2f}",
            **{
                name: f"{value:+.2f}".replace("-", "−")
                for name, value in learned["difference"].items()
            },
        }
        text = _("On the newest %(n)s leads, which they have not seen, the suggested points reach "
                 "an AUC of %(new)s, the model %(old)s: %(value)s (95%%: %(low)s to "
                 "%(high)s).", **values)  # fmt: skip
        if refusal:
            return f"{text} {_('Not offered: that can be chance.')}"
        return text

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _query_sample(self, limit):
        """Rows (person_id, as_of, score): the newest scored leads, one of each person."""
        # index nurture_backtest_lead_score_idx
        return SQL(
            """SELECT person_id, as_of, score FROM nurture_backtest_lead
                WHERE backtest_id = %s AND round = 1 ORDER BY closed_at DESC, id DESC LIMIT %s""",
            self.id,
            limit,
        )

    def _query_traits(self, limit):
        """What was known of each scored lead: its fields of today, its events until the moment.
        The newest leads, oldest first."""
        kinds = [kind for kind in self.env["nurture.event"]._event_kinds()
                 if kind not in PASSIVE_KINDS]  # fmt: skip
        tables = {"lead": "l", "partner": "r"}
        columns = SQL(", ").join(
            SQL("%s AS %s", SQL.identifier(tables[source], field), SQL.identifier(name))
            for name, (source, field) in self._learned_fields().items()
        )
        # indexes nurture_backtest_lead_score_idx, nurture_event_person_idx
        return SQL(
            """SELECT b.won, b.score, %(columns)s, %(job)s AS job,
                      COALESCE(l.email_domain_criterion LIKE '@%%', FALSE) AS company_address,
                      (SELECT array_agg(t.tag_id ORDER BY t.tag_id) FROM crm_tag_rel t
                        WHERE t.lead_id = l.id) AS tags,
                      done.kinds, done.visit_days
                 FROM (SELECT * FROM nurture_backtest_lead WHERE backtest_id = %(test)s
                     ORDER BY closed_at DESC, id DESC LIMIT %(limit)s) b
                 JOIN crm_lead l ON l.id = b.lead_id
            LEFT JOIN nurture_person p ON p.id = b.person_id
            LEFT JOIN res_partner r ON r.id = p.partner_id
           CROSS JOIN LATERAL (
                      SELECT array_agg(DISTINCT e.kind) AS kinds,
                             COUNT(DISTINCT %(day)s)
                             FILTER (WHERE e.kind IN ('page_view', 'mail_click')) AS visit_days
                        FROM nurture_event e
                       WHERE e.person_id = b.person_id AND e.occurred_at <= b.as_of
                         AND e.actor = 'human' AND e.kind = ANY(%(kinds)s)) done
             ORDER BY b.closed_at, b.id""",
            columns=columns,
            job=self.env.registry.unaccent(SQL("LOWER(l.function)")),  # what ilike compares
            day=self.env["nurture.score.points"]._query_day(self.model_id.tz),
            test=self.id,
            limit=limit,
            kinds=kinds,
        )
