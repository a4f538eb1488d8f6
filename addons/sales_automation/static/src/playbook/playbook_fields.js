import { Component } from "@odoo/owl";
import { Record } from "@web/model/record";
import { Field } from "@web/views/fields/field";

/** Fields of one deal, each with its own label, filled outside the deal's form. */
export class PlaybookFields extends Component {
    static template = "sales_automation.PlaybookFields";
    static components = { Field, Record };
    static props = {
        leadId: Number,
        fields: { type: Array, element: String },
        onRecord: Function,
    };

    setup() {
        // A currency is needed to show money, whatever else is asked for.
        this.fieldNames = [...new Set([...this.props.fields, "company_currency"])];
    }

    /** Hand the record to whoever saves it; called while drawing, once the record is loaded. */
    announce(record) {
        this.props.onRecord(this.props.leadId, record);
        return "";
    }
}
