import { Component } from "@odoo/owl";

import { deserializeDateTime, toLocaleDateString, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";

/** The way of a deal through its stages: the present one on top, the length of each stay drawn. */
export class DealTimeline extends Component {
    static template = "sales_automation.DealTimeline";
    static props = { section: Object, resId: Number };

    get stays() {
        const stays = this.props.section.data;
        const longest = Math.max(...stays.map((stay) => stay.seconds || 0), 1);
        return stays.map((stay) => ({
            ...stay,
            width: Math.max(2, Math.round((100 * (stay.seconds || 0)) / longest)),
            isMoment: Boolean(stay.left) && !stay.seconds,
            entered: toLocaleDateString(deserializeDateTime(stay.entered)),
            title: toLocaleDateTimeString(deserializeDateTime(stay.entered)),
        }));
    }
}

registry.category("sales_automation.deal_panel").add("timeline", DealTimeline);
