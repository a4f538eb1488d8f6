from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import forecast
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .moments import tell_day

HORIZONS = (30, 90)
# days of history from which shares and times are taken, and the inflow
MEMORY = 180
INFLOW = 28
MAX_PEOPLE = 10_000_000


class NurtureScenario(models.Model):
    """The forecast of a scenario: who passes each step on which day, and on what that rests."""

    _inherit = "nurture.scenario"

    def action_forecast(self):
        """The forecast of this scenario."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("lead_nurture.nurture_forecast_action")
        return {
            **action,
            "name": self.env._("Forecast of “%s”", self.name),
            "context": {"active_id": self.id, "active_model": self._name},
        }

    def forecast(self, options):
        """Expected people by step and day, from now on.

        `options`: `days` (30 or 90), `published` (False: the draft, where there is one), `inflow`
        (people a day; nothing: as lately) and `once` (people who enter at once today).
        """
        self.ensure_one()
        self.env["nurture.enrolment"]._check_user()
        self.check_access("read")
        days = options.get("days") if options.get("days") in HORIZONS else HORIZONS[0]
        # sudo: sums over the scenario that the reader may read, no record is shown
        return self.sudo()._prepare_forecast(
            self._simulated_version(options).sudo(),  # sudo: as above
            days,
            self._checked_people(options.get("inflow"), None),
            self._checked_people(options.get("once"), 0),
        )

    def forecast_audience(self):
        """How many leads fulfil the conditions of entering now, for a start with all of them."""
        self.ensure_one()
        self.env["nurture.enrolment"]._check_user()
        self.check_access("read")
        owner = self._as_owner()
        return owner.env["crm.lead"].search_count(owner._audience_domain())

    def set_forecast_share(self, uid, label, percent):
        """Suppose that `percent` of the people leave this step by this exit; the other exits share
        the rest as they did. Nothing (False): the default again."""
        self.ensure_one()
        self.check_access("write")
        node = self._shown_version().node_ids.filtered(lambda n: n.uid == uid)
        if label not in (node._exits() if node else ()):
            raise UserError(self.env._("This step has changed. Load the forecast again."))
        rows = self.env["nurture.forecast.assumption"].search(
            [("scenario_id", "=", self.id), ("node_uid", "=", uid)]
        )
        shares = {**node._assumed_shares(), **{row.label: row.share / 100 for row in rows}}
        rows.unlink()
        if percent is False or percent is None:
            return
        shares[label] = self._checked_percent(percent) / 100
        rest = sum(part for other, part in shares.items() if other != label) or 1.0
        rows.create(
            [
                {
                    "scenario_id": self.id,
                    "node_uid": uid,
                    "label": other,
                    "share": 100 * (
                        part if other == label else part / rest * (1 - shares[label])
                    ),
                }
                for other, part in shares.items()
            ]
        )

    def _checked_people(self, value, default):
        if value is None or value is False or value == "":
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError(self.env._("Give the people as a number."))
        if not 0 <= value <= MAX_PEOPLE:
            raise ValidationError(
                self.env._("The people must be between 0 and %s.", f"{MAX_PEOPLE:,}")
            )
        return value

    def _checked_percent(self, value):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise ValidationError(self.env._("A share is between 0 and 100 %."))
        return value

    # ------------------------------------------------------------
    # PUTTING IT TOGETHER
    # ------------------------------------------------------------

    def _prepare_forecast(self, version, days, inflow, once):
        now = fields.Datetime.now()
        stages, rests = self._prepare_stages(version, now, days)
        people = self._prepare_standing(version, now)
        usual = self._prepare_inflow(now)
        first = version._start_node().uid
        entering = self._spread_inflow(usual, now, days) if inflow is None else [inflow] * days
        entering[0] += once
        arrivals = {(first, day): count for day, count in enumerate(entering)}
        for key, count in people["coming"].items():
            arrivals[key] = arrivals.get(key, 0) + count
        found = forecast.outlook(stages, arrivals, people["standing"], days)
        return {
            "version": version.number,
            "draft": version.state == "draft",
            "days": [str(now.date() + timedelta(days=day)) for day in range(days)],
            "steps": self._prepare_forecast_steps(version, found, rests, people),
            "entered": self._rounded(entering),
            "ended": self._rounded(found.ended),
            "inflow": {**usual, "given": inflow, "once": once},
            "rests_on": self._forecast_rests_on(now, rests, version),
            "warnings": [
                *self._forecast_warnings(people),
                *self._forecast_load_warnings(version, found, now),
            ],
        }

    def _prepare_stages(self, version, now, days):
        """([stages for the engine], {step: what it rests on})."""
        nodes = version.node_ids
        history = self._forecast_history(nodes, now)
        assumed = self.env["nurture.forecast.assumption"]._of_scenario(self)
        stages, rests = [], {}
        for node in nodes:
            stage, rests[node.uid] = node._prepare_stage(
                history.get(node.uid, {}), assumed.get(node.uid), now, days
            )
            stages.append(stage)
        return stages, rests

    def _prepare_standing(self, version, now):
        """People who are inside: who stands where since when, who is just on the way to a step
        (`coming`), who is parked, and who stands where the shown version has no step."""
        people = {"standing": [], "coming": {}, "now": {}, "parked": 0, "elsewhere": 0}
        nodes = {node.uid: node for node in version.node_ids}
        for uid, state, exit_label, stood, due, count in self.env.execute_query(
            self._query_forecast_standing(now)
        ):
            node = nodes.get(uid)
            if not node:
                people["elsewhere"] += count
                continue
            people["now"][uid] = people["now"].get(uid, 0) + count
            if state == "parked":
                people["parked"] += count
            elif state == "waiting":
                people["standing"].append(forecast.Standing(uid, count, stood or 0, due))
            else:
                target = node._target(exit_label).uid if exit_label else uid
                key = (target or uid, due or 0)
                people["coming"][key] = people["coming"].get(key, 0) + count
        return people

    def _prepare_inflow(self, now):
        """People a day, on average and by day of the week, and where that comes from."""
        since = now - timedelta(days=INFLOW)
        rows = self.env.execute_query(self._query_forecast_inflow(since))
        if rows:
            first = min(row[2] for row in rows)
            days = max(min((now.date() - first.date()).days + 1, INFLOW), 1)
            total = sum(row[1] for row in rows)
            by_weekday = {int(day): count * 7 / INFLOW for day, count, _first in rows}
            return {
                "per_day": round(total / days, 2),
                "by_weekday": by_weekday if days == INFLOW else {},
                "source": "enrolments",
            }
        owner = self._as_owner()
        count = owner.env["crm.lead"].search_count(
            owner._audience_domain() & Domain("create_date", ">=", since)
        )
        return {"per_day": round(count / INFLOW, 2), "by_weekday": {}, "source": "leads"}

    @api.model
    def _spread_inflow(self, usual, now, days):
        if not usual["by_weekday"]:
            return [usual["per_day"]] * days
        dates = [now + timedelta(days=day) for day in range(days)]
        return [usual["by_weekday"].get(date.isoweekday(), 0.0) for date in dates]

    # ------------------------------------------------------------
    # WHAT THE SCREEN SHOWS
    # ------------------------------------------------------------

    def _prepare_forecast_steps(self, version, found, rests, people):
        return [
            {
                **node._prepare_card(),
                "now": people["now"].get(node.uid, 0),
                "arrive": self._rounded(found.arrive[node.uid]),
                "standing": self._rounded(found.standing[node.uid]),
                "weeks": self._rounded(forecast.weeks(found.arrive[node.uid])),
                "people": rests[node.uid]["people"],
                "known": rests[node.uid]["known"],
                "fixed": rests[node.uid]["fixed"],
                "exits": self._prepare_forecast_exits(node, rests[node.uid]),
            }
            for node in version._in_reading_order()
        ]

    @api.model
    def _prepare_forecast_exits(self, node, rests):
        if len(node._exits()) < 2:
            return []
        return [
            {
                "label": label,
                "text": node._exit_name(label),
                "share": round(100 * rests["shares"][label], 1),
                "supposed": round(100 * rests["supposed"].get(label, 0.0), 1),
            }
            for label in node._exits()
        ]

    @api.model
    def _rounded(self, values):
        return [round(value, 2) for value in values]

    def _forecast_rests_on(self, now, rests, version):
        """One sentence that says how far to trust it."""
        _ = self.env._
        guessed = sum(
            not rests[node.uid]["known"] for node in version.node_ids if len(node._exits()) > 1
        )
        count, since = self.env.execute_query(
            self._query_forecast_people(now - timedelta(days=MEMORY))
        )[0]
        if not count:
            return _("Nobody has travelled it yet, so all of this rests on assumptions.")
        text = _(
            "From %(count)s people since %(date)s.",
            count=f"{count:,}", date=tell_day(self.env, since),
        )  # fmt: skip
        if guessed:
            text += " " + _(
                "Steps that rest on assumptions, because fewer than ten have left them: %s.",
                guessed,
            )
        return text

    def _forecast_warnings(self, people):
        _ = self.env._
        warnings = []
        if self.state == "paused":
            warnings.append(_("The scenario is paused; this supposes that it goes on now."))
        if self.state == "archived":
            warnings.append(_("The scenario is closed; this supposes that it is started again."))
        if people["parked"]:
            warnings.append(
                _("People who need attention and do not move: %s.", people["parked"])
            )
        if people["elsewhere"]:
            warnings.append(
                _(
                    "People who stand at steps that this version does not have, and are left out: "
                    "%s.",
                    people["elsewhere"],
                )
            )
        return warnings
