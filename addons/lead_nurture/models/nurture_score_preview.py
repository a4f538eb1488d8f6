import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine import preview as engine
from odoo.addons.lead_nurture.engine import quality
from odoo.addons.lead_nurture.engine.score import BANDS
from odoo.addons.lead_nurture.scope import Scope
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

AT_ONCE = 20_000  # people that are counted while the user waits
SAMPLE = 200_000  # above this, every k-th person stands for the others
CHUNK = 50_000  # people of one step of the job
GRADES = ("D", "C", "B", "A")
KEPT_DAYS = 30


class NurtureScorePreview(models.Model):
    """One row: what publishing a draft would change, counted at one moment.

    Made by the statement that makes scores, but nothing of it is written to them: nobody is
    alarmed. Above a size every k-th person is looked at; the board then says so.
    """

    _name = "nurture.score.preview"
    _description = "Preview of a score model"
    _order = "id desc"
    _rec_name = "model_id"

    model_id = fields.Many2one(
        "nurture.score.model", "Draft", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True)
    state = fields.Selection(
        [("running", "Being counted"), ("done", "Counted"), ("failed", "Failed")],
        default="running", required=True, readonly=True,
    )  # fmt: skip
    started_at = fields.Datetime("As of", required=True, readonly=True)
    outdated = fields.Boolean("Rules changed since", readonly=True)
    error = fields.Char("Cannot be counted because", readonly=True)
    cursor = fields.Integer("Counted up to", readonly=True)
    last_person = fields.Integer("To be counted up to", readonly=True)
    every = fields.Integer("Every k-th person", default=1, required=True, readonly=True)
    # rows by company, so that each reader gets the sums of the companies that he works in
    cells = fields.Json(groups=fields.NO_ACCESS)
    rule_points = fields.Json(groups=fields.NO_ACCESS)

    _model_uniq = models.UniqueIndex("(model_id)", "This draft is being counted already.")

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_preview(self):
        cron = self.env["ir.cron"]
        while preview := self.search([("state", "=", "running")], limit=1):
            preview._try_count_chunk(CHUNK)
            remaining = self.search_count([("state", "=", "running")], limit=1)
            if not cron._commit_progress(1, remaining=remaining):
                return

    @api.autovacuum
    def _gc_previews(self):
        old = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("started_at", "<", old)]).unlink()

    # ------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------

    @api.model
    def _start(self, model):
        """Count what `model` would change: at once where people are few, else by the job."""
        self._forget(model)
        number, last = self.env.execute_query(self._query_size(model))[0]
        preview = self.create(
            {
                "model_id": model.id,
                "started_at": fields.Datetime.now(),
                "last_person": last,
                "every": max(-(-number // SAMPLE), 1),
            }
        )
        if number > AT_ONCE:
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_score_preview")
            return preview
        while preview.state == "running":
            preview._try_count_chunk(last or 1)
        return preview

    def _try_count_chunk(self, size):
        """Count the next people, or say why it cannot be done."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._count_chunk(size)
        except CONFLICTS:
            raise  # not the fault of the draft: the run is repeated
        except Exception as error:  # a rule that cannot be run must not stop other previews
            _logger.warning("score model %s cannot be previewed: %s", self.model_id.id, error)
            self.write({"state": "failed", "error": str(error)[:500]})

    def _count_chunk(self, size):
        self.env.flush_all()
        high = min(self.cursor + size * self.every, self.last_person)
        scope = Scope.of_sample(self.cursor, high, self.every, self.started_at)
        cells, rules = self.env.execute_query(self._query_count(scope))[0]
        rows = [
            [company, rule_id, *numbers]
            for company, sums in rules or ()
            for rule_id, numbers in zip(self.model_id.group_ids.rule_ids.ids, sums, strict=True)
        ]
        self.write(
            {
                "cursor": high,
                "state": "done" if high >= self.last_person else "running",
                "cells": engine.add_counts(self.cells or (), cells or (), keys=5),
                "rule_points": engine.add_counts(self.rule_points or (), rows, keys=2),
            }
        )
        self.env["nurture.score.preview.person"].invalidate_model()

    @api.model
    def _set_outdated(self, scoring_models):
        """Their rules changed: what was counted is no longer what they say."""
        previews = self.sudo().search(  # sudo: whoever changes rules tells it to their preview
            [("model_id", "in", scoring_models.ids), ("outdated", "=", False)]
        )
        if previews:
            previews.write({"outdated": True})

    @api.model
    def _forget(self, scoring_models):
        """What was counted for drafts that are published, or counted again."""
        # sudo: whoever changes rules tells it to their preview
        self.sudo().search([("model_id", "in", scoring_models.ids)]).unlink()

    # ------------------------------------------------------------
    # For the reader
    # ------------------------------------------------------------

    def _prepare_board(self):
        """What the form shows; sums of the companies in which the reader works."""
        self.ensure_one()
        cells = self._seen(self.cells)
        bands = [(before, after, n) for _c, before, after, _gb, _g, n in cells]
        grades = [(before, after, n) for _c, _b, _a, before, after, n in cells]
        people = sum(n for _before, _after, n in bands)
        up, down = engine.moves(bands, BANDS)
        share = quality.wilson(up + down, people) if self.every > 1 and people else None
        return {
            "state": self.state,
            "progress": round(100 * self.cursor / (self.last_person or 1)),
            "at": fields.Datetime.to_string(self.started_at),
            "outdated": self.outdated,
            "error": self.error,
            "people": people,
            "every": self.every,
            "up": up,
            "down": down,
            "share": share and [round(100 * share.low, 1), round(100 * share.high, 1)],
            "bands": engine.matrix(bands),
            "grades": engine.matrix(grades),
        }

    def _points_by_rule(self):
        """{rule id: (people, average points)} of the companies in which the reader works."""
        sums = {}
        for _company, rule_id, people, points in self._seen(self.rule_points):
            known = sums.get(rule_id, (0, 0))
            sums[rule_id] = (known[0] + people, known[1] + points)
        return {
            rule_id: (people * self.every, round(points / people, 1) if people else 0)
            for rule_id, (people, points) in sums.items()
        }

    def _seen(self, rows):
        # counted with all rights, which also trust any list of companies: hence both
        companies = (self.env.companies & self.env.user.company_ids).ids
        return [row for row in rows or () if row[0] is None or row[0] in companies]

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _query_size(self, model):
        """(how many people the model judges, highest id among them)"""
        return SQL(
            "SELECT COUNT(*), COALESCE(MAX(p.id), 0) FROM nurture_person p WHERE %s",
            self.env["nurture.score.points"]._query_judged(model),
        )

    def _query_count(self, scope):
        """One row (cells, points of rules) of the people in `scope`; who moves is kept."""
        model, points = self.model_id, self.env["nurture.score.points"]
        shown = model._compared_with()
        return SQL(
            """WITH points AS MATERIALIZED (%(points)s),
                    judged AS MATERIALIZED (
                        SELECT v.*, COALESCE(v.grade_before, 'D') AS grade_then
                          FROM (%(verdicts)s) v),
                    kept AS (
                        INSERT INTO nurture_score_preview_person
                               (preview_id, person_id, company_id, band_before, band, grade_before,
                                grade, total_before, total)
                        SELECT %(preview)s, person_id, company_id, before, band, grade_then, grade,
                               COALESCE(total_before, 0), total
                          FROM judged WHERE band <> before OR grade <> grade_then)
               SELECT (SELECT json_agg(json_build_array(company_id, before, band, grade_then, grade,
                                                        number))
                         FROM (SELECT company_id, before, band, grade_then, grade,
                                      COUNT(*) AS number
                                 FROM judged GROUP BY 1, 2, 3, 4, 5) cells),
                      (SELECT json_agg(json_build_array(company_id, sums))
                         FROM (SELECT company_id, ARRAY[%(sums)s]::bigint[] AS sums
                                 FROM points GROUP BY company_id) rules)""",
            points=points._query_points(model, scope),
            verdicts=self.env["nurture.score"]._query_verdicts(
                model, points._query_totals(model, SQL("points")), shown
            ),
            preview=self.id,
            sums=SQL(", ").join(
                SQL(
                    "ARRAY[COUNT(*) FILTER (WHERE %(points)s <> 0), SUM(%(points)s)]",
                    points=SQL.identifier(f"r{rule.id}"),
                )
                for rule in model.group_ids.rule_ids
            ),
        )
