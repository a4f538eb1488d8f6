from math import hypot

from odoo import models
from odoo.addons.customer_care.engine import feedback

from .care_feedback import BANDS
from .figures import tell_figure


class CareDashboard(models.AbstractModel):
    """What customers answer in the page's span: NPS, CES and CSAT."""

    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        _ = self.env._
        return super()._dashboard_tiles() | {
            "nps": {"title": _("NPS"), "icon": "fa-bullhorn", "sequence": 8, "span": 4},
            "ces": {"title": _("CES: it was easy"), "icon": "fa-road", "sequence": 8, "span": 4},
            "csat": {"title": _("CSAT: satisfied"), "icon": "fa-smile-o", "sequence": 8,
                     "span": 4},
        }

    def _dashboard_nps(self, scope):
        return self._get_answer_tile(scope, "nps")

    def _dashboard_ces(self, scope):
        return self._get_answer_tile(scope, "ces")

    def _dashboard_csat(self, scope):
        return self._get_answer_tile(scope, "csat")

    def _get_answer_tile(self, scope, metric):
        """Nothing before the first answer; few answers are said, not shown as a figure."""
        answers, needed = self.env["care.feedback"], scope.company.care_min_answers
        known = [*self._here(scope), ("metric", "=", metric), ("excluded_reason", "=", False)]
        if not answers.search_count(known, limit=1):
            return False
        begin = scope.company._care_begin
        since, until = begin(scope.first), begin(scope.last)
        before = scope.first - (scope.last - scope.first)
        score = answers._measure(scope.company, metric, since, until)
        domain = [*known, ("responded_at", ">=", str(since)), ("responded_at", "<", str(until))]
        if metric == "nps":  # told of people: what opens are their last answers
            domain.append(("last_between", "=", f"{since}/{until}"))
        tile = {"action": self._open_answers(metric, domain)}
        if score.n < needed:
            return tile | {"few": answers._tell_result(score, needed)}
        earlier = answers._measure(scope.company, metric, begin(before), since)
        return tile | {
            "figure": answers._tell_figure(score),
            "note": f"{answers._tell_interval(score).capitalize()}. {answers._tell_parts(score)}.",
            "trend": self._tell_answer_trend(score, earlier, needed),
            "chart": self._get_band_chart(score, domain)}

    def _open_answers(self, metric, domain):
        name = self._dashboard_tiles()[metric]["title"]
        return self._open(name, "care.feedback", domain, ("kanban", "list", "form"))

    def _get_band_chart(self, score, domain):
        """How many answered how; a bar opens its answers."""
        words = dict(BANDS) | dict(
            self.env["care.feedback"]._fields["band"]._description_selection(self.env))
        bands = feedback.BANDS[score.metric]
        return {
            "type": "hbar", "kind": "count", "labels": [words[band] for band in bands],
            "series": [{"label": self.env._("Answers"),
                        "values": [score.good, score.neutral, score.bad]}],
            "actions": [self._open_answers(score.metric, [*domain, ("band", "=", band)])
                        for band in bands]}

    def _tell_answer_trend(self, score, earlier, needed):
        """Against the span before; a difference that chance explains is no news."""
        if earlier.n < needed:
            return False
        points = score.figure - earlier.figure
        text = self.env._("%s points against the span before",
                          tell_figure(self.env, points, 1, signed=True))
        if abs(points) <= hypot(score.margin, earlier.margin):
            return {"text": self.env._("%s, within chance", text), "tone": "muted"}
        return {"text": text, "tone": "success" if points > 0 else "danger"}
