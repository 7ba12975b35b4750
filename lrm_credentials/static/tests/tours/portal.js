import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("lrm_portal", {
    steps: () => [
        {
            trigger:
                ".o_portal_docs a[href='/my/credentials']:contains(My Credentials)",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: "tr:contains(Statement of Attainment):contains(Expired on)"},
        {trigger: "tr:contains(Letter):contains(Cancelled on)"},
        {
            trigger: "tr:contains(Certificate) a:contains(Certificate)",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_lrm_credential h2:contains(Certificate)"},
        {trigger: ".o_lrm_credential a:contains(Download PDF)"},
        {trigger: ".o_lrm_share input[value*='/credential/']"},
        {trigger: ".o_lrm_share .o_lrm_copy", run: "click"},
        {trigger: ".o_lrm_copied:contains(cop), .o_lrm_copied:contains(Copied)"},
        {
            trigger: ".breadcrumb a:contains(My Credentials)",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: "table:contains(Statement of Attainment)"},
    ],
});
