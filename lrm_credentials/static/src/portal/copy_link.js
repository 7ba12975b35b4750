import {Interaction} from "@web/public/interaction";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** Puts the verification link on the clipboard; without HTTPS it is only selected. */
export class CopyLink extends Interaction {
    static selector = ".o_lrm_share";
    dynamicContent = {
        ".o_lrm_copy": {"t-on-click": this.onCopy},
        ".o_lrm_copied": {"t-out": () => this.message},
    };

    setup() {
        this.message = "";
    }

    async onCopy() {
        const input = this.el.querySelector("input");
        input.select();
        try {
            await this.waitFor(navigator.clipboard.writeText(input.value));
            this.message = _t("Copied.");
        } catch {
            this.message = _t("The link is selected: copy it.");
        }
        this.updateContent();
    }
}

registry.category("public.interactions").add("lrm_credentials.copy_link", CopyLink);
