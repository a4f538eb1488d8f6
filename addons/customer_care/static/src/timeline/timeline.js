import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The customer's story, page by page; one source can be told alone. */
export class CareTimeline extends Component {
    static template = "customer_care.Timeline";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ entries: [], sources: [], offsets: {}, more: false, only: false });
        onWillStart(() => this.begin(this.props.record.resId, false));
        onWillUpdateProps(({ record }) => {
            if (record.resId !== this.told) {
                return this.begin(record.resId, false);
            }
        });
    }

    async begin(customer, only) {
        this.told = customer;
        this.asked = false;
        Object.assign(this.state, { entries: [], offsets: {}, more: false, only });
        if (customer) {
            await this.tell();
        }
    }

    async tell() {
        const { offsets, only } = this.state;
        const asked = (this.asked = {});
        const page = await this.orm.call(
            "care.customer", "get_timeline", [[this.told], offsets, only]);
        // only the last click counts: nothing is told twice
        if (asked === this.asked) {
            const { entries, ...rest } = page;
            this.state.entries.push(...entries);
            Object.assign(this.state, rest);
        }
    }

    day(entry) {
        const at = deserializeDateTime(entry.at, entry.day_only ? { tz: "utc" } : {});
        return toLocaleDateString(at);
    }

    open({ model, res_id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("care_timeline", { component: CareTimeline });
