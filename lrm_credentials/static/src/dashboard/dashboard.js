import {Component, onWillStart} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

export class LrmDashboard extends Component {
    static template = "lrm_credentials.Dashboard";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.display = {controlPanel: {}};
        onWillStart(async () => {
            this.content = await this.orm.call("lrm.dashboard", "get_content", []);
        });
    }

    open(action) {
        this.action.doAction(action);
    }

    openRun(id) {
        this.open({
            type: "ir.actions.act_window",
            res_model: "lrm.credential.run",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("lrm_credentials.dashboard", LrmDashboard);
