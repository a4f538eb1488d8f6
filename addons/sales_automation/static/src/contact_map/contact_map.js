import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** Their people in rows, ours in columns; a figure opens the messages behind it. */
export class ContactMap extends Component {
    static template = "sales_automation.ContactMap";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        const { action } = this.props;
        this.leadId = action.params?.lead_id || action.context?.active_id;
        this.display = { controlPanel: {} };
        this.state = useState({ map: null, onlyDeal: false });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.map = this.leadId
            ? await this.orm.call("crm.lead", "get_contact_map", [[this.leadId]])
            : null;
    }

    get people() {
        const people = this.state.map.people;
        return this.state.onlyDeal ? people.filter((person) => person.in_deal) : people;
    }

    cellOf(person, user) {
        return this.state.map.cells[`${person.id}-${user.id}`];
    }

    total(person) {
        return this.state.map.users.reduce(
            (sum, user) => sum + (this.cellOf(person, user)?.count || 0), 0);
    }

    cellLabel(person, user, cell) {
        return _t("%(colleague)s and %(person)s: %(figures)s; last %(when)s", {
            colleague: user.name, person: person.name, figures: cell.text, when: cell.last,
        });
    }

    async openWords(person, user) {
        await this.run("action_open_contact_words", [person.id, user.id]);
    }

    async edit(person) {
        await this.run("action_add_deal_contact", person ? [person.id] : []);
    }

    async openDeal() {
        await this.action.doAction({
            type: "ir.actions.act_window", res_model: "crm.lead", res_id: this.leadId,
            views: [[false, "form"]], target: "current",
        });
    }

    async run(method, args) {
        const action = await this.orm.call("crm.lead", method, [[this.leadId], ...args]);
        await this.action.doAction(action, { onClose: () => this.load() });
    }
}

registry.category("actions").add("sales_automation.contact_map", ContactMap);
