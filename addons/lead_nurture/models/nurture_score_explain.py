from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import score as engine
from odoo.addons.lead_nurture.scope import Scope


class NurtureScore(models.Model):
    """The explanation that adds up: same statement as the score, put into rows for a reader."""

    _inherit = "nurture.score"

    explanation = fields.Json(compute="_compute_explanation", compute_sudo=True)

    @api.depends("computed_at", "total")
    def _compute_explanation(self):
        for score in self:
            score.explanation = score._explain_fully()

    def _explain_fully(self):
        """The explanation with how the score came about, and what the other active models say."""
        self.ensure_one()
        history = self.env["nurture.score.history"]
        others = self.search(
            [("person_id", "=", self.person_id.id), ("model_id.state", "=", "active"),
             ("id", "!=", self.id)],
        ).sorted(lambda score: (score.model_id.sequence, score.model_id.id))  # fmt: skip
        return {
            **self._explain(),
            "history": history._rows_of(self),
            "others": [
                {**score._explain(), "history": history._rows_of(score)} for score in others
            ],
        }

    def _explain(self):
        """Rows rule → points whose sum is the score.

        As of the moment of the row; only when rules or records changed since and nobody has
        calculated yet, as of now, and then it says so.
        """
        self.ensure_one()
        if self.model_id.error:
            result = self._prepare_unexplained()
        else:
            result = self._explain_at(self.computed_at)
        if result["total"] != self.total:
            result = self._explain_at(fields.Datetime.now())
            result["outdated"] = self.total
        return self._prepare_explanation(result, self.band, self.grade, self.computed_at)

    def _explain_now(self, now, limits=None):
        """The same as of `now`, for who decides before the next calculation: a step that follows
        right upon a click must count the click. Reads only; the row is left to the score job.

        `limits` may stand for those of the model: somebody is just typing them.
        """
        self.ensure_one()
        if self.model_id.error:
            return self._explain()
        limits = {**self.model_id._prepare_content(), **(limits or {})}
        result = self._explain_at(now, limits["total_cap"])
        band = engine.band(
            result["total"], limits["warm_at"], limits["hot_at"], limits["hysteresis"], self.band
        )
        grade = engine.grade(
            result["fit"], limits["grade_a_at"], limits["grade_b_at"], limits["grade_c_at"]
        )
        return self._prepare_explanation(result, band, grade, now, limits)

    def _prepare_explanation(self, result, band, grade, moment, limits=None):
        model = self.model_id
        limits = limits or model._prepare_content()
        bands = dict(self._selection_bands())
        return {
            **result,
            "model": model.display_name,
            "error": model.error,
            "band": band,
            "band_label": bands[band],
            "grade": grade,
            "warm_at": limits["warm_at"],
            "hot_at": limits["hot_at"],
            "marks": [
                {"label": bands[name], "at": limits[f"{name}_at"]}
                for name in (engine.WARM, engine.HOT)
            ],
            "top": max(limits["total_cap"] or 0, limits["hot_at"], result["total"]),
            "computed_at": fields.Datetime.to_string(moment),
        }

    def _prepare_unexplained(self):
        """What can be said while the model cannot be calculated."""
        return {
            "total": self.total,
            "fit": self.fit,
            "engagement": self.engagement,
            "groups": [],
            "corrections": [],
            "outdated": False,
        }

    def _explain_at(self, moment, total_cap=None):
        model = self.model_id
        total_cap = model.total_cap if total_cap is None else total_cap
        rows = self.env.execute_query_dict(
            self.env["nurture.score.points"]._query_points(
                model, Scope.of_ids(self.person_id.ids, moment), detail=True
            )
        )
        points = rows[0] if rows else {}
        groups = [
            engine.Group(
                group.id, group.kind, group.cap,
                tuple(points.get(f"r{rule.id}", 0) for rule in group.rule_ids),
            )
            for group in model.group_ids
        ]  # fmt: skip
        result = engine.add_up(groups, total_cap)
        return {
            "total": result.total,
            "fit": result.fit,
            "engagement": result.engagement,
            "groups": [
                self._prepare_explained_group(group, points, result.group_cut.get(group.id, 0))
                for group in model.group_ids
            ],
            "corrections": self._prepare_corrections(result),
            "outdated": False,
        }

    def _prepare_explained_group(self, group, points, cut):
        rows = [
            {
                "id": rule.id,
                "name": rule.name,
                "points": points.get(f"r{rule.id}", 0),
                "why": self._explain_why(rule, points),
                "last": fields.Datetime.to_string(points.get(f"t{rule.id}")) or False,
            }
            for rule in group.rule_ids
            if points.get(f"r{rule.id}") or points.get(f"n{rule.id}")
        ]
        if cut:
            rows.append(
                {
                    "id": f"cut{group.id}",
                    "name": self.env._("No more than %s points in this group", group.cap),
                    "points": cut,
                    "why": "",
                    "last": False,
                }
            )
        return {
            "id": group.id,
            "name": group.name,
            "kind": group.kind,
            "points": sum(row["points"] for row in rows),
            "rows": rows,
        }

    def _prepare_corrections(self, result):
        _ = self.env._
        corrections = [
            (_("A score is never below 0"), result.floor_raise),
            (_("Highest score of this model"), result.total_cut),
        ]
        return [{"name": name, "points": points} for name, points in corrections if points]

    def _explain_why(self, rule, points):
        _ = self.env._
        if rule.source != "event":
            return rule.summary
        count = int(points.get(f"n{rule.id}") or 0)
        if rule.count_by == "day":
            text = _("1 day") if count == 1 else _("%s days", count)
        else:
            text = _("once") if count == 1 else _("%s times", count)
        if count < rule.min_count:
            return _("%(count)s, %(needed)s needed", count=text, needed=rule.min_count)
        return text
