from unittest.mock import patch

from odoo.tests import tagged

from .common_lifecycle import LifecycleCase


@tagged("post_install", "-at_install")
class TestLifecycleReport(LifecycleCase):
    """Figures counted by hand beforehand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.there = cls.env["res.company"].create({"name": "Valves"})
        cls.env.user.company_ids |= cls.there

    def _funnel(self):
        self.env["nurture.funnel"]._refresh()
        rows = self.env["nurture.funnel"].search([("company_id", "=", self.there.id)])
        return {row.status_id.name: row for row in rows}

    def test_funnel(self):  # LN-22
        # six leads: all new, four engaged, two of these MQL, one of them disqualified
        leads = self.env["crm.lead"].create(
            [{"name": f"L{i}", "type": "lead", "user_id": False, "company_id": self.there.id}
             for i in range(6)]
        )  # fmt: skip
        self._run(leads)
        self._age(leads.nurture_stay_ids, "entered_at", days=4)
        leads[:4].nurture_move(self.status["engaged"])
        self._age(leads.nurture_stay_ids.filtered("left_at"), "left_at", days=2)
        leads[:2].nurture_move(self.status["mql"])
        leads[0].nurture_move(self.status["disqualified"])
        funnel = self._funnel()
        figures = {
            name: (row.now_count, row.entered_count, row.further_count, round(row.conversion, 1))
            for name, row in funnel.items()
        }
        self.assertEqual(figures, {
            "New": (2, 6, 4, 66.7),
            "Engaged": (2, 4, 2, 50.0),
            "MQL": (1, 2, 0, 0.0),
            "Disqualified": (1, 1, 0, 0.0),
        })
        self.assertAlmostEqual(funnel["New"].median_days, 2.0, places=2)
        self.assertEqual(list(funnel), ["New", "Engaged", "MQL", "Disqualified"], "in order")

    def test_figures_say_as_of_when(self):  # LN-22, P-6
        lead = self._create_lead(company_id=self.there.id)
        self._run(lead)
        shown = self._funnel()["New"]
        self.assertEqual((shown.now_count, shown.conversion, shown.median_days), (1, 0, 0))
        lead.nurture_move(self.status["engaged"])
        funnel = "odoo.addons.lead_nurture.report.nurture_funnel"
        with patch(f"{funnel}.SMALL", 0):
            self.assertNotIn("Engaged", self._funnel(), "a long history is counted once an hour")
            self._age(self.env["nurture.funnel"].search([]), "counted_at", hours=2)
            self.assertEqual(self._funnel()["Engaged"].now_count, 1)
        self.assertEqual(self._funnel()["New"], shown, "the row stays: somebody has it open")
        lead.unlink()
        self.assertFalse(self._funnel())

    def test_the_job_counts(self):  # LN-22
        self._create_lead(company_id=self.there.id)
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_move_leads").method_direct_trigger()
        funnel = self.env["nurture.funnel"].search([("company_id", "=", self.there.id)])
        self.assertEqual(funnel.mapped("status_id.name"), ["New"])

    def test_averages_of_few_are_not_shown(self):  # LN-24
        leads = self.env["crm.lead"]
        for name in "abcde":
            leads |= self._create_lead(name, f"{name}@pumps.test")
        for lead in leads:
            lead.nurture_hand_over(self.team, self.sven)
        leads[0].action_set_won()
        self._follow()
        self.env.flush_all()
        report = self.env["nurture.handover.report"]
        [(late, won, count)] = report._read_group(
            [("lead_id", "in", leads.ids)], [], ["late:avg", "won:avg", "__count"]
        )
        self.assertEqual((late, won, count), (0, False, 5), "one that came to an end says nothing")

    def test_funnel_of_another_company(self):  # multi-company
        lead = self._create_lead(company_id=self.there.id)
        self._run(lead)
        self.assertTrue(self._funnel())
        for model in ("nurture.funnel", "nurture.stay.report"):
            seen = self.env[model].with_user(self.mira).search([])
            self.assertNotIn(self.there, seen.company_id)

    def test_analysis_by_source(self):  # LN-22
        source = self.env["utm.source"].create({"name": "Fair of May"})
        lead = self._create_lead(source_id=source.id)
        self._run(lead)
        lead.nurture_move(self.status["mql"])
        self.env.flush_all()
        rows = self.env["nurture.stay.report"]._read_group(
            [("source_id", "=", source.id)], ["status_id"], ["__count", "is_now:sum"]
        )
        self.assertEqual(
            [(status.name, count, now) for status, count, now in rows],
            [("New", 1, 0), ("Engaged", 1, 0), ("MQL", 1, 1)],
        )

    def test_acceptance_rate_counts_what_is_decided(self):  # LN-24
        leads = self.env["crm.lead"]
        for number in range(12):
            leads |= self._create_lead(f"n{number}", f"n{number}@pumps.test")
        for lead in leads:
            lead.nurture_hand_over(self.team, self.sven)
        self._age(leads.nurture_handover_ids, "handed_at", hours=10)
        for lead in leads[:6]:
            self._salesperson_writes(lead)
        leads[6:9].action_set_lost()
        leads[:3].action_set_won()
        self._follow()
        self.env.flush_all()
        report = self.env["nurture.handover.report"]
        [(count, accepted, won, hours)] = report._read_group(
            [("lead_id", "in", leads.ids)], [],
            ["__count", "accepted:avg", "won:avg", "hours:avg"],
        )  # fmt: skip
        self.assertEqual(count, 12)
        self.assertAlmostEqual(accepted, 200 / 3, places=5, msg="the one that waits is not counted")
        self.assertEqual(won, 50)
        self.assertAlmostEqual(hours, 10, delta=0.1)
