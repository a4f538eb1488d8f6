from dataclasses import asdict

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import quality


class NurtureBacktest(models.Model):
    """The figures of a run, and what is said about them.

    `figures` holds numbers only and is kept; sentences are made when they are read, in the
    reader's language.
    """

    _inherit = "nurture.backtest"

    report = fields.Json(compute="_compute_report")
    learned_text = fields.Text(compute="_compute_report")

    # ------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------

    def _prepare_figures(self):
        """Everything that is shown, as numbers. Leads come counted by score, never one by one."""
        pairs = {
            judge: self.env.execute_query(self._query_pairs(judge))
            for judge in ("other_score", "core_probability")
        }
        tested = [(score, won, lost) for score, _said, won, lost in pairs["other_score"]]
        both = {
            judge: [pair for pair in found if pair[1] is not None]
            for judge, found in pairs.items()
        }
        other, core = (
            [(said, won, lost) for _score, said, won, lost in found] for found in both.values()
        )
        return {
            "models": [
                self._prepare_model_figures("tested", tested, self.model_id),
                self._prepare_model_figures("other", other, self.other_model_id),
                self._prepare_model_figures("core", core),
            ],
            "differences": [
                self._prepare_difference("other", both["other_score"]),
                self._prepare_difference("core", both["core_probability"]),
            ],
        }

    @api.model
    def _prepare_model_figures(self, key, cells, model=None):
        won, lost = quality.count(cells)
        figures = {
            "key": key,
            "name": model.display_name if model else "",
            "n": won + lost,
            "won": won,
            "lost": lost,
            "few": bool(quality.too_few(cells)),
        }
        if figures["few"]:
            return figures
        parts = quality.deciles(cells)
        figures["auc"] = asdict(quality.auc(cells))
        figures["deciles"] = [
            {**self._prepare_slice(part), "lift": lift}
            for part, lift in zip(parts, quality.lifts(parts), strict=True)
        ]
        if model:
            return {**figures, **self._prepare_threshold_figures(cells, model)}
        # the only score that is a percentage, so the only one that can be right or wrong by itself
        said = quality.calibration(cells)
        figures["calibration"] = [
            {**self._prepare_slice(part), "said": mean / 100} for part, mean in said
        ]
        return figures

    @api.model
    def _prepare_threshold_figures(self, cells, model):
        parts = quality.between(cells, [0, model.warm_at, model.hot_at])
        at = quality.confusion(cells, model.hot_at)
        return {
            "bands": [
                {
                    **self._prepare_slice(part),
                    "band": band,
                    "high": None if band == "hot" else part.high,
                    "interval": asdict(quality.wilson(part.won, part.n)) if part.n else None,
                }
                for band, part in zip(("cold", "warm", "hot"), parts, strict=True)
            ][::-1],
            "confusion": {**asdict(at), "precision": at.precision, "recall": at.recall},
            "curve": quality.curve(cells),
        }

    @api.model
    def _prepare_slice(self, part):
        return {**asdict(part), "rate": part.rate}

    @api.model
    def _prepare_difference(self, key, pairs):
        """AUC of the tested model less that of another judge, on the leads that both judged."""
        few = quality.too_few([(new, won, lost) for new, _old, won, lost in pairs])
        return {
            "key": key,
            "n": sum(won + lost for _new, _old, won, lost in pairs),
            "auc": None if few else asdict(quality.auc_difference(pairs)),
        }

    # ------------------------------------------------------------
    # Sentences
    # ------------------------------------------------------------

    @api.depends("figures", "state")
    @api.depends_context("lang")
    def _compute_report(self):
        for test in self:
            if test.state != "done" or not test.figures:
                test.report = test.learned_text = False
                continue
            figures = test.figures
            test.learned_text = test._sentence_of_learned(figures["learned"])
            test.report = {
                **figures,
                "models": [
                    {**model, "label": test._label_of(model), "refusal": test._refusal_of(model)}
                    for model in figures["models"]
                    if model["key"] != "other" or model["name"]
                ],
                "differences": [
                    {**difference, "text": text}
                    for difference in figures["differences"]
                    if (text := test._sentence_of_difference(difference))
                ],
                "left_out": test._sentences_of_counts(figures["counts"]),
                "cautions": test._cautions(figures),
            }

    def _label_of(self, model):
        if model["key"] == "core":
            return self.env._("CRM's own prediction")
        return model["name"]

    def _refusal_of(self, model):
        if not model["few"]:
            return False
        if model["key"] == "core" and not model["n"]:
            return self.env._(
                "No lead of this test has a frozen prediction. CRM overwrites its probability "
                "with 0 or 100 when a lead is closed, so it is frozen beside the score from now on."
            )
        return self.env._(
            "Too few closed leads to judge by: %(won)s won and %(lost)s lost, %(needed)s of each "
            "are needed.",
            won=model["won"], lost=model["lost"], needed=quality.MIN_CLASS,
        )  # fmt: skip

    def _sentence_of_difference(self, difference):
        auc, _ = difference["auc"], self.env._
        judges = {model["key"]: model for model in self.figures["models"]}
        if not auc:
            return False
        values = {
            "other": self._label_of(judges[difference["key"]]),
            **{name: f"{value:+.2f}".replace("-", "−") for name, value in auc.items()},
            "n": difference["n"],
        }
        if auc["low"] > 0:
            return _("Better than %(other)s: %(value)s AUC (95%%: %(low)s to %(high)s) on the "
                     "%(n)s leads that both judged.", **values)  # fmt: skip
        if auc["high"] < 0:
            return _("Worse than %(other)s: %(value)s AUC (95%%: %(low)s to %(high)s) on the "
                     "%(n)s leads that both judged.", **values)  # fmt: skip
        return _("No proven difference to %(other)s: %(value)s AUC (95%%: %(low)s to %(high)s) on "
                 "the %(n)s leads that both judged.", **values)  # fmt: skip

    def _sentences_of_counts(self, counts):
        _ = self.env._
        texts = {
            "open": _("%s open leads are left out: nobody knows yet how they end."),
            "derailed": _("%s lost leads are left out for their lost reason."),
            "undated": _("%s lost leads are left out: they have no closing date."),
            "unknown": _("%s closed leads are left out: without e-mail and phone they have no "
                         "score."),
            "never": _("%s closed leads are left out: they were never seen hot while open."),
            "unjudged": _("%s closed leads are left out: the model does not judge their people."),
            "early": _("%s leads were closed before their moment and are scored as of one second "
                       "before the outcome."),
            "faded": _("%s leads are older than events are kept: what they did is partly "
                       "forgotten, so their scores are too low."),
        }  # fmt: skip
        return [text % counts[key] for key, text in texts.items() if counts.get(key)]

    def _cautions(self, figures):
        _ = self.env._
        cautions = [
            _("Events count only when they happened before the moment. Filters on leads and "
              "contacts look at the record as it is today: a field that is filled in after the "
              "outcome makes a model look better than it is."),
        ]  # fmt: skip
        tested = figures["models"][0]
        if (tested.get("auc") or {}).get("value", 0) >= 0.95:
            cautions.append(
                _("An AUC this high is rarely true. Look for a rule on a field that sales fills in "
                  "when a lead is won or lost.")
            )  # fmt: skip
        return cautions
