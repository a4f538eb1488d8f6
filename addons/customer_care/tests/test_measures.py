from lxml import etree
from odoo.tests import TransactionCase, tagged

VIEWS = {"pivot", "graph"}


@tagged("post_install", "-at_install")
class TestMeasures(TransactionCase):
    """What a pivot or a graph of ours shows at first can be summed up, or whoever opens it sees
    an error instead of figures."""

    def test_every_measure_can_be_summed_up(self):  # ALL-1, CC-16
        views = self._search_views()
        self.assertLess({"care.affinity", "care.customer"}, set(views.mapped("model")))
        broken = []
        for view in views:
            model = self.env[view.model]
            arch = etree.fromstring(model.get_view(view.id)["arch"])
            names = arch.xpath("field[@type='measure']/@name")
            fields = model.fields_get(names, ["type", "aggregator"])
            broken += [
                f"{view.model}.{name} in {view.xml_id}" for name in names
                if not fields[name].get("aggregator") and fields[name]["type"] != "many2one"]
        self.assertEqual(broken, [])

    def test_the_pivot_of_pairs_tells_of_the_best_one(self):  # CC-16
        """Who bought three products is in several pairs: a total would count him each time."""
        grinder, beans, cups, filters = self.env["product.template"].create(
            [{"name": name} for name in ("Grinder", "Beans", "Cups", "Filters")])
        pairs = self.env["care.affinity"].create([{
            "company_id": self.env.company.id, "level": "template", "origin": "measured",
            "kind": "cross", "product_tmpl_id": grinder.id, "other_tmpl_id": other.id,
            "item_ref": grinder.id, "other_ref": other.id, "customers": customers,
            "expected_value": value,
            "chance_known": bool(value),
        } for other, customers, value in ((beans, 30, 12.5), (cups, 20, 40.0), (filters, 9, 0))])
        names = ["customers", "expected_value"]
        fields = pairs.fields_get(names, ["aggregator"])
        measures = ["__count", *(f"{name}:{fields[name]['aggregator']}" for name in names)]
        told = pairs._read_group(  # as the client asks for them
            [("id", "in", pairs.ids)], ["product_tmpl_id"], measures)
        self.assertEqual(told, [(grinder, 3, 30, 40.0)])
        told = pairs._read_group([("id", "=", pairs[-1].id)], [], measures)
        self.assertEqual(told, [(1, 9, False)], "nobody knows its chance: nothing, not 0")

    def _search_views(self):
        ours = self.env["ir.model.data"].search(
            [("module", "=", "customer_care"), ("model", "=", "ir.ui.view")])
        return self.env["ir.ui.view"].browse(ours.mapped("res_id")).filtered(
            lambda view: view.type in VIEWS)
