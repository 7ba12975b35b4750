/**
 * Requests a credential and issues it, as two people who have no mouse.
 *
 * Told in PLAN, as JSON: url, cookies, enrolment (path), template (name). Prints as JSON {focus: {dialog: [names of the
 * fields and buttons that Tab went through, in order]}, errors}.
 */
const {Person, withBrowser} = require("./browser");

const plan = JSON.parse(process.env.PLAN);

/** Says on what the focus is: the name of a field or button, and whether one can see that. */
function focused() {
    const node = document.activeElement;
    const {outlineStyle, boxShadow, borderBottomColor} = getComputedStyle(node);
    const named = node.closest(".o_field_widget[name], button[name]");
    return {
        name: named ? named.getAttribute("name") : node.textContent.trim(),
        inDialog: Boolean(node.closest(".modal")),
        isSeen:
            outlineStyle !== "none" ||
            boxShadow !== "none" ||
            borderBottomColor !== "rgba(0, 0, 0, 0)",
    };
}

class Typist {
    constructor(person) {
        this.person = person;
        this.keyboard = person.page.keyboard;
    }

    async press(...keys) {
        for (const key of keys) {
            await this.keyboard.press(key);
            await this.person.answered();
        }
    }

    async write(text) {
        await this.keyboard.type(text);
        await this.person.answered();
    }

    where() {
        return this.person.page.evaluate(focused);
    }

    /** Presses Tab until the focus is on this field or button; returns what it went through. */
    async tabTo(name) {
        const passed = [];
        for (let i = 0; i < 40; i++) {
            const {name: here, inDialog, isSeen} = await this.where();
            if (!inDialog || !isSeen) {
                throw new Error(`The focus is lost, or cannot be seen, on "${here}"`);
            }
            passed.push(here);
            if (here === name) {
                return passed;
            }
            await this.press("Tab");
        }
        throw new Error(`Tab never comes to ${name}: ${passed}`);
    }
}

async function main() {
    await withBrowser(async (browser) => {
        const {url, cookies} = plan;
        const focus = {};
        const requester = await Person.at(browser, {url, cookies});
        await requester.login("requester", "requester");
        await requester.page.goto(plan.enrolment);
        await requester.settled();
        let typist = new Typist(requester);
        await typist.press("Alt+r");
        await requester.find(".modal .o_form_view").waitFor();
        await requester.settled();
        focus.request = await typist.tabTo("template_ids");
        await typist.write(plan.template);
        await requester
            .find(".o-autocomplete--dropdown-item .fw-bold")
            .first()
            .waitFor();
        await typist.press("Enter", "Tab");
        focus.request.push(...(await typist.tabTo("action_request")));
        await typist.press("Enter");
        await requester.find(".modal").waitFor({state: "detached"});

        const admin = await Person.at(browser, {url, cookies});
        await admin.login("lrmadmin", "lrmadmin");
        await admin.open("lrm-register");
        typist = new Typist(admin);
        // As Odoo has it: down from the search bar into the list, and along the row.
        await typist.press("ArrowDown", "ArrowDown", "ArrowRight", "Enter");
        await admin.find(".o_form_view").waitFor();
        await admin.settled();
        await typist.press("Alt+g");
        await admin.find(".modal .o_form_view").waitFor();
        await admin.settled();
        // Odoo begins at the first field to type into: back to the first question.
        await typist.press("Shift+Tab");
        focus.issue = await typist.tabTo("final");
        await typist.press("ArrowLeft");
        focus.issue.push(...(await typist.tabTo("status_reason")));
        await typist.write("Course completed");
        await typist.press("Tab");
        focus.issue.push(...(await typist.tabTo("action_issue")));
        await typist.press("Enter");
        await admin.find('.o_field_widget[name="line_ids"]').waitFor();
        const errors = [...requester.errors, ...admin.errors];
        console.log(JSON.stringify({focus, errors}));
    });
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
