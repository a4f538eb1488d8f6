from datetime import timedelta

from odoo import models

from .moments import tell_day


class NurtureScenario(models.Model):
    """Warns when a forecast has more mails on a day than the mail server may take."""

    _inherit = "nurture.scenario"

    def _forecast_load_warnings(self, version, found, now):
        """One sentence for each server that would be asked for too much, about the first day."""
        warnings = []
        for (server, limits), mails in self._forecast_loads(version, found).items():
            for day, count in enumerate(mails):
                date = now.date() + timedelta(days=day)
                most = self._mails_of_day(limits, date)
                if most is not None and count > most:
                    warnings.append(
                        self.env._(
                            "On %(date)s about %(mails)s mails are due, but %(server)s takes at "
                            "most %(most)s that day. The others leave later, or not at all where "
                            "a step says how late a mail may be.",
                            date=tell_day(self.env, date),
                            mails=round(count),
                            server=server.name or self.env._("the company's limit"),
                            most=most,
                        )
                    )
                    break
        return warnings

    def _forecast_loads(self, version, found):
        """{(server, its limits): mails by day} of the servers that have limits."""
        loads = {}
        for node in version.node_ids.filtered(lambda n: n.kind == "mail"):
            server, limits = node._mail_limits()
            if not limits.are_none():
                line = loads.setdefault((server, limits), [0.0] * found.days)
                for day, people in enumerate(found.arrive[node.uid]):
                    line[day] += people
        return loads

    def _mails_of_day(self, limits, date):
        bounds = [limits.per_day(date), limits.per_hour * 24 if limits.per_hour > 0 else None]
        return min((bound for bound in bounds if bound is not None), default=None)
