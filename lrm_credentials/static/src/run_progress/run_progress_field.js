import {
    ProgressBarField,
    progressBarField,
} from "@web/views/fields/progress_bar/progress_bar_field";
import {onWillUnmount} from "@odoo/owl";
import {registry} from "@web/core/registry";

const REFRESH = 2000; // Milliseconds
const UNDER_WAY = ["queued", "running", "stopping"];

/**
 * A progress bar that keeps the form of a run up to date until the run has ended.
 */
export class RunProgressField extends ProgressBarField {
    setup() {
        super.setup();
        const timer = setInterval(() => this.refresh(), REFRESH);
        onWillUnmount(() => clearInterval(timer));
    }

    async refresh() {
        const {record} = this.props;
        if (UNDER_WAY.includes(record.data.state) && !this.refreshing) {
            this.refreshing = true;
            try {
                await record.load();
            } finally {
                this.refreshing = false;
            }
        }
    }
}

registry.category("fields").add("lrm_run_progress", {
    ...progressBarField,
    component: RunProgressField,
});
