from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import revision


class NurtureVersionPlan(models.Model):
    """One decision of what becomes of the people who travel an older version, made when a version
    is published, or later. Its rows say it step by step; it is done when everybody who stood there
    has been dealt with, once each."""

    _name = "nurture.version.plan"
    _description = "Change of version for people under way"
    _order = "id desc"

    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scenario_id.company_id", store=True)
    from_id = fields.Many2one(
        "nurture.scenario.version", "From", required=True, readonly=True, ondelete="cascade"
    )
    to_id = fields.Many2one(
        "nurture.scenario.version", "To", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(
        [("running", "Under way"), ("done", "Done")], "Status", default="running", readonly=True
    )
    move_ids = fields.One2many("nurture.version.move", "plan_id", "Step by step", readonly=True)
    total = fields.Integer("People", readonly=True, help="People on the older version back then.")
    left_count = fields.Integer("Still to do", compute="_compute_progress")
    failed_count = fields.Integer("Failed", compute="_compute_progress")
    progress = fields.Float("Progress (%)", compute="_compute_progress")

    # the lanes ask for running plans with every batch
    _running_idx = models.Index("(scenario_id) WHERE state = 'running'")

    @api.depends("from_id.number", "to_id.number")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "From version %(old)s to %(new)s", old=plan.from_id.number, new=plan.to_id.number
            )

    @api.depends("move_ids.state")
    def _compute_progress(self):
        left = self.move_ids._count_left()
        failed = self.move_ids._count_failed()
        for plan in self:
            plan.left_count = sum(left.get(move.id, 0) for move in plan.move_ids)
            plan.failed_count = sum(failed.get(move.id, 0) for move in plan.move_ids)
            total = max(plan.total, plan.left_count)
            plan.progress = 100.0 * (total - plan.left_count) / total if total else 100.0

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry(self):
        """Try those again who could not be moved."""
        for plan in self:
            plan.scenario_id.check_access("write")
            engine = plan.sudo()  # sudo: rows of the engine; rights were checked above
            engine.move_ids._forget_failures()
            engine._set_running()

    def action_view_failed(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_enrolment_action"
        )
        going = self.move_ids.filtered(lambda move: move.action == "go")
        return {
            **action,
            "domain": [
                ("plan_id", "=", self.id),
                ("node_id", "in", going.node_id.ids),
                ("is_open", "=", True),
            ],
        }

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_running(self):
        self.write({"state": "running"})
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_move_people")

    def _set_done(self):
        self.write({"state": "done"})

    # ------------------------------------------------------------
    # MAKING A PLAN
    # ------------------------------------------------------------

    @api.model
    def _decide(self, old, new, choices):
        """A plan for who travels `old`. `choices` is {uid: (action, target uid, timing)}; steps
        that are not named go on in `new`. → the plan; none when everybody stays."""
        if choices and all(action == "stay" for action, *_rest in choices.values()):
            return self.browse()
        journeys = old._journey(), new._journey()
        standing = old._count_standing()
        plan = self.create(
            {
                "scenario_id": new.scenario_id.id,
                "from_id": old.id,
                "to_id": new.id,
                "total": sum(standing.values()),
            }
        )
        vals_list = []
        for node in old.node_ids:
            choice = choices.get(node.uid) or ("go", new._landing(node, journeys), "ahead")
            vals = plan._prepare_move_vals(node, journeys, *choice)
            vals_list.append({**vals, "total": standing.get(node.id, 0)})
        self.env["nurture.version.move"].create(vals_list)
        plan._set_running()
        return plan

    def _prepare_move_vals(self, node, journeys, action, target, timing):
        twin = self.to_id.node_ids.filtered(lambda n: n.uid == target)
        if action == "go" and not twin:
            action = "leave"
        again = revision.not_again(*journeys, node.uid, target) if action == "go" else ()
        return {
            "plan_id": self.id,
            "node_id": node.id,
            "action": action,
            "target_id": twin.id if action == "go" else False,
            "timing": timing or "ahead",
            "not_again": sorted(again),
        }

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    @api.model
    def _cron_move_people(self):
        cron = self.env["ir.cron"]
        left = cron._commit_progress()
        for plan in self.search([("state", "=", "running")], order="id"):
            for move in plan.move_ids:
                while left and (done := move._move_batch_safely()):
                    left = cron._commit_progress(done, remaining=1)
            plan._close_if_done()
            left = cron._commit_progress(0, remaining=int(plan.state == "running"))

    def _close_if_done(self):
        """Done when nobody is left, and nobody can come any more from a plan before."""
        self.ensure_one()
        before = self.search_count(
            [("state", "=", "running"), ("to_id", "=", self.from_id.id), ("id", "<", self.id)],
            limit=1,
        )
        if not before and not any(self.move_ids._count_left().values()):
            self.move_ids._set_done()
            self._set_done()
        elif not before:
            self.move_ids._begin_again()
