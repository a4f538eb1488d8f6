import secrets

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

METRICS = [
    ("nps", "Would recommend us (NPS)"), ("ces", "Was easy (CES)"), ("csat", "Satisfied (CSAT)"),
]
#: The scale of each metric: lowest and highest answer.
SCALES = {"nps": (0, 10), "ces": (1, 7), "csat": (1, 5)}
#: Answers up to which somebody calls back, unless the programme says otherwise.
BAD_UP_TO = {"nps": 6, "ces": 3, "csat": 2}
#: What the empty screen offers: key → values beside name and question.
PRESETS = {
    "ces": {"metric": "ces", "trigger": "case_resolved", "delay_hours": 24},
    "csat": {"metric": "csat", "trigger": "order_confirmed", "delay_hours": 168},
    "nps": {"metric": "nps", "trigger": "relational", "delay_hours": 0, "sample_percent": 10,
            "tenure_days": 60, "reminder_days": 7},
}


class CareSurveyProgram(models.Model):
    """Whom to ask what, after which event: one line of "24 hours after a case, was it easy?".

    NPS and CES are answered in a survey of the survey app (a question on a scale), CSAT as a
    rating of the record. Each asking is one care.survey.invitation.
    """

    _name = "care.survey.program"
    _inherit = ["care.ahead"]
    _description = "Survey programme"
    _order = "sequence, id"
    _check_company_auto = True
    _preview_decided_by = frozenset({
        "trigger", "delay_hours", "sample_percent", "tenure_days", "team_ids", "category_ids",
        "case_kind", "company_id"})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade")
    is_on = fields.Boolean("On", readonly=True, copy=False)
    on_since = fields.Datetime(
        "On since", readonly=True, copy=False, help="What happened before is not asked about.")
    metric = fields.Selection(
        METRICS, required=True, default="ces",
        help="NPS: 0 to 10, share of 9 and 10 less share of 0 to 6. CES: 1 to 7, share of 5 to 7. "
        "CSAT: 1 to 5, share of 4 and 5.")
    trigger = fields.Selection(
        "_select_trigger", "Asked after", required=True, default="case_resolved")
    question = fields.Char(
        "Question", required=True, translate=True, compute="_compute_question", store=True,
        precompute=True,
        readonly=False, help="Stands in the mail and on the page, in each customer's language.")
    open_question = fields.Char(
        translate=True, default=lambda self: self.env._("What is the reason for your answer?"),
        help="Asked on the page of thanks; nobody has to answer it.")
    survey_id = fields.Many2one(
        "survey.survey", "Survey", readonly=True, copy=False, ondelete="restrict",
        help="Keeps the answers; made with the programme.")
    question_id = fields.Many2one(
        "survey.question", "Scale", readonly=True, copy=False, ondelete="restrict")
    comment_question_id = fields.Many2one(
        "survey.question", "Open question", readonly=True, copy=False, ondelete="restrict")

    delay_hours = fields.Integer(
        "Hours after", default=24, help="Hours between the event and the question. CES is usually "
        "asked 24 hours after the resolution.")
    sample_percent = fields.Integer(
        "Of each 100, ask", default=100,
        help="Of the relational programme: of 100 customers so many a month; of the others: of 100 "
        "events so many. Who is drawn depends on the programme and the event alone, so that a "
        "second look draws the same.")
    tenure_days = fields.Integer(
        "Customer for at least", default=0,
        help="Days since the first purchase. 0: also new customers, and people who never bought.")
    cooling_days = fields.Integer(
        "Rest between two questions", related="company_id.care_survey_cooling_days")
    reminder_days = fields.Integer(
        "Remind after", default=0, help="Days without an answer, after which the question is asked "
        "a second and last time. 0: never.")
    expiry_days = fields.Integer(
        "Answers until", default=30, help="Days in which the link of a mail takes an answer.")
    min_n = fields.Integer(
        "Figures from", default=10,
        help="Answers below which no figure is told, only that they are too few.")
    team_ids = fields.Many2many("care.team", string="Teams", check_company=True)
    category_ids = fields.Many2many(
        "care.category", string="Categories", check_company=True,
        help="With the categories within them.")
    case_kind = fields.Selection(
        "_select_case_kind", "Kind of case", help="Empty: cases of all kinds.")
    template_id = fields.Many2one(
        "mail.template", "Mail", ondelete="restrict",
        domain=[("model", "=", "care.survey.invitation")],
        help="Empty: the mail that comes along. The buttons of the scale and the way out are "
        "always in it.")

    user_id = fields.Many2one(
        "res.users", "Owner", check_company=True, default=lambda self: self.env.user,
        domain="[('share', '=', False)]")
    followup_owner = fields.Selection(
        [("leader", "The leader of the team that resolved the case"),
         ("salesperson", "The customer's salesperson"), ("owner", "The owner of the programme")],
        "Calls back", required=True, default="leader",
        help="Where there is nobody of this kind, the owner of the programme.")
    followup_below = fields.Integer(
        "Bad answers are up to", compute="_compute_followup_below", store=True, readonly=False,
        precompute=True,
        help="An answer up to this value gets somebody who calls back. NPS 6, CES 3, CSAT 2.")
    followup_days = fields.Integer(
        "Within", default=2, help="Working days until the customer should have been called.")
    token = fields.Char(
        readonly=True, copy=False, groups="base.group_system",
        default=lambda self: secrets.token_hex(16))
    planned_at = fields.Datetime("Looked last", readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)
    invitation_ids = fields.One2many("care.survey.invitation", "program_id")

    _numbers = models.Constraint(
        "CHECK(delay_hours >= 0 AND sample_percent BETWEEN 1 AND 100 AND tenure_days >= 0"
        " AND reminder_days >= 0 AND expiry_days > 0 AND min_n > 0 AND followup_days >= 0)",
        "Hours and days cannot be negative, of each 100 between 1 and 100 are asked, and a link "
        "works for a day at least.")
    _token_uniq = models.UniqueIndex("(token)")
    # An answer by an open link knows its survey alone: that names programme and company.
    _survey_uniq = models.UniqueIndex(
        "(survey_id) WHERE survey_id IS NOT NULL", "This survey belongs to another programme.")

    # ---- defaults, checks, computes -------------------------------------------------------------

    @api.model
    def _select_trigger(self):
        return list(self._survey_triggers().items())

    @api.model
    def _select_case_kind(self):
        return self.env["care.case"]._fields["kind"]._description_selection(self.env)

    @api.constrains("template_id")
    def _check_template(self):
        for program in self.filtered("template_id"):
            if program.template_id.model != "care.survey.invitation":
                raise ValidationError(self.env._(
                    "The mail “%s” is not written for surveys.", program.template_id.name))

    @api.depends("metric")
    def _compute_question(self):
        for program in self:
            if not program.question or program.question in self._usual_questions().values():
                program.question = self._usual_questions().get(program.metric)

    @api.depends("metric")
    def _compute_followup_below(self):
        for program in self:
            program.followup_below = BAD_UP_TO.get(program.metric)

    @api.model
    def _usual_questions(self) -> dict[str, str]:
        return {
            "nps": self.env._("How likely are you to recommend us to a friend or colleague?"),
            "ces": self.env._("We made it easy for you to get your matter settled."),
            "csat": self.env._("How satisfied are you with us?"),
        }

    def _scale_ends(self) -> tuple[str, str]:
        """What the lowest and the highest answer mean."""
        return {
            "nps": (self.env._("not at all likely"), self.env._("extremely likely")),
            "ces": (self.env._("I strongly disagree"), self.env._("I strongly agree")),
            "csat": (self.env._("very unsatisfied"), self.env._("very satisfied")),
        }[self.metric]

    def _scale(self) -> range:
        low, high = SCALES[self.metric]
        return range(low, high + 1)

    # ---- CRUD -----------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        programs = super().create(vals_list)
        programs._ensure_survey()
        return programs

    def write(self, vals):
        if "metric" in vals and any(
                program.invitation_ids and program.metric != vals["metric"] for program in self):
            raise UserError(self.env._(
                "Customers were asked already: make a new programme for another question."))
        result = super().write(vals)
        if "metric" in vals:
            self._ensure_survey()
        if {"question", "open_question"} & set(vals):
            self._tell_survey()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if self.invitation_ids:
            raise UserError(self.env._(
                "Customers were asked by this programme: archive it, its answers stay."))

    # ---- actions --------------------------------------------------------------------------------

    def action_switch_on(self):
        self.check_access("write")
        self.filtered(lambda program: not program.is_on).write(
            {"is_on": True, "on_since": fields.Datetime.now()})

    def action_switch_off(self):
        """What is planned goes; who was asked can still answer."""
        self.check_access("write")
        self.is_on = False
        # Invitations are written by code only.
        self.invitation_ids.sudo().filtered(lambda i: i.state == "planned").unlink()

    @api.model
    def action_create_presets(self):
        """The three programmes that most companies begin with, off, to be looked at first."""
        self.check_access("create")
        names = {
            "ces": self.env._("Was it easy? After a case"),
            "csat": self.env._("Satisfied? After an order"),
            "nps": self.env._("Would you recommend us? Every month"),
        }
        known = self.search([("company_id", "=", self.env.company.id)]).mapped("metric")
        self.create([
            {"name": names[key], **values}
            for key, values in PRESETS.items() if key not in known])
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_survey_program_action") | {"target": "main"}

    # ---- the survey that keeps the answers ------------------------------------------------------

    def _ensure_survey(self):
        """NPS and CES have a survey with a scale and an open question; CSAT is a rating."""
        # Whoever may make programmes makes their surveys.
        surveys = self.env["survey.survey"].sudo()
        for program in self.filtered(lambda p: p.metric != "csat"):
            low, high = SCALES[program.metric]
            if not program.survey_id:
                program.survey_id = surveys.create(program._prepare_survey_vals())
                scale, comment = program.survey_id.question_ids.sorted("sequence")
                program.write({"question_id": scale.id, "comment_question_id": comment.id})
            program.question_id.sudo().write({"scale_min": low, "scale_max": high})  # as above

    def _prepare_survey_vals(self):
        low, high = SCALES[self.metric]
        least, most = self._scale_ends()
        return {
            "title": self.name, "access_mode": "public", "users_login_required": False,
            "questions_layout": "one_page", "scoring_type": "no_scoring",
            # A responsible would need rights in the survey app; the programme has its owner.
            "user_id": False,
            "question_and_page_ids": [
                Command.create({
                    "title": self.question, "question_type": "scale", "sequence": 1,
                    "scale_min": low, "scale_max": high, "constr_mandatory": True,
                    "scale_min_label": least, "scale_max_label": most}),
                Command.create({
                    "title": self.open_question or self.env._("Why?"),
                    "question_type": "text_box", "sequence": 2}),
            ],
        }

    def _tell_survey(self):
        """The survey asks with the programme's own words."""
        for program in self.filtered("survey_id"):
            # Whoever may write the programme's words writes them in its survey.
            program.question_id.sudo().title = program.question
            if program.open_question:
                program.comment_question_id.sudo().title = program.open_question  # as above

    def _get_link(self):
        """The address of a programme that asks whoever comes: for a page, a receipt, a QR code."""
        self.ensure_one()
        # The link is public; only the field is not, so that nobody changes it.
        return f"{self.company_id.get_base_url()}/care/ask/open/{self.sudo().token}"
