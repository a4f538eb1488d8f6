from odoo import fields, models


class NurtureNode(models.Model):
    """A branch may ask for points, or for the letter of the fit, in a score model of choice."""

    _inherit = "nurture.node"

    condition = fields.Selection(
        selection_add=[
            ("score", "The score is at least so high"), ("grade", "The grade is at least so good")
        ],
        ondelete={"score": "set null", "grade": "set null"},
    )  # fmt: skip
    score_model_id = fields.Many2one(
        "nurture.score.model", "Score model", ondelete="restrict", index="btree_not_null",
        help="Empty: the model that lists and forms show.",
    )  # fmt: skip
    score_least = fields.Integer("At least", default=50, help="Points.")
    grade_least = fields.Selection(
        [("A", "A"), ("B", "A or B"), ("C", "A, B or C")], "Grade", default="B",
        help="Letter of the fit: who somebody is. A is best.",
    )  # fmt: skip

    def _branch_on_score(self, enrolments, now):
        told = self._told_scores(enrolments.person_id, now)
        return enrolments.filtered(
            lambda e: told.get(e.person_id.id, (0, ""))[0] >= self.score_least
        )

    def _branch_on_grade(self, enrolments, now):
        told = self._told_scores(enrolments.person_id, now)
        return enrolments.filtered(
            lambda e: "A" <= told.get(e.person_id.id, (0, "Z"))[1] <= self.grade_least
        )

    def _branch_text_score(self):
        return self.env._(
            "Is the score at least %(least)s in %(model)s?",
            least=self.score_least,
            model=self.score_model_id.name or self.env._("the shown model"),
        )

    def _branch_text_grade(self):
        grades = dict(self._fields["grade_least"]._description_selection(self.env))
        return self.env._("Is the grade %s?", grades.get(self.grade_least, ""))

    def _branch_problem_score(self):
        if self.score_model_id and self.score_model_id.state != "active":
            return self.env._(
                "“%(step)s” asks for the score model “%(model)s”, which does not judge anybody.",
                step=self.name,
                model=self.score_model_id.name,
            )
        return False

    def _branch_problem_grade(self):
        return self._branch_problem_score()

    def _told_scores(self, people, now):
        """{person id: (points, grade)}; who has just done something is judged as of `now`."""
        scores = self._score_rows(people)
        told = {score.person_id.id: (score.total, score.grade or "Z") for score in scores}
        waiting = set(self.env["nurture.dirty"]._waiting_among(people.ids))
        for score in scores.filtered(lambda s: s.person_id.id in waiting):
            fresh = score._explain_now(now)
            told[score.person_id.id] = (fresh["total"], fresh["grade"] or "Z")
        return told

    def _score_rows(self, people):
        if not self.score_model_id:
            rows = self.env["nurture.score"]
            return rows.union(*people._nurture_score_records().values())
        return self.env["nurture.score"].search(
            [("person_id", "in", people.ids), ("model_id", "=", self.score_model_id.id)]
        )
