"""The requests that dev/chaos.py has issued, and the runs that issue them."""

import random

from chaos_server import ENDS, expect, query, wait

ADMINS = "lrmadmin", "lrmadmin2"
# Those on hold are refused, and second requests of those who get a certificate as well.
CERTIFICATES, STATEMENTS, ON_HOLD, SECOND = 120, 64, 8, 8
LIMIT = 60  # larger runs go to the background


def fill(server):
    """Create the learners and the requests, as the office would."""

    def create(model, values, login=ADMINS[0]):
        return server.call(login, model, "create", values)

    def ref(name):
        statement = "SELECT res_id FROM ir_model_data WHERE module || '.' || name = %s"
        return query(server.database, statement, name)[0].res_id

    groups = [(4, ref("lrm_credentials.group_lrm_admin"))]
    users = [
        {"login": u, "name": u, "password": u, "group_ids": groups} for u in ADMINS
    ]
    create("res.users", users, "admin")
    company = {
        "country_id": ref("base.au"),
        "lrm_profile": "au_vet",
        "lrm_outcome_list": "national",
        "lrm_rto_code": "45999",
        "lrm_run_limit": LIMIT,
        "lrm_default_officer_id": create("lrm.issuing.officer", [{"name": "Mei"}])[0],
    }
    server.call("admin", "res.company", "write", [1], company)
    units = create("lrm.unit", [{"code": f"UNIT{n}", "name": "Work"} for n in range(6)])
    course = {"name": "Work", "unit_ids": [(6, 0, units)], "packaging_count": 6}
    kinds = "qualification", "skill_set"
    courses = create("lrm.course", [course | {"code": k, "kind": k} for k in kinds])
    offers = create(
        "lrm.course.offer", [{"code": f"OFFER{c}", "course_id": c} for c in courses]
    )
    learner = {
        "is_lrm_client": True,
        "lrm_family_name": "Lee",
        "lrm_birth_date": "1994-05-17",
        "lrm_usi": "ABCDEFGH23",
        "lrm_usi_status": "verified",
    }
    # Some of the qualification, then those of the skill set, then some on hold.
    certified = CERTIFICATES + STATEMENTS
    sets = range(CERTIFICATES, certified)
    count = range(certified + ON_HOLD)
    enrolments = [
        {
            "partner_id": partner,
            "offer_id": offers[n in sets],
            "state": "completed",
            "date_completed": "2025-11-20",
            "hold": n >= certified,
            "hold_reason": "Fees outstanding",
        }
        for n, partner in enumerate(
            create(
                "res.partner", [learner | {"lrm_first_name": f"A{n}"} for n in count]
            )
        )
    ]
    enrolments = create("lrm.course.enrolment", enrolments)
    outcome = ref("lrm_credentials.outcome_national_20")
    taken = server.call(ADMINS[0], "lrm.unit.enrolment", "search", [])
    values = {"outcome_id": outcome, "date_end": "2025-11-14"}
    server.call(ADMINS[0], "lrm.unit.enrolment", "write", taken, values)
    kinds = [ref(f"lrm_credentials.template_{k}") for k in ("certificate", "statement")]
    wanted = [(key, kinds[n in sets]) for n, key in enumerate(enrolments)]
    wanted += [(key, kinds[1]) for key in enrolments[:SECOND]]
    random.Random(1).shuffle(wanted)
    names = "enrolment_id", "template_id", "credential_date"
    requests = [dict(zip(names, (*pair, "2025-12-01"), strict=True)) for pair in wanted]
    create("lrm.credential", requests)


def issue(server, start=0, stop=None, login=ADMINS[0]):
    """Issue these of the requests as this LRM admin; return the id of the run."""
    found = query(server.database, "SELECT id FROM lrm_credential ORDER BY id")
    keys = [row.id for row in found][start:stop]
    action = server.call(login, "lrm.credential", "action_issue", keys)
    values = {"final": "yes", "status_reason": "Completed", "with_mail_merge": True}
    context = action["context"]
    key = server.call(login, action["res_model"], "create", values, context=context)
    return server.call(login, action["res_model"], "action_issue", [key])["res_id"]


def progress(run, database):
    """Return (state, number of lines that are finished, number that wait)."""
    statement = """
        SELECT run.state, count(*) FILTER (WHERE line.state != 'pending') AS finished,
            count(*) FILTER (WHERE line.state = 'pending') AS pending
        FROM lrm_credential_run run
        JOIN lrm_credential_run_line line ON line.run_id = run.id
        WHERE run.id = %s GROUP BY run.id
    """
    return query(database, statement, run)[0]


def ended(server, run, *states):
    """Wait until the run has come to one of these states, and not to another."""

    def end():
        state = progress(run, server.database).state
        return state in ("stopped", "done") and state

    state = wait(end, ENDS, "The run ends")
    statement = "SELECT problem FROM lrm_credential_run WHERE id = %s"
    problem = query(server.database, statement, run)[0].problem
    expect(state in states, f"The run is {state}: {problem}")
    expect(bool(problem) == (state == "stopped"), f"The run is {state}: {problem}")
    return state


def resume(server, run):
    server.call(ADMINS[0], "lrm.credential.run", "action_resume", [run])
