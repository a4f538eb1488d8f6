import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { PlaybookFields } from "./playbook_fields";

/** The key fields of the deal's step, filled without looking for them on the form. */
export class PlaybookFieldsDialog extends Component {
    static template = "sales_automation.PlaybookFieldsDialog";
    static components = { Dialog, PlaybookFields };
    static props = { title: String, leadId: Number, fields: Array, close: Function };

    onRecord(leadId, record) {
        this.record = record;
    }

    async save() {
        if (await this.record?.save()) {
            this.props.close();
        }
    }
}
