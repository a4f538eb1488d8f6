from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL

from .moments import tell_day
from .poison import work_through

BATCH = 50
# Up to so many objects are moved while the person waits; more go to the job.
INLINE_LIMIT = 100
NAMED_DEALS = 10


class SalesHandover(models.Model):
    """Moving and taking back in batches that survive any interruption."""

    _inherit = "sales.handover"

    failure = fields.Text(
        "Held Up By", readonly=True, copy=False,
        help="Why this could not begin or end when it was due. It is tried again every hour.")

    def _work_now(self, urgent_kinds=()):
        """Work at once if it is little; else do what cannot wait and leave the rest to the job."""
        self.flush_model()
        if self.line_count > INLINE_LIMIT:
            while urgent_kinds and self._work_batch(urgent_kinds):
                continue
            self.env.ref("sales_automation.ir_cron_work_handovers")._trigger()
            return
        if not self._work_to_the_end():
            self.env.ref("sales_automation.ir_cron_work_handovers")._trigger()

    def _work_to_the_end(self):
        """Work on all lines; return whether none had to be left to another time."""
        while self._work_batch():
            continue
        return self._finish()

    def _work_batch(self, kinds=()):
        """Claim some lines and work on them; return how many are dealt with."""
        back = self.state == "returning"
        rows = self.env.execute_query(
            self._query_claim(self.id, "moved" if back else "planned", list(kinds), back))
        lines = self.env["sales.handover.line"].browse([line_id for (line_id,) in rows])
        lines.invalidate_recordset()
        if not lines:
            return 0
        now = fields.Datetime.now()
        work_through(
            lines,
            lambda part: part._take_back(now) if back else part._move(now),
            lambda line, error: line._set_failed(error))
        lines.flush_recordset()
        return len(lines.filtered(lambda line: line.state != ("moved" if back else "planned")))

    def _finish(self):
        """End the phase when no line waits any more."""
        waiting = "moved" if self.state == "returning" else "planned"
        if self.env["sales.handover.line"].search_count(
                [("handover_id", "=", self.id), ("state", "=", waiting)], limit=1):
            return False
        if self.state == "returning":
            self._set_undone()
        else:
            self._set_done()
        return True

    def _retry(self):
        """Failed lines wait again for what they failed at."""
        failed = self.line_ids.filtered(lambda line: line.state == "failed")
        back = failed.filtered("moved_at")
        back.write({"state": "moved"})
        (failed - back).write({"state": "planned"})
        if back and self.state == "undone":
            self.state = "returning"
        elif failed - back and self.state == "done":
            self.state = "running"
        self._work_now()

    # ---- jobs ---------------------------------------------------------------------------------

    @api.model
    def _cron_work_handovers(self):
        """Begin and end the covers whose day has come, give on what came late, and go on with
        what is under way."""
        self._turn_covers()
        self._hand_over_late()
        cron = self.env["ir.cron"]
        handovers = self.search([("state", "in", ("running", "returning"))], order="id")
        time_left = cron._commit_progress(remaining=len(handovers))
        for handover in handovers:
            while time_left and handover._work_batch():
                time_left = cron._commit_progress(0, remaining=1)
            if not time_left:
                return
            handover._attempt(lambda one: one._finish())
            time_left = cron._commit_progress(1)

    @api.model
    def _turn_covers(self):
        """A cover begins and ends at midnight of the person who is away."""
        horizon = fields.Date.today() + timedelta(days=1)
        due = self.search([
            ("kind", "=", "cover"), ("state", "=", "scheduled"), ("date_from", "<=", horizon)])
        for cover in due:
            if cover.date_from <= cover._today():
                cover._attempt(lambda one: one._begin())
        over = self.search([
            ("kind", "=", "cover"), ("state", "=", "done"), ("date_to", "<", horizon)])
        for cover in over:
            if cover.date_to < cover._today() and cover.from_user_id.active:
                cover._set_returning(cover.started_by_id)

    def _attempt(self, step):
        """Begin or end one handover; what holds it up stays on the row until it works."""
        def work(one):
            step(one)
            if one.failure:
                one.failure = False
        work_through(self, work, lambda one, error: one._note_failure(error))

    def _note_failure(self, error):
        """Told once in the chatter, however often the job tries."""
        if self.failure != str(error):
            self.failure = str(error)
            self.message_post(body=self.env._(
                "Held up: %s\nIt is tried again every hour.", error))

    def _begin(self):
        """What the person holds on the first day is covered, not what he held when planning."""
        self._look_again()
        for line in self._get_receiving_lines():
            if problem := line._get_problem(line.to_user_id):
                line._set_skipped(problem)
        self._set_running(self.started_by_id)

    # ---- telling ------------------------------------------------------------------------------

    def _tell_receivers(self):
        """One message per receiver for all that he got."""
        moved = self.line_ids.filtered(lambda line: line.state == "moved" and line.to_user_id)
        intro = (
            self.env._("%s leaves. This is yours now:", self.from_user_id.name)
            if self.kind == "leave" else
            self.env._("%(name)s is away until %(day)s. Until then you look after:",
                       name=self.from_user_id.name,
                       day=tell_day(self.env, self.date_to, year=True)))
        for user, lines in moved.grouped("to_user_id").items():
            self._tell(user, intro, lines)

    def _tell_back(self):
        """Who gave back is told once, and so is the person who has it again."""
        back = self.line_ids.filtered(lambda line: line.state == "undone")
        for user, lines in back.filtered("to_user_id").grouped("to_user_id").items():
            self._tell(user, self.env._("Back with %s:", self.from_user_id.name), lines)
        if back:
            self._tell(self.from_user_id, self.env._("This is yours again:"), back)

    def _tell(self, user, intro, lines):
        named = lines.filtered(lambda line: line.kind == "deal")[:NAMED_DEALS]
        body = Markup("<p>%s %s.</p>") % (intro, self._count_by_kind(lines))
        if named:
            body += Markup("<ul>%s</ul>") % Markup().join(
                Markup("<li>%s</li>") % line.name for line in named)
        self.message_notify(
            partner_ids=user.partner_id.ids, body=body, subject=self.display_name,
            email_layout_xmlid="mail.mail_notification_layout")

    @api.model
    def _count_by_kind(self, lines):
        return self._tell_counts(
            {kind: len(group) for kind, group in lines.grouped("kind").items()})

    def _tell_result(self):
        """The chatter's account of what became of the lines."""
        labels = dict(self.line_ids._fields["state"]._description_selection(self.env))
        return Markup("<ul>%s</ul>") % Markup().join(
            Markup("<li>%s: %s</li>") % (labels[state], self._count_by_kind(lines))
            for state, lines in self.line_ids.grouped("state").items())

    def _tell_log(self, body):
        """Signed by whoever ran it, also where the job does the work."""
        self.message_post(body=body, author_id=self.started_by_id.partner_id.id or None)

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_claim(self, handover_id, state, kinds, back):
        """Lines that wait, in the order of their kinds; taken back in the opposite order.

        Found by sales_handover_line_planned_idx, or by the index on the handover.
        """
        order = SQL("sequence DESC, id DESC") if back else SQL("sequence, id")
        only = SQL("AND kind = ANY(%s)", kinds) if kinds else SQL()
        return SQL(
            """
            SELECT id FROM sales_handover_line
             WHERE handover_id = %(handover)s AND state = %(state)s %(only)s
             ORDER BY %(order)s LIMIT %(limit)s
               FOR UPDATE SKIP LOCKED
            """,
            handover=handover_id, state=state, only=only, order=order, limit=BATCH)
