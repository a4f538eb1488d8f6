import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The customer beside his case: read once for each customer, and again when the case was saved. */
export class CareBeside extends Component {
    static template = "customer_care.Beside";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ page: false });
        useRecordObserver((record) => this.read(record));
    }

    async read(record) {
        const partner = record.data.partner_id?.id || false;
        const company = record.data.company_id?.id || false;
        // what happens to a case (it is resolved) changes what is advised for its customer
        const saved = record.data.write_date && record.data.write_date.toMillis();
        const asked = [record.resId || false, partner, company, saved].join();
        if (asked === this.asked) {
            return;
        }
        this.asked = asked;
        const page = await this.orm.call("care.case", "get_beside", [], {
            case_id: record.resId || false,
            partner_id: partner,
            company_id: company,
        });
        // a slower answer about an earlier customer does not replace the later one
        if (this.asked === asked) {
            this.state.page = page;
        }
    }

    get isStranger() {
        const { data } = this.props.record;
        return !data.partner_id && (data.partner_name || data.email_from || data.phone);
    }

    open(model, resId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    use(values) {
        const changes = {};
        for (const [name, [id, display_name]] of Object.entries(values)) {
            changes[name] = { id, display_name };
        }
        return this.props.record.update(changes);
    }

    async link(partner) {
        const { record } = this.props;
        await record.update({ partner_id: { id: partner.id, display_name: partner.name } });
        await record.save();
    }

    async create() {
        const { record } = this.props;
        if (await record.save()) {
            await this.orm.call("care.case", "action_create_contact", [[record.resId]]);
            await record.load();
        }
    }
}

registry.category("view_widgets").add("care_beside", {
    component: CareBeside,
    fieldDependencies: [
        { name: "partner_id", type: "many2one" },
        { name: "company_id", type: "many2one" },
        { name: "partner_name", type: "char" },
        { name: "email_from", type: "char" },
        { name: "phone", type: "char" },
        { name: "order_line_id", type: "many2one" },
        { name: "write_date", type: "datetime" },
    ],
});
