import { Component, onWillUnmount, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const EVERY = 2000;

/** Loads the form again every two seconds while its record's state is "running". */
export class CareAutoRefresh extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        this.timer = browser.setInterval(() => this.tick(), EVERY);
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    async tick() {
        const { record } = this.props;
        if (record.resId && !document.hidden && !this.busy && record.data.state === "running") {
            this.busy = true;
            try {
                await record.load();
            } finally {
                this.busy = false;
            }
        }
    }
}

registry.category("view_widgets").add("care_autorefresh", { component: CareAutoRefresh });
