import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

/** Offered to those who are new: from a course offer to the first preview. */
registry.category("web_tour.tours").add("lrm_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            trigger: '.o_app[data-menu-xmlid="lrm_credentials.lrm_menu_root"]',
            content: _t("Credentials start here."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: '[data-menu-xmlid="lrm_credentials.lrm_course_offer_menu"]',
            content: _t("Learners are enrolled in course offers. Open them."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_data_row:first .o_data_cell:first",
            content: _t("Open a course offer. A dummy offer is there to try things."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: "button[name=action_view_enrolments]:visible",
            content: _t("See who is enrolled."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_data_row:first .o_list_record_selector input",
            content: _t("Tick those who shall get a credential."),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: "button[name=action_request_credential]:visible",
            content: _t("Request it for all of them at once."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=template_ids] input",
            content: _t("Choose what to request, one credential or several."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:first a",
            content: _t("For example this one."),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=open_register] input",
            content: _t("Tick this, to see the requests in the register."),
            tooltipPosition: "bottom",
            run: "check",
        },
        {
            trigger: ".modal-footer button[name=action_request]",
            content: _t("Request."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: "button[name=action_preview]:visible",
            content: _t(
                "The requests are ticked. Preview them: nothing is issued yet, and you see why any would be refused."
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: "button[name=action_issue_selected]:visible",
            content: _t(
                "Look at the files. What is right is issued with this button; what is not, you change, and preview again."
            ),
            tooltipPosition: "bottom",
        },
    ],
});
