import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { DashboardChart } from "./dashboard_chart";

/**
 * A page of figures (the server says which tiles and what is in them); each figure opens the
 * records behind it. Coming back finds the same period and team.
 */
export class SalesDashboard extends Component {
    static template = "sales_automation.Dashboard";
    static components = { Layout, DashboardChart };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        const { page, period } = this.props.action.params || {};
        this.page = page || "leader";
        this.choice = {
            period: period || "quarter",
            team_id: false,
            dimension: "user_id",
            ...JSON.parse(browser.sessionStorage.getItem(this.storageKey) || "{}"),
        };
        this.state = useState({ data: false, loading: false });
        onWillStart(() => this.load());
    }

    /** Kept for the browser's tab: also its Back button finds the same choice. */
    get storageKey() {
        return `sales_automation.dashboard.${this.page}`;
    }

    async load() {
        this.state.loading = true;
        const asked = JSON.stringify(this.choice);
        const data = await this.orm.call("sales.dashboard", "get_dashboard", [], {
            ...this.choice,
            page: this.page,
        });
        // a slower answer to an earlier choice does not replace the later one
        if (asked === JSON.stringify(this.choice)) {
            this.state.data = data;
            this.state.loading = false;
        }
    }

    choose(name, value) {
        this.choice[name] = name === "team_id" ? Number(value) || false : value;
        browser.sessionStorage.setItem(this.storageKey, JSON.stringify(this.choice));
        return this.load();
    }

    open(action) {
        return this.action.doAction(action);
    }

    get hasPeriod() {
        return this.page !== "velocity";
    }

    isNumber(tile, column) {
        return column > 0 && !tile.table.words?.includes(column);
    }

    chartLabel(tile) {
        return _t("Chart: %s. The same figures are in the table below.", tile.title);
    }
}

registry.category("actions").add("sales_automation.dashboard", SalesDashboard);
