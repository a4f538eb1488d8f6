import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { CareChart } from "../pictures/chart";
import { CareHeat } from "../pictures/heat";

const KEPT_AS = "customer_care.dashboard.period";

/** What the company should know of its customers; the server says which tiles, each opens its list. */
export class CareDashboard extends Component {
    static template = "customer_care.Dashboard";
    static components = { Layout, CareChart, CareHeat };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer to an earlier choice replaces no later one
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ page: false, loading: false });
        onWillStart(() => this.load(browser.sessionStorage.getItem(KEPT_AS) || "last_12"));
    }

    async load(period) {
        this.state.loading = true;
        const page = await this.last.add(
            this.orm.call("care.dashboard", "get_dashboard", [], { period })
        );
        Object.assign(this.state, { page, loading: false });
    }

    choose(period) {
        browser.sessionStorage.setItem(KEPT_AS, period);
        return this.load(period);
    }

    open(action) {
        return this.action.doAction(action);
    }

    pictureLabel(tile) {
        return _t("Picture: %s", tile.title);
    }
}

registry.category("actions").add("customer_care.dashboard", CareDashboard);
