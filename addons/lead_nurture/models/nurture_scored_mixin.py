import operator as op

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .nurture_event import PASSIVE_KINDS

# colleagues only: visitors of the portal read their own contact, and must not read this of it
READERS = "base.group_user"
COMPARISONS = {"<": op.lt, ">": op.gt, "<=": op.le, ">=": op.ge}


class NurtureScoredMixin(models.AbstractModel):
    """Shows the score of a person on his records, without a column on them.

    Read in one query per page, searched by an EXISTS, sorted and grouped by a join. Somebody
    without a row has 0 points and is cold. A colleague who may read the record may read its score.
    """

    _name = "nurture.scored.mixin"
    _inherit = ["nurture.joined.mixin"]
    _description = "Record with a score"

    nurture_score = fields.Integer(
        "Score",
        compute="_compute_nurture_score",
        compute_sudo=True,
        groups=READERS,
        search="_search_nurture_score",
        aggregator="avg",
        help="Points for who the person is and what he did lately. The explanation tells why.",
    )
    nurture_band = fields.Selection(
        "_selection_nurture_bands",
        "Interest",
        compute="_compute_nurture_score",
        compute_sudo=True,
        groups=READERS,
        search="_search_nurture_band",
        group_expand=True,
        help="Hot, warm or cold, by the thresholds of the score model.",
    )
    nurture_grade = fields.Char(
        "Fit",
        compute="_compute_nurture_score",
        compute_sudo=True,
        groups=READERS,
        help="How well the person fits, A is best. Independent of what he did.",
    )
    nurture_last_at = fields.Datetime(
        "Last seen",
        compute="_compute_nurture_score",
        compute_sudo=True,
        groups=READERS,
        help="When the person last did something by himself.",
    )
    nurture_explanation = fields.Json(
        "Why this score", compute="_compute_nurture_explanation", compute_sudo=True,
        groups=READERS,
    )  # fmt: skip
    nurture_timeline = fields.Json(
        "Last events", compute="_compute_nurture_timeline", compute_sudo=True,
        groups=READERS,
    )  # fmt: skip

    @api.model
    def _selection_nurture_bands(self):
        return self.env["nurture.score"]._selection_bands()

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_nurture_score(self):
        ids = [record.id for record in self._origin if isinstance(record.id, int)]
        found = self.env.execute_query(self._query_nurture_shown(ids)) if ids else []
        rows = {res_id: shown for res_id, *shown in found}
        for record in self:
            score, band, grade, last_at = rows.get(record._origin.id, (0, "cold", False, False))
            record.nurture_score = score
            record.nurture_band = band
            record.nurture_grade = grade
            record.nurture_last_at = last_at

    def _search_nurture_score(self, operator, value):
        self._check_field_access(self._fields["nurture_score"], "read")
        if operator == "in":
            values = [int(v or 0) for v in value]
            return self._nurture_domain(SQL("s.total = ANY(%s)", values), 0 in values)
        compare = COMPARISONS.get(operator)
        if compare is None:
            return NotImplemented
        condition = SQL("s.total %s %s", SQL(operator), int(value))
        return self._nurture_domain(condition, compare(0, int(value)))

    def _search_nurture_band(self, operator, value):
        self._check_field_access(self._fields["nurture_band"], "read")
        if operator != "in":
            return NotImplemented
        return self._nurture_domain(SQL("s.band = ANY(%s)", list(value)), "cold" in value)

    def _nurture_domain(self, condition, holds_without):
        """Records whose score meets `condition`; those without a row when `holds_without`."""
        return Domain.custom(
            to_sql=lambda model, alias, query: model._query_nurture_condition(
                alias, condition, holds_without
            )
        )

    @api.depends_context("lang")
    def _compute_nurture_explanation(self):
        score_of = self._nurture_score_records()
        for record in self:
            score = score_of.get(record._origin.id)
            record.nurture_explanation = score._explain_fully() if score else False

    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_nurture_timeline(self):
        for record in self:
            record.nurture_timeline = record._origin.id and record._nurture_timeline_page()

    @api.readonly
    def get_nurture_timeline(self, group=None, before_id=None):
        """More of the timeline of this record: of a group of kinds ("mail", "web", "sales"; None:
        all), before the event `before_id`. Rows as in the field `nurture_timeline`."""
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["nurture_timeline"], "read")
        # sudo: whoever may read the record may read its timeline, as the field does
        return self.sudo()._nurture_timeline_page(group, int(before_id or 0))

    def _nurture_timeline_page(self, group=None, before_id=None):
        return self.env["nurture.event"]._timeline(
            self._query_nurture_person(), self._nurture_company_ids(), group, before_id
        )

    def _nurture_company_ids(self):
        """Those of the reader. Computed with all rights, which also trust any list of companies:
        hence both."""
        own = set(self.env.user._get_company_ids())
        return [company_id for company_id in self.env.companies.ids if company_id in own]

    def _nurture_score_records(self):
        """{record id: its score}"""
        rows = self.env.execute_query(self._query_nurture_scores_of(self._origin.ids))
        return {row[0]: self.env["nurture.score"].browse(row[1]) for row in rows}

    def _nurture_person_ids(self):
        """{record id: person id}"""
        return dict(self.env.execute_query(self._query_nurture_persons_of(self._origin.ids)))

    def _query_nurture_links(self):
        """Rows (res_id, person_id) of this model."""
        raise NotImplementedError

    def _query_nurture_scores(self):
        """Rows (res_id, score id, total, band, grade, person_id) by the model that is shown."""
        # indexes nurture_identity_record_uniq, nurture_score_person_model_uniq
        return SQL(
            """SELECT link.res_id, s.id, s.total, s.band, s.grade, s.person_id
                 FROM (%s) link JOIN nurture_score s ON s.person_id = link.person_id
                WHERE %s""",
            self._query_nurture_links(),
            self._query_main_model(),
        )

    def _query_nurture_condition(self, alias, condition, holds_without):
        """Anti-join or semi-join, whichever keeps those without a row as wanted."""
        exists = SQL(
            "EXISTS (%s AND (%s) AND link.res_id = %s)",
            self._query_nurture_scores(),
            SQL("NOT (%s)", condition) if holds_without else condition,
            SQL.identifier(alias, "id"),
        )
        return SQL("NOT %s", exists) if holds_without else exists

    def _query_nurture_scores_of(self, ids):
        return SQL("%s AND link.res_id = ANY(%s)", self._query_nurture_scores(), list(ids))

    def _query_nurture_persons_of(self, ids):
        return SQL(
            "SELECT res_id, person_id FROM (%s) link WHERE res_id = ANY(%s)",
            self._query_nurture_links(),
            list(ids),
        )

    def _query_nurture_person(self):
        return SQL(
            "SELECT link.person_id FROM (%s) link WHERE link.res_id = %s LIMIT 1",
            self._query_nurture_links(),
            self._origin.id,
        )

    def _query_nurture_shown(self, ids):
        """Rows (res_id, total, band, grade, last seen) of those of `ids` that have a person: all
        columns of a page at once."""
        # indexes nurture_identity_record_uniq, nurture_score_person_model_uniq, and
        # nurture_event_person_idx, read backwards to the first human step
        return SQL(
            """SELECT link.res_id, COALESCE(s.total, 0), COALESCE(s.band, 'cold'), s.grade,
                      last.occurred_at
                 FROM (%(links)s) link
            LEFT JOIN nurture_score s ON s.person_id = link.person_id AND %(shown)s
            LEFT JOIN LATERAL (
                      SELECT e.occurred_at FROM nurture_event e
                       WHERE e.person_id = link.person_id AND e.actor = 'human'
                         AND e.kind <> ALL(%(passive)s)
                         AND (e.company_id IS NULL OR e.company_id = ANY(%(companies)s))
                    ORDER BY e.occurred_at DESC LIMIT 1) last ON TRUE
                WHERE link.res_id = ANY(%(ids)s)""",
            links=self._query_nurture_links(),
            shown=self._query_main_model(),
            passive=list(PASSIVE_KINDS),
            companies=self._nurture_company_ids(),
            ids=list(ids),
        )

    def _query_main_model(self):
        """Condition: `s` is by the model that is shown in its company."""
        mains = self.env["nurture.score.model"]._main_models()
        if not mains:
            return SQL("FALSE")
        if len(set(mains.values())) == 1:
            return SQL("s.model_id = %s", next(iter(mains.values())))
        return SQL(
            "s.model_id = CASE COALESCE(s.company_id, 0) %s END",
            SQL(" ").join(SQL("WHEN %s THEN %s", *pair) for pair in mains.items()),
        )
