import { ActivityMarkAsDone } from "@mail/core/web/activity_markasdone_popover";
import { patch } from "@web/core/utils/patch";

/** A call that nobody took is done, too, but it is no contact with the customer. */
patch(ActivityMarkAsDone.prototype, {
    get canBeUnanswered() {
        const { activity_category, res_model } = this.props.activity;
        return activity_category === "phonecall" && ["crm.lead", "sale.order"].includes(res_model);
    },

    async onClickNoAnswer() {
        if (this.isSaid) {
            return; // a second click finds the activity done
        }
        this.isSaid = true;
        const { feedback, id, res_id, res_model } = this.props.activity;
        const { orm, "mail.store": store } = this.env.services;
        const thread = store.Thread.insert({ model: res_model, id: res_id });
        await orm.call("mail.activity", "action_no_answer", [[id]], { feedback });
        this.props.onActivityChanged(thread);
        await thread.fetchNewMessages();
    },
});
