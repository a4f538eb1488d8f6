from odoo import api, fields, models
from odoo.addons.customer_care.engine import sbg, survival
from odoo.exceptions import AccessError

from .figures import tell_figure

#: Days of a month, on average.
MONTH = 365.25 / 12
#: A longer curve is drawn by quarters.
MOST_POINTS = 48
#: Yearly discount of renewals to come.
DISCOUNT = 0.1


class CareSurvival(models.AbstractModel):
    """How long customers stay under agreement, by type of agreement.

    A lifetime begins with the first agreement of a chain of renewals and ends with the last one
    that was not renewed in time; whoever still runs counts as far as he got.
    """

    _name = "care.survival"
    _description = "Survival of agreements"

    @api.model
    def get_survival(self, type_id=False):
        """The curve of one type (or of all agreements), and a line for each type.

        :param type_id: id of a type, or False
        """
        if not self.env["care.agreement"].has_access("read"):
            raise AccessError(self.env._("You may not read agreements."))
        types = self.env["care.agreement.type"].with_context(active_test=False).search([])
        chosen = types.browse(int(type_id)) & types if type_id else types.browse()
        company = self.env.company
        today = company._care_today(fields.Datetime.now())
        curve = survival.kaplan_meier(self._lifetimes(company, today, chosen))
        lines = [self._prepare_line(company, today, one) for one in types]
        return {
            "types": [[one.id, one.name] for one in types], "type": chosen.id,
            "sentence": self._tell_curve(curve), "chart": self._draw(curve),
            "lines": [line for line in lines if line],
            "action": self._get_agreements_action(chosen),
        }

    def _lifetimes(self, company, today, kind):
        # Company by company; who may read agreements may read how long they lasted.
        return self.env["care.agreement"].sudo()._query_lifetimes(company, today, kind.id)

    def _prepare_line(self, company, today, kind):
        """What is known of one type; nothing where there is no agreement."""
        rows = self._lifetimes(company, today, kind)
        if not rows:
            return False
        curve = survival.kaplan_meier(rows)
        return {
            "id": kind.id, "name": kind.name, "count": curve.subjects, "ended": curve.ended,
            "median": self._tell_median(curve), "year": self._tell_year(curve),
            "projection": self._tell_projection(rows, kind.months),
            "action": self._get_agreements_action(kind),
        }

    def _get_agreements_action(self, kind):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_agreement_action")
        return action | {
            "domain": [
                ("company_id", "=", self.env.company.id),
                ("state", "not in", ("draft", "cancelled")),
                *([("type_id", "=", kind.id)] if kind else [])],
            "context": {"search_default_group_state": 1},
        }

    # ---- the picture ----------------------------------------------------------------------------

    def _draw(self, curve):
        """Percent that last longer, by months, with the border of its 95 % interval."""
        if not curve.ended or curve.longest < MONTH:
            return False
        months = int(curve.longest / MONTH)
        stride = 1 if months <= MOST_POINTS else 3
        points = list(range(0, months + 1, stride))
        bands = [curve.band_at(round(month * MONTH)) for month in points]
        parts = [[round(100 * value, 1) for value in values] for values in zip(*bands, strict=True)]
        _ = self.env._
        names = (_("Still under agreement"), _("at least (95 %)"), _("at most (95 %)"))
        return {
            "type": "line", "kind": "percent",
            "labels": [str(month) for month in points],
            "series": [
                {"label": name, "values": values, "dashed": number > 0}
                for number, (name, values) in enumerate(zip(names, parts, strict=True))],
        }

    # ---- in words -------------------------------------------------------------------------------

    def _tell_months(self, days) -> str:
        return self.env._("%s months", f"{days / MONTH:.0f}")

    def _tell_curve(self, curve) -> str:
        _ = self.env._
        if curve.reason == survival.EMPTY:
            return _("No agreement has begun yet: how long customers stay cannot be told.")
        if curve.reason == survival.NONE_ENDED:
            return _(
                "None of %(count)s customers has left yet, the longest after %(longest)s: how "
                "long they stay cannot be told before some have.",
                count=curve.subjects, longest=self._tell_months(curve.longest))
        text = _(
            "%(count)s customers, %(ended)s of them left. %(median)s",
            count=curve.subjects, ended=curve.ended, median=self._tell_median(curve, whole=True))
        if curve.reason == survival.FEW:
            text += " " + _(
                "That rests on %(ended)s ends; from %(least)s on it says something.",
                ended=curve.ended, least=survival.LEAST_ENDED)
        return text

    def _tell_median(self, curve, whole=False) -> str:
        _ = self.env._
        if curve.median is not None:
            median = self._tell_months(curve.median)
            return _("Half of them stay longer than %s.", median) if whole else median
        longest = self._tell_months(curve.longest)
        return _("More than half still stay after %s.", longest) if whole else (
            _("over %s", longest) if curve.ended else _("n/a"))

    def _tell_year(self, curve) -> str:
        band = curve.band_at(366)
        if not band or not curve.ended:
            return self.env._("n/a")
        if band[0] == 1:
            return self.env._("100 %: nobody left in the first year")
        part, low, high = (f"{100 * value:.0f}" for value in band)
        return self.env._("%(part)s %% (%(low)s to %(high)s)", part=part, low=low, high=high)

    def _tell_projection(self, rows, months) -> str:
        """What renewals to come may be expected, or why nothing is said."""
        _ = self.env._
        if not months:
            return _("open agreements have no renewals")
        period = months * MONTH
        fit = sbg.fit((sbg.renewals_of(days, ended, period), ended, n) for days, ended, n in rows)
        if fit.params is None and fit.reason in (sbg.ALIKE, sbg.ONE_PERIOD) and (
            fit.lost >= sbg.LEAST_LOST
        ):
            return _("%s %% leave at each renewal, old and new alike", f"{100 * fit.churn:.0f}")
        if fit.reason:
            return self._tell_refusal(fit)
        renewals = sbg.expected_renewals(fit.params, 0, (1 + DISCOUNT) ** (months / 12) - 1)
        return _(
            "of 100 new ones %(first)s renew once, %(third)s three times; worth %(renewals)s "
            "renewals each at a discount of 10 %% a year",
            first=f"{100 * sbg.survival(fit.params, 1):.0f}",
            third=f"{100 * sbg.survival(fit.params, 3):.0f}",
            renewals=tell_figure(self.env, renewals, 1))

    def _tell_refusal(self, fit) -> str:
        _ = self.env._
        if fit.reason == sbg.NOT_CONVERGED:
            return _("too uneven for a projection")
        return _("too little for a projection: %(lost)s left, %(least)s are needed",
                 lost=f"{fit.lost:.0f}", least=sbg.LEAST_LOST)
