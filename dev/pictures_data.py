"""What the pictures show beside the demo job: a course offer whose credentials are due.

Run by dev/pictures inside `odoo shell` (which provides `env`), after dev/demo_job.py.
"""

LEARNERS = [
    "Amelia Wells",
    "Hannah Goldberg",
    "Jack William Thompson",
    "Matilda Rose Kelly",
    "Noah Campbell",
    "Xiaoming Wang",
    "Yuki Tanaka",
]
SHORT = "Noah Campbell"  # of competent units, so refused


def main():
    competent = env.ref("lrm_credentials.outcome_national_20")  # noqa: F821
    not_competent = env.ref("lrm_credentials.outcome_national_30")  # noqa: F821
    offer = env.ref("lrm_credentials.offer_bsb50420").copy(  # noqa: F821
        {
            "code": "BSB50420-2025-EVE",
            "name": "Diploma of Leadership and Management, evenings, 2025",
        }
    )
    partners = env["res.partner"]  # noqa: F821
    for name in LEARNERS:
        learner = partners.search([("name", "=", name)], limit=1)
        # Their other enrolments are elsewhere; here only names are wanted.
        learner.lrm_usi_status = "verified"
        enrolment = env["lrm.course.enrolment"].create(  # noqa: F821
            {
                "partner_id": learner.id,
                "offer_id": offer.id,
                "state": "completed",
                "date_completed": "2025-11-20",
            }
        )
        units = enrolment.unit_enrolment_ids
        units.write({"outcome_id": competent.id, "date_end": "2025-11-14"})
        if name == SHORT:
            units.outcome_id = not_competent
    settings = env["ir.config_parameter"]  # noqa: F821
    settings.set_param("web.base.url", "https://credentials.southerncross.example")
    settings.set_param("web.base.url.freeze", "True")
    env["res.users"].search([]).odoobot_state = "disabled"  # noqa: F821
    env["res.lang"]._activate_lang("ar_001")  # noqa: F821
    env.cr.commit()  # noqa: F821


main()
