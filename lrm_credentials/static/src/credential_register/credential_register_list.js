import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";

/**
 * The Credentials Register: opens with the rows ticked that the context names, so that
 * whoever has just requested credentials can preview or issue them at once.
 */
export class CredentialRegisterController extends ListController {
    get modelParams() {
        const params = super.modelParams;
        let selectedIds = this.props.context.lrm_selected_ids || [];
        params.hooks.onRootLoaded = (root) => {
            for (const record of root.records) {
                if (selectedIds.includes(record.resId)) {
                    record.toggleSelection(true);
                }
            }
            selectedIds = []; // only when it opens, not each time it is searched
        };
        return params;
    }
}

registry.category("views").add("lrm_credential_register", {
    ...listView,
    Controller: CredentialRegisterController,
});
