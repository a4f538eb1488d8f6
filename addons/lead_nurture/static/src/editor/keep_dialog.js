import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";

/** A step with several ways out is removed: which one do people take from now on? */
export class KeepDialog extends Component {
    static template = "lead_nurture.KeepDialog";
    static components = { Dialog };
    static props = { close: Function, node: Object, ways: Array, onKeep: Function };

    keep(label) {
        this.props.close();
        this.props.onKeep(label);
    }
}
