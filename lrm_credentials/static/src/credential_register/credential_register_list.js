import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {SearchModel} from "@web/search/search_model";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";

/**
 * The Credentials Register: opens with the rows ticked that the context names, so that
 * whoever has just requested credentials can preview or issue them at once; and shows
 * only the buttons that are for the status of a ticked row.
 */
export class CredentialRegisterController extends ListController {
    setup() {
        super.setup();
        const {headerButtons} = this.archInfo;
        this.archInfo = Object.create(this.archInfo, {
            headerButtons: {
                get: () => headerButtons.filter((button) => this.isFitting(button)),
            },
        });
    }

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

    /** Buttons say by a class for which status they are: `o_lrm_if_issued`. */
    isFitting({className}) {
        const {selection} = this.model.root;
        return (
            !className.includes("o_lrm_if_") ||
            this.isDomainSelected ||
            selection.some(({data}) => className.includes(`o_lrm_if_${data.state}`))
        );
    }
}

/**
 * Opens with all credentials for those who have nothing to request or issue, and counts
 * anew when one comes back, as something may have been issued meanwhile.
 */
export class CredentialRegisterSearchModel extends SearchModel {
    async load(config) {
        if (await user.hasGroup("lrm_credentials.group_lrm_user")) {
            return super.load(config);
        }
        const context = {...config.context};
        delete context.searchpanel_default_state;
        return super.load({...config, context});
    }

    exportState() {
        const state = super.exportState();
        state.searchPanelInfo = {...state.searchPanelInfo, loaded: false};
        return state;
    }
}

registry.category("views").add("lrm_credential_register", {
    ...listView,
    SearchModel: CredentialRegisterSearchModel,
    Controller: CredentialRegisterController,
});
