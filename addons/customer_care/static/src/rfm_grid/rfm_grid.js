import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";

const KEPT = "customer_care.rfm_grid";

/**
 * Customers by recency and frequency: each cell opens its customers. The picture is a table with
 * buttons, so that it is read and used without seeing it; "Table" shows the same as rows.
 */
export class CareRfmGrid extends Component {
    static template = "customer_care.RfmGrid";
    static components = { Layout };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer to an earlier choice replaces no later one
        this.action = useService("action");
        this.display = { controlPanel: {} };
        const kept = JSON.parse(browser.sessionStorage.getItem(KEPT) || "{}");
        this.state = useState({ data: false, company: false, segment: 0, table: false, ...kept });
        onWillStart(() => this.load());
    }

    async load() {
        // a company that was left since is not asked for again
        const companies = user.activeCompanies.map((company) => company.id);
        const company = companies.includes(this.state.company) ? this.state.company : false;
        this.state.data = await this.last.add(this.orm.call("care.rfm", "get_grid", [company]));
        this.largest = Math.max(...this.cells.map((cell) => cell.share), 0.0001);
    }

    /** Kept for the browser's tab: the Back button finds the same view. */
    keep(values) {
        Object.assign(this.state, values);
        const { company, segment, table } = this.state;
        browser.sessionStorage.setItem(KEPT, JSON.stringify({ company, segment, table }));
    }

    chooseCompany(id) {
        this.keep({ company: Number(id) });
        return this.load();
    }

    chooseSegment(id) {
        this.keep({ segment: Number(id) });
    }

    get cells() {
        return this.state.data.rows.flatMap((row) => row.cells);
    }

    get segments() {
        const { segment, data } = this.state;
        return data.segments.filter((one) => !segment || one.id === segment);
    }

    isDimmed(cell) {
        return this.state.segment && cell.segment_id !== this.state.segment;
    }

    /** The most crowded cell is the darkest; the number says the same. */
    shade(cell) {
        return `--care-share: ${(cell.share / this.largest).toFixed(3)}`;
    }

    open(action) {
        return this.action.doAction(action);
    }

    openBorders() {
        return this.action.doAction("customer_care.care_rfm_border_action");
    }
}

registry.category("actions").add("customer_care.rfm_grid", CareRfmGrid);
