import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/**
 * A heat map: a table whose cells are filled as far as their share goes.
 *
 * heat: {columns: [text], rows: [{label, note, cells: [{text, share 0..1, title, action} | false]}]}
 * The number stands in every cell, so the colour repeats what is written; a cell with an action is
 * a button.
 */
export class CareHeat extends Component {
    static template = "customer_care.Heat";
    static props = { heat: Object, label: String };

    setup() {
        this.action = useService("action");
    }

    /** The fill of a cell, weak enough for the text on it in light and dark. */
    fill(cell) {
        const share = Math.min(Math.max(cell.share || 0, 0), 1);
        return `background-color: rgba(var(--primary-rgb, 113, 75, 103), ${0.06 + 0.44 * share})`;
    }

    open(cell) {
        return this.action.doAction(cell.action);
    }
}
