from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import split as engine
from odoo.tools import SQL

from .moments import tell_day

MOST_PATHS = 5


class NurtureNode(models.Model):
    """The step that sends people several ways by percentage, and all of them the better way as
    soon as it is known. What counts as success is an entry of `_split_measures` and a condition
    `_query_split_win_<measure>(until)` on the passage `l`."""

    _inherit = "nurture.node"

    split_measure = fields.Selection(
        selection="_selection_split_measure",
        string="Find the better path by",
        help="Empty: people are shared out by percentage for ever. Only what humans did counts.",
    )
    split_observe_days = fields.Integer(
        "Time to answer", default=3,
        help="Days. A person counts when so many days have passed since this step; what happens "
        "later does not count, on any path.",
    )  # fmt: skip
    split_people = fields.Integer(
        "First look at", default=200,
        help="People on each path who had their time to answer. If nothing can be told then, the "
        "next look is at twice as many. 0: only by days.",
    )  # fmt: skip
    split_days = fields.Integer(
        "Or after", default=0,
        help="Days of measuring after which the first look is made even with fewer people, but "
        "never with fewer than 30 on a path. 0: only by people.",
    )  # fmt: skip
    split_confidence = fields.Float(
        "Confidence (%)", default=95.0, digits=(5, 2),
        help="How seldom a path may be called better that is not: 95 means at most 5 times in 100, "
        "over all looks and paths together.",
    )  # fmt: skip
    split_text = fields.Char("Result", compute="_compute_split_text")
    split_state = fields.Char(compute="_compute_split_text")

    _split_sane = models.Constraint(
        "CHECK(split_observe_days BETWEEN 0 AND 365 AND split_people >= 0 AND split_days >= 0"
        " AND split_confidence BETWEEN 50 AND 99.99)",
        "Time to answer is between 0 and 365 days, the confidence between 50 and 99.99 %.",
    )

    @api.model
    def _split_measures(self):
        """{key: what the marketer reads}"""
        _ = self.env._
        return {
            "click": _("Clicks in mails of this scenario"),
            "reply": _("Replies to mails of this scenario"),
            "goal": _("The goal of the scenario"),
        }

    @api.model
    def _selection_split_measure(self):
        return list(self._split_measures().items())

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "split": {
                "label": self.env._("Split by percentage"),
                "help": self.env._(
                    "Share people out by chance and see which way does better."
                ),
                "icon": "fa-random",
                "group": "decision",
                "exits": (),
            },
        }

    def _first_cases_node_split(self):
        return [
            {"name": self.env._("Path %s", letter), "percent": 50, "sequence": place}
            for place, letter in enumerate("AB", 1)
        ]

    def _exits_node_split(self):
        return self._case_labels()

    def _exit_text_node_split(self, label):
        case = self.case_ids.filtered(lambda c: c.label == label)
        return f"{case.name} ({case.percent} %)" if case else ""

    def _summary_node_split(self):
        row = self.env["nurture.split"]._of(self)
        if row.winner_label:
            return self.env._("Everybody: %s", self._case_name(row.winner_label))
        return " : ".join(f"{case.name} {case.percent} %" for case in self.case_ids)

    def _problem_node_split(self):
        if not 2 <= len(self.case_ids) <= MOST_PATHS:
            return self.env._("“%s” needs two to five paths.", self.name)
        total = sum(self.case_ids.mapped("percent"))
        if total != 100:
            return self.env._(
                "The shares of “%(step)s” make %(total)s %%, not 100 %%.",
                step=self.name, total=total,
            )  # fmt: skip
        if self.split_measure and not (self.split_people or self.split_days):
            return self.env._("“%s” does not say when to look for the better path.", self.name)
        return False

    def _run_node_split(self, enrolments, now):
        winner = self.env["nurture.split"]._of(self).winner_label
        outcomes = self._case_outcomes()
        if winner in outcomes:
            return dict.fromkeys(enrolments, outcomes[winner])
        shares = [(case.label, case.percent) for case in self.case_ids]
        return {
            e: outcomes[engine.choose(engine.draw(str(e.person_id.id), self.uid), shares)]
            for e in enrolments
        }

    # ------------------------------------------------------------
    # THE BETTER PATH
    # ------------------------------------------------------------

    def _split_arms(self, since, now):
        """What each path has brought so far, as values for the engine."""
        if not self.split_measure:
            return []
        observe = timedelta(days=self.split_observe_days)
        win = getattr(self, f"_query_split_win_{self.split_measure}")(self._query_until(observe))
        rows = self.env.execute_query(
            self.env["nurture.split"]._query_arms(self, win, since, now - observe)
        )
        found = {label: (people, wins) for label, people, wins in rows}
        return [engine.Arm(label, *found.get(label, (0, 0))) for label in self._case_labels()]

    def _query_until(self, observe):
        return SQL("l.left_at + %s", observe)

    def _query_split_win_click(self, until):
        return self._query_split_win_mail("mail_click", until)

    def _query_split_win_reply(self, until):
        return self._query_split_win_mail("mail_reply", until)

    def _query_split_win_mail(self, kind, until):
        # index on nurture_event(person_id, occurred_at), primary key of nurture_send
        return SQL(
            """EXISTS (SELECT 1 FROM nurture_event ev
                         JOIN nurture_send s ON s.id = ev.res_id AND s.enrolment_id = l.enrolment_id
                        WHERE ev.person_id = l.person_id AND ev.kind = %s AND ev.actor = 'human'
                          AND ev.res_model = 'nurture.send'
                          AND ev.occurred_at BETWEEN l.left_at AND %s)""",
            kind,
            until,
        )

    def _query_split_win_goal(self, until):
        # primary key of nurture_enrolment
        return SQL(
            """EXISTS (SELECT 1 FROM nurture_enrolment e
                        WHERE e.id = l.enrolment_id AND e.exit_reason = 'goal'
                          AND e.ended_at BETWEEN l.left_at AND %s)""",
            until,
        )

    @api.depends("kind", "split_measure", "case_ids.name")
    def _compute_split_text(self):
        for node in self:
            row = self.env["nurture.split"]._of(node._origin) if node.kind == "split" else False
            node.split_state = row and row.state
            node.split_text = node.kind == "split" and node._split_sentence(row)

    def _split_sentence(self, row):
        """Where the search for the better path stands."""
        _ = self.env._
        if not self.split_measure:
            return _("No better path is looked for: people are shared out by percentage.")
        if not row:
            return _("Nobody has been counted yet. The first look comes after the start.")
        if row.state == "stopped":
            return _("The winner was undone by hand. People are shared out by percentage.")
        if row.state == "decided":
            return _(
                "“%(path)s” won on %(date)s. Equal paths would differ so much in at most "
                "%(chance)s of 100 cases. Everybody goes there now.",
                path=self._case_name(row.winner_label),
                date=tell_day(self.env, row.decided_at),
                chance=f"{row.p_value * 100:.2g}" if row.p_value >= 1e-4 else "0.01",
            )
        return self._split_sentence_measuring(row)

    def _split_sentence_measuring(self, row):
        _ = self.env._
        least = min((case.people_count for case in self.case_ids), default=0)
        if least < engine.MIN_PEOPLE:
            return _(
                "Too few people to tell: %(people)s on the smallest path had their time to answer, "
                "at least %(least)s are needed on each.",
                people=least, least=engine.MIN_PEOPLE,
            )  # fmt: skip
        if row.why == "few_wins":
            return _("Too few answers on record to tell the paths apart. It is looked at again.")
        if row.why == "close":
            return _(
                "At the last look the paths were too close to tell. The next look is at %s people "
                "on each path.", self.split_people * 2**row.looks or least * 2,
            )  # fmt: skip
        return _("%s people on the smallest path were counted. The first look is still to come.",
                 least)

    def action_undo_winner(self):
        """Back to percentages, whatever the figures say."""
        self.ensure_one()
        self.check_access("write")
        row = self.env["nurture.split"].sudo()._of(self)  # sudo: rows are the engine's; see above
        row._set_stopped()

    def action_measure_again(self):
        """Forget what was counted and begin anew."""
        self.ensure_one()
        self.check_access("write")
        row = self.env["nurture.split"].sudo()._of(self)  # sudo: rows are the engine's; see above
        row._set_measuring(fields.Datetime.now())
