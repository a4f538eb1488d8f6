from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

SMALL = 2_000  # closed leads up to which a run is done at once
SCORING = 0.9  # of the bar; the rest is for the figures and the suggestions
WORKING = ("queued", "running", "learning")
RESULT = {"error": False, "figures": False, "lead_count": 0, "done_count": 0, "finished_at": False}


class NurtureBacktest(models.Model):
    """One row: one test of a score model against leads that are won or lost by now.

    Every lead is scored as of a moment before its outcome, by the statement that makes live scores.
    The run itself is in nurture_backtest_run.py, its figures in nurture_backtest_report.py, what
    history would suggest in nurture_backtest_learn.py. States are set by `_set_<state>` only.
    """

    _name = "nurture.backtest"
    _inherit = ["nurture.record.filter"]
    _description = "Backtest of a score model"
    _order = "id desc"
    _check_company_auto = True

    model_id = fields.Many2one(
        "nurture.score.model", "Score model", required=True, index=True, ondelete="cascade",
        help="The draft or active model that is tested.",
    )  # fmt: skip
    other_model_id = fields.Many2one(
        "nurture.score.model", "Compared with", ondelete="set null",
        compute="_compute_other_model_id", store=True, readonly=False, precompute=True,
        help="Usually the active model. Both judge the same leads as of the same moments.",
    )  # fmt: skip
    company_id = fields.Many2one(
        "res.company", "Company", required=True, index=True,
        default=lambda self: self.env.company,
        help="Leads of this company, and those that belong to no company.",
    )  # fmt: skip
    date_from = fields.Date(
        "Closed from", required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(years=1),
        help="First day, in the time zone of the company.",
    )  # fmt: skip
    date_to = fields.Date(
        "Closed until", required=True, default=fields.Date.context_today,
        help="Last day, in the time zone of the company.",
    )  # fmt: skip
    moment = fields.Selection(
        [("age", "Some days after creation"), ("hot", "When first seen hot")],
        "Scored as of",
        required=True,
        default="age",
        help="A lead that was closed before is scored as of one second before its outcome. "
        "“When first seen hot” needs frozen scores and leaves out leads that were never hot.",
    )
    days = fields.Integer(
        "Days after creation", required=True,
        default=lambda self: self.env["nurture.score.snapshot"]._snapshot_days(),
    )  # fmt: skip
    domain = fields.Char("Only leads", default="[]", help="Stored fields and fixed values.")
    lost_reason_ids = fields.Many2many(
        "crm.lost.reason", string="Leave out lost for",
        help="Derails that say nothing about the lead: duplicates, spam, given back too early.",
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users", "Run by", required=True, readonly=True, copy=False,
        default=lambda self: self.env.user,
    )  # fmt: skip
    state = fields.Selection(
        [("draft", "To run"), ("queued", "Waiting"), ("running", "Running"),
         ("learning", "Weighing"), ("done", "Done"), ("failed", "Failed")],
        required=True, readonly=True, default="draft", copy=False, index=True,
    )  # fmt: skip
    error = fields.Char("Failed because", readonly=True, copy=False)
    lead_count = fields.Integer("Closed leads", readonly=True, copy=False)
    done_count = fields.Integer(readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    finished_at = fields.Datetime("Run at", readonly=True, copy=False)
    figures = fields.Json(readonly=True, copy=False)
    auc = fields.Float("AUC", compute="_compute_auc", digits=(16, 2))
    suggestion_ids = fields.One2many(
        "nurture.backtest.suggestion", "backtest_id", "Suggestions", copy=False
    )
    is_offered = fields.Boolean(compute="_compute_is_offered")
    draft_model_id = fields.Many2one(
        "nurture.score.model", "Draft made of it", readonly=True, copy=False, ondelete="set null"
    )

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains("date_from", "date_to", "days")
    def _check_period(self):
        for test in self:
            if test.date_from > test.date_to:
                raise ValidationError(
                    self.env._("“Closed from” must not lie after “Closed until”.")
                )
            if not 0 <= test.days <= 365:
                raise ValidationError(
                    self.env._("“Days after creation” must be from 0 to 365.")
                )

    @api.constrains("model_id", "other_model_id", "company_id")
    def _check_models(self):
        for test in self:
            for model in test.model_id | test.other_model_id:
                if model.company_id and model.company_id != test.company_id:
                    raise ValidationError(
                        self.env._(
                            "“%(model)s” judges people of another company than %(company)s.",
                            model=model.display_name, company=test.company_id.name,
                        )
                    )  # fmt: skip
            if test.model_id == test.other_model_id:
                raise ValidationError(self.env._("Compare a model with another one."))

    @api.constrains("domain")
    def _check_domain(self):
        for test in self:
            if fault := test._fault_of_domain(self.env["crm.lead"], test.domain):
                raise ValidationError(
                    self.env._("“Only leads” cannot be used: %s", fault)
                )

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("model_id", "company_id")
    def _compute_other_model_id(self):
        mains = self.env["nurture.score.model"]._main_models()
        for test in self:
            main = self.env["nurture.score.model"].browse(mains.get(test.company_id.id))
            active = test.model_id.parent_id or main  # a draft against what it would replace
            useful = test.model_id and active != test.model_id
            test.other_model_id = active if useful else False

    @api.depends("model_id.display_name", "date_from", "date_to")
    def _compute_display_name(self):
        for test in self:
            if not test.model_id:
                test.display_name = self.env._("New backtest")
                continue
            test.display_name = self.env._(
                "%(model)s on leads closed %(start)s to %(end)s",
                model=test.model_id.display_name,
                start=test.date_from,
                end=test.date_to,
            )

    @api.depends("lead_count", "done_count", "state")
    def _compute_progress(self):
        for test in self:
            share = test.done_count / test.lead_count if test.lead_count else 0.0
            steps = {"done": 1.0, "learning": 0.95}
            test.progress = 100.0 * steps.get(test.state, SCORING * share)

    @api.depends("figures")
    def _compute_auc(self):
        for test in self:
            tested = ((test.figures or {}).get("models") or [{}])[0]
            test.auc = (tested.get("auc") or {}).get("value", 0.0)

    @api.depends("figures")
    def _compute_is_offered(self):
        for test in self:
            learned = (test.figures or {}).get("learned") or {}
            test.is_offered = bool(learned.get("offered"))

    # ------------------------------------------------------------
    # Actions and states
    # ------------------------------------------------------------

    def action_run(self):
        """Run at once when few leads are closed, else in the background."""
        for test in self:
            if test.state in WORKING:
                raise UserError(self.env._("This backtest is running already."))
            test._set_queued()
            test._try_advance()
            while test.state in WORKING and test.lead_count <= SMALL:
                test._try_advance()
        if any(test.state in WORKING for test in self):
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_backtest")

    def action_set_draft(self):
        """Stop, or forget the result, so that the question can be changed."""
        self._set_draft()

    def action_open_leads(self, outcome=None, low=None, high=None, judge="tested"):
        """The leads behind a figure: score from `low` up to below `high`, won or lost."""
        self.ensure_one()
        self._check_leads_kept()
        score = "other_score" if judge == "other" else "score"
        domain = Domain("backtest_id", "=", self.id)
        for operator, limit in ((">=", low), ("<", high)):
            if limit is not None:
                domain &= Domain(score, operator, int(limit))
        if outcome is not None:
            domain &= Domain("won", "=", bool(outcome))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_backtest_lead_action"
        )
        return {**action, "domain": list(domain)}

    def _check_leads_kept(self):
        """The figures of a run are kept longer than the leads behind them."""
        judged = (self.figures or {}).get("models") or [{}]
        rows = self.env["nurture.backtest.lead"].sudo()  # sudo: are there any, whoever asks
        if judged[0].get("n") and not rows.search_count([("backtest_id", "=", self.id)], limit=1):
            raise UserError(
                self.env._(
                    "The leads behind these figures are no longer kept, only the figures are. Run "
                    "the backtest again."
                )
            )

    def action_open_draft(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.score.model",
            "view_mode": "form",
            "res_id": self.draft_model_id.id,
        }

    def _set_draft(self):
        self._forget_rows()
        self.write({"state": "draft", **RESULT})

    def _set_queued(self):
        self._forget_rows()
        self.write({"state": "queued", **RESULT, "user_id": self.env.uid})

    def _set_running(self, lead_count):
        self.write({"state": "running", "lead_count": lead_count})

    def _set_learning(self, figures):
        self.write({"state": "learning", "figures": figures})

    def _set_done(self, figures):
        now = fields.Datetime.now()
        self.write({"state": "done", "figures": figures, "finished_at": now})

    def _set_failed(self, message):
        self._forget_rows()
        self.write({**RESULT, "state": "failed", "error": message[:500]})

    def _forget_rows(self):
        # sudo: rows of a run are written by the run only
        self.suggestion_ids.sudo().unlink()
        self.env.execute_query(self._query_forget())
        self.env["nurture.backtest.lead"].invalidate_model(flush=False)

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _period(self):
        """The days of closing as naive UTC moments [start, end)."""
        self.ensure_one()
        zone = pytz.timezone(self.company_id.partner_id.tz or "UTC")
        days = (self.date_from, self.date_to + timedelta(days=1))
        return [
            zone.localize(datetime.combine(day, time())).astimezone(pytz.UTC).replace(tzinfo=None)
            for day in days
        ]
