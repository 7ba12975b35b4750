import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("lrm_dashboard", {
    steps: () => [
        {trigger: ".o_lrm_dashboard h2:contains(Issued per month)"},
        {
            trigger: ".o_lrm_tile:contains(To Issue) .o_lrm_count:contains(1)",
            run: "click",
        },
        {trigger: ".o_breadcrumb:contains(To Issue)"},
        {trigger: ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"},
    ],
});
