import { BaseImportModel } from "@base_import/import_model";
import { ImportDataSidepanel } from "@base_import/import_data_sidepanel/import_data_sidepanel";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

const KEEP = "keep";
const REFUSE = "refuse";
const TOLD_ROWS = 100;

/**
 * The import of deals has one more choice: what happens to rows whose deal may not enter the stage
 * in the file. It begins with the company's setting; both ways name all such rows.
 */
patch(BaseImportModel.prototype, {
    async init() {
        await super.init();
        if (this.resModel !== "crm.lead") {
            return;
        }
        // Without a playbook that checks something there is nothing to choose.
        const choice = await this.orm.call("crm.lead", "get_playbook_import", []);
        if (choice) {
            this.importOptionsValues.playbook = { value: choice };
        }
    },

    async _callImport(dryrun, args) {
        const choice = this.importOptionsValues.playbook?.value;
        if (!choice) {
            return super._callImport(...arguments);
        }
        const context = this.context;
        this.context = { ...context, sales_playbook_import: choice };
        try {
            return this._tellHeld(await super._callImport(...arguments), dryrun);
        } finally {
            this.context = context;
        }
    },

    /**
     * Say row by row what is missing. Rows that kept their stage are no errors: the import goes
     * on. When nothing is imported, and for no other reason, the list replaces core's summary.
     */
    _tellHeld(result, dryrun) {
        const messages = result.messages || [];
        const held = messages.filter((message) => message.playbook);
        const others = messages.filter((message) => !message.playbook);
        if (!held.length || others.length) {
            return result;
        }
        const lines = held.slice(0, TOLD_ROWS).map((message) =>
            _t("Row %(row)s: %(message)s", {
                row: message.rows.from + 1, message: message.message }));
        if (held.length > TOLD_ROWS) {
            lines.push(_t("… and %s more rows.", held.length - TOLD_ROWS));
        }
        if (!result.ids) {
            this._addMessage("danger", [
                _t("%s deals may not enter their stage yet:", held.length), ...lines]);
            const message = _t(
                "Nothing is imported. Complete these rows, or let the deals keep their stage.");
            return { ...result, messages: [{ type: "danger", message, not_matching_error: true }] };
        }
        if (dryrun) {
            this._addMessage("warning", [
                _t("%s deals will keep their stage:", held.length), ...lines]);
        } else {
            this._notifyKept(held.length);
        }
        return { ...result, messages: [] };
    },

    _notifyKept(count) {
        const { action, notification } = this.env.services;
        notification.add(_t("%s deals kept their stage because something is missing.", count), {
            type: "warning", sticky: true,
            buttons: [{
                name: _t("Show what"), primary: true,
                onClick: () => action.doAction(
                    "sales_automation.sales_playbook_override_action",
                    { additionalContext: { search_default_kind_import: 1 } }),
            }],
        });
    },
});

patch(ImportDataSidepanel.prototype, {
    get playbookChoices() {
        return [
            [REFUSE, _t("Import nothing, name the rows")],
            [KEEP, _t("Import all, such deals keep their stage")],
        ];
    },
});
