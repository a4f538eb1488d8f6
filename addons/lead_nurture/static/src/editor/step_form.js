import { onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useDebounced } from "@web/core/utils/timing";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** A form that saves itself a moment after the last change, as everything in the editor does. */
export class StepFormController extends FormController {
    setup() {
        super.setup();
        this.saveSoon = useDebounced(this.saveWhenValid, 600);
        onMounted(() => this.env.onStepForm());
        // the page was turned before the moment was over: nothing that was typed is lost
        onWillUnmount(() => {
            if (this.model.root.dirty) {
                this.model.root.urgentSave();
            }
        });
    }

    get modelParams() {
        const params = super.modelParams;
        // not awaited: the change is over before it is saved
        params.hooks.onRecordChanged = () => {
            this.saveSoon();
        };
        return params;
    }

    async saveWhenValid() {
        const record = this.model.root;
        if (record.dirty && (await record.checkValidity())) {
            await this.save();
        }
    }

    /** Leaving the step saves it; the picture around it hears of that, too. */
    async beforeLeave(options) {
        this.saveSoon.cancel();
        return super.beforeLeave(options);
    }
}

registry.category("views").add("nurture_step_form", { ...formView, Controller: StepFormController });
