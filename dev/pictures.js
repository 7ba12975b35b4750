/**
 * Takes the pictures: node dev/pictures.js FOLDER, with URL naming a server with the demo data, on which dev/demo_job.py
 * has run. Each function takes those of one chapter of docs/admin-guide.md.
 */
const {readFileSync} = require("node:fs");
const {Person, button, field, withBrowser} = require("../tests/browser/browser");

const [FOLDER] = process.argv.slice(2);
const SIZE = {viewport: {width: 1280, height: 720}, timezoneId: "Australia/Melbourne"};
const OFFER = "BSB50420-2025-EVE";
const LEARNERS = ["Yuki Tanaka", "Hannah Goldberg", "Noah Campbell", "Amelia Wells"];
const REGISTER = ["lrm-register", "lrm_report_menu", "lrm_credential_menu"];

const shoot = (person, name, options) =>
    person.picture(`${FOLDER}/${name}.png`, options);

/** The PDF viewer has drawn its first page. */
const drawn = (person) =>
    person.page
        .frameLocator("iframe.o_pdfview_iframe")
        .first()
        .locator(".page[data-loaded=true] canvas, .page .textLayer span")
        .first()
        .waitFor();

async function prepare(requester) {
    await requester.menu("lrm-clients", "lrm_client_menu");
    await requester.search("Hannah Goldberg");
    await requester.row("Hannah Goldberg").getByText("Hannah").first().click();
    await requester.find(".o_form_view").waitFor();
    await requester.click('.o_notebook_headers a[name="enrolments"]');
    await requester.row(OFFER).waitFor();
    await requester.row(OFFER).scrollIntoViewIfNeeded();
    await shoot(requester, "client");
}

async function request(requester) {
    await requester.row(OFFER).locator(button("action_view_credentials")).click();
    await requester.click(".o_list_button_add");
    await requester.choose("template_id", "Qualification Certificate");
    await requester.type("request_reason", "Completed the course");
    await shoot(requester, "request-one");
    await requester.click(".o_form_button_cancel");
    await requester.find(".o_list_view").waitFor();
    await requester.menu("lrm-offers", "lrm_course_offer_menu");
    await requester.row(OFFER).locator(button("action_view_enrolments")).click();
    for (const learner of LEARNERS) {
        await requester.tick(learner);
    }
    await shoot(requester, "request-many");
    await requester.press("action_request_credential");
    await requester.choose("template_ids", "Qualification Certificate");
    await requester.type("request_reason", "End of the course");
    await requester.click(`${field("open_register")} input`);
    await requester.find(".modal .alert-warning:visible").waitFor();
    await shoot(requester, "request-wizard");
    await requester.click(`.modal-footer ${button("action_request")}`);
    await requester.page.waitForURL("**/lrm-register*");
}

async function issue(admin) {
    await admin.menu("lrm", "lrm_dashboard_menu");
    await shoot(admin, "dashboard");
    await admin.menu(...REGISTER);
    for (const learner of LEARNERS) {
        await admin.tick(learner);
    }
    await shoot(admin, "register");
    await admin.press("action_preview");
    await admin.find(field("combined_pdf")).first().waitFor();
    await shoot(admin, "preview");
    await admin.press("action_issue_selected");
    await admin.click(`.modal ${field("final")} input[data-value="yes"]`);
    await admin.type("status_reason", "Completed the course");
    await admin.click(`.modal ${field("with_mail_merge")} input`);
    await shoot(admin, "issue");
    await admin.click(`.modal-footer ${button("action_issue")}`);
    await admin.find(field("mail_merge_xlsx")).waitFor();
    await shoot(admin, "log");
    await admin.click('.o_notebook_headers a[name="combined"]');
    await drawn(admin);
    await admin.find("iframe.o_pdfview_iframe").first().scrollIntoViewIfNeeded();
    await shoot(admin, "print");
}

async function after(admin, learner) {
    await admin.menu("lrm-0323", "lrm_report_menu", "lrm_credential_menu_0323");
    await admin.click(".o_group_header");
    await shoot(admin, "report");
    await admin.find(".o_data_row .o_data_cell").first().click();
    await admin.find(".o_form_view").waitFor();
    await drawn(admin);
    await shoot(admin, "credential");
    const link = admin.find(`${field("verification_url")} a`);
    // The public address of the sample data leads nowhere.
    await learner.page.goto(new URL(await link.getAttribute("href")).pathname);
    await learner.page.screenshot({path: `${FOLDER}/verification.png`});
}

async function configure(admin) {
    await admin.open("action-lrm_credentials.lrm_settings_action");
    await admin.find(".o_form_view").waitFor();
    await shoot(admin, "settings");
    await admin.open("action-lrm_credentials.lrm_credential_template_action");
    await admin.find(".o_data_row .o_data_cell[name=name]").first().click();
    await admin.find(".o_form_view").waitFor();
    await shoot(admin, "template");
}

/** What Odoo's Apps and README show first: the register, and a certificate from it. */
async function banner(person) {
    const data = (path) =>
        `data:image/png;base64,${readFileSync(path).toString("base64")}`;
    await person.page.setViewportSize({width: 1200, height: 600});
    await person.page.setContent(`
        <body style="margin: 0; background: linear-gradient(120deg, #f3eef2, #d9e2ee)">
            <img src="${data(`${FOLDER}/register.png`)}" style="position: absolute;
                left: 50px; top: 60px; width: 840px; border-radius: 8px;
                box-shadow: 0 8px 30px #0004">
            <img src="${data(`${FOLDER}/out/certificate.png`)}" style="position: absolute;
                right: 60px; top: 40px; height: 520px; box-shadow: 0 8px 30px #0006">
        </body>`);
    await person.page.screenshot({path: `${FOLDER}/banner.png`});
}

/** The register from right to left. */
async function arabic(admin, reader) {
    await admin.page.evaluate(async () => {
        const {rpc} = odoo.loader.modules.get("@web/core/network/rpc");
        const {user} = odoo.loader.modules.get("@web/core/user");
        await rpc("/web/dataset/call_kw/res.users/write", {
            model: "res.users",
            method: "write",
            args: [[user.userId], {lang: "ar_001"}],
            kwargs: {},
        });
    });
    // A session keeps the language that it began with.
    await reader.login("lrmadmin", "lrmadmin");
    await reader.open("lrm-register");
    await shoot(reader, "arabic");
}

async function main() {
    await withBrowser(async (browser) => {
        const at = (size) =>
            Person.at(browser, {url: process.env.URL, size, context: size ? {} : SIZE});
        const requester = await at();
        await requester.login("requester", "requester");
        await prepare(requester);
        await request(requester);
        const admin = await at();
        await admin.login("lrmadmin", "lrmadmin");
        await issue(admin);
        await after(admin, await at("phone"));
        await configure(admin);
        await arabic(admin, await at());
        await banner(await at());
    });
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
