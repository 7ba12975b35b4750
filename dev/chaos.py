"""Breaks a real server while it issues many credentials, and checks what is left.

Run by dev/chaos. Each scenario has a fresh copy of one database with requests. An LRM
admin starts a run as the browser would, something breaks, and in the end `check` reads
the tables and the files: what the addon says about itself counts for little here.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import psycopg2.extras

CHAOS = Path(os.environ["CHAOS"])
LOG = CHAOS.parent / "log"
FILESTORE = CHAOS / "data" / "filestore"
PROGRAM = CHAOS / "bin" / "wkhtmltopdf"  # first in PATH
PG_CTL = os.environ["CHAOS_PG_CTL"].split()
PG_PID = Path(os.environ["PGHOST"], "data", "postmaster.pid")
ADMINS = "lrmadmin", "lrmadmin2"
# Those on hold are refused, and second requests of those who get a certificate as well.
CERTIFICATES, STATEMENTS, ON_HOLD, SECOND = 300, 160, 20, 20
LIMIT = 120  # larger runs go to the background
ENDS = 90  # seconds, for whatever nobody disturbs
IDLE = 62  # seconds until Odoo, just started, looks for work that nobody told it of
# Bytes that the disk gets more, each time it was full: enough for one chunk, not for
# two. What did not fit is there until Odoo's daily clean-up.
ROOM = 6 << 20


class Violation(Exception):
    """Something is not as it must be."""


def expect(holds, what):
    if not holds:
        raise Violation(what)


def wait(condition, seconds, what, pause=0.005):
    """Return what `condition` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        expect(time.monotonic() < end, f"{what}: not within {seconds} s")
        time.sleep(pause)
    return value


def query(database, statement, *values):
    """Return the rows, as named tuples."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor(
            cursor_factory=psycopg2.extras.NamedTupleCursor
        ) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


# ---------------------------------------------------------------- server


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A real Odoo server of one database, in a process group of its own."""

    def __init__(self, database, workers=0):
        self.database = database
        self.options = ["--workers", str(workers), "--max-cron-threads", "1"]
        self.port = free_port()
        self.process = None

    def start(self):
        command = ["python", CHAOS / "odoo-bin", "-d", self.database, *self.options]
        command += ["--db-filter", f"^{self.database}$", "-p", str(self.port)]
        command += ["--gevent-port", str(free_port())]
        command += ["--logfile", str(LOG / f"{self.database}.log")]
        # However this script ends, the server does not outlive it.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait(self.answers, ENDS, "The server starts")

    def answers(self):
        expect(self.process.poll() is None, "The server ended by itself")
        try:
            self.call("admin", "res.users", "search_count", [])
        except OSError:
            return False
        return True

    def end(self, number=signal.SIGKILL):
        """Send a signal, SIGKILL to the whole group; return the exit code."""
        if self.process and self.process.poll() is None:
            send = os.kill if number == signal.SIGTERM else os.killpg
            send(self.process.pid, number)
            self.process.wait(ENDS)
        return self.process and self.process.returncode

    def children(self):
        try:
            parent = psutil.Process(self.process.pid)
            return [child.name() for child in parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def call(self, login, model, method, *arguments, **options):
        """Call a public method as this user; raise Violation with what it raises."""
        service = [self.database, uid(self.database, login), login]
        body = {
            "service": "object",
            "method": "execute_kw",
            "args": [*service, model, method, arguments, options],
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/jsonrpc",
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": body}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=300) as response:
            answer = json.load(response)
        if "error" in answer:
            raise Violation(f"{model}.{method}: {answer['error']['data']['message']}")
        return answer.get("result")


def uid(database, login):
    found = query(database, "SELECT id FROM res_users WHERE login = %s", login)
    return found and found[0].id


# ---------------------------------------------------------------- requests


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


# ---------------------------------------------------------------- what must hold


def pages(path):
    """Return the text of each page of a PDF."""
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True)
    return [" ".join(page.split()) for page in text.stdout.decode().split("\f")[:-1]]


def check(server, runs):
    """Raise Violation unless each credential was issued once and wholly, or not at all.

    :param runs: ids of the runs that have ended
    :return: what became of the credentials, as a sentence
    """
    database = server.database
    credentials = query(database, "SELECT * FROM lrm_credential ORDER BY id")
    by_id = {row.id: row for row in credentials}
    issued = {row.id: row for row in credentials if row.state == "issued"}
    numbers = [row.number for row in credentials]
    expect(len(set(numbers)) == len(numbers), "A number was given twice")

    files = {}
    for row in stored(database, "lrm.credential", "document"):
        expect(row.res_id in issued, f"{row.res_id} has a document, but is not issued")
        expect(row.res_id not in files, f"{row.res_id} has two documents")
        files[row.res_id] = FILESTORE / database / row.store_fname
    expect(files.keys() == issued.keys(), "A document is missing")
    with ThreadPoolExecutor(2) as readers:
        texts = dict(zip(files, readers.map(pages, files.values()), strict=True))
    for key, path in files.items():
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        expect(digest == issued[key].document_sha256, f"{key}: another document")
        expect(content.startswith(b"%PDF-"), f"{key}: no PDF")
        expect(issued[key].number in " ".join(texts[key]), f"{key}: not its number")

    check_ledger(database, issued)
    check_enrolments(database, issued)
    done = [line for run in runs for line in check_run(database, run, by_id, texts)]
    expect(sorted(done) == sorted(issued), "Runs say they made something else")
    problems = integrity_problems(server)
    expect(not problems, f"The ledger complains: {problems[:3]}")
    return f"{len(issued)} of {len(credentials)} issued"


def stored(database, model, field, record=None):
    """Return the attachments that hold a binary field, of one or of all records."""
    statement = """
        SELECT res_id, store_fname FROM ir_attachment
        WHERE res_model = %s AND res_field = %s AND res_id = coalesce(%s, res_id)
    """
    return query(database, statement, model, field, record)


def check_ledger(database, issued):
    entries = query(database, "SELECT * FROM lrm_register_entry ORDER BY sequence")
    events = Counter((entry.event, entry.credential_id) for entry in entries)
    expect(
        events == Counter(("issued", key) for key in issued), "Entries of the ledger"
    )
    last = ""
    for place, entry in enumerate(entries, start=1):
        content = f"{last}\n{entry.payload}".encode()
        last = f"$1${hashlib.sha256(content).hexdigest()}"
        expect((entry.sequence, entry.hash) == (place, last), f"Entry {place} is wrong")


def check_enrolments(database, issued):
    finals = {row.enrolment_id: row for row in issued.values() if row.is_final}
    expect(len(finals) == len(issued), "Not all are final, or two of one enrolment are")
    for row in query(database, "SELECT * FROM lrm_course_enrolment"):
        final = finals.get(row.id)
        awarded = (True, final.number, final.credential_date) if final else (False,)
        found = bool(row.qual_issued), row.parchment_number, row.qual_issued_date
        expect(found[: len(awarded)] == awarded, f"Enrolment {row.id}: {found}")
        expect(final or not any(found), f"Enrolment {row.id}: {found}")


def check_run(database, run, credentials, texts):
    """Check the lines and the print file of one run; return what it has made."""
    state, _finished, pending = progress(run, database)
    expect((state, pending) == ("done", 0), f"Run {run}: {state}, {pending} wait")
    statement = (
        "SELECT * FROM lrm_credential_run_line WHERE run_id = %s ORDER BY sequence"
    )
    lines = query(database, statement, run)
    done = [line.credential_id for line in lines if line.state == "done"]
    for line in lines:
        is_issued = credentials[line.credential_id].state == "issued"
        expect(line.state in ("done", "refused"), f"{line.state}: {line.message}")
        expect(line.message or line.state == "done", f"Line {line.id} says nothing")
        expect(is_issued or line.state != "done", f"Line {line.id} is not issued")
        if is_issued and line.state != "done":
            expect("already" in line.message, f"Line {line.id}: {line.message}")
    expected = [page for key in done for page in texts[key]]
    files = stored(database, "lrm.credential.run", "combined_pdf", run)
    expect(len(files) == bool(done), f"Run {run} has {len(files)} print files")
    for file in files:
        made = pages(FILESTORE / database / file.store_fname)
        expect(made == expected, f"Run {run}: the pages of its print file")
    return done


def integrity_problems(server):
    """Ask the addon itself, which sees the ledger and the files."""
    code = (
        "action = {'found': env['lrm.register.entry']._integrity_problems(env.company)}"
    )
    model = query(
        server.database, "SELECT id FROM ir_model WHERE model = 'res.company'"
    )
    action = {"name": "Chaos", "state": "code", "model_id": model[0].id, "code": code}
    (key,) = server.call("admin", "ir.actions.server", "create", [action])
    return server.call("admin", "ir.actions.server", "run", [key])["found"]


# ---------------------------------------------------------------- scenarios


def printing(server, _run):
    return "wkhtmltopdf" in server.children()


def sealing(server, _run):
    """Somebody holds the ledger."""
    statement = """
        SELECT 1 FROM pg_locks WHERE relation = 'lrm_register_head'::regclass
        AND mode = 'ExclusiveLock' AND granted
    """
    return query(server.database, statement)


def combining(server, run):
    state, _finished, pending = progress(run, server.database)
    return state == "running" and not pending


def break_at(moments, server, run, do, first_alone=False):
    """Call `do` at a random time within each of the moments; see the run go on.

    There is progress between two of them. Odoo is told that there is work, as anybody
    who queues anything does it; with `first_alone`, only after the first time.

    :return: what was done, with the longest time that it took to go on
    """
    dice, before, told, times = random.Random(7), -1, [], []

    def due():
        now = progress(run, server.database)
        expect(now.state not in ("stopped", "done"), f"The run is {now.state} too soon")
        return now.finished > before and moment(server, run)

    def goes_on():
        if server.process.poll() is not None:
            server.start()  # as whatever supervises it would
        if not (first_alone and len(told) == 1):
            # What Odoo does whenever anybody queues anything.
            query("postgres", "SELECT pg_notify('cron_trigger', %s)", server.database)
        now = progress(run, server.database)
        return now.finished > before or now.state == "done"

    for moment in moments:
        wait(due, ENDS, f"It is {moment.__name__}")
        time.sleep(dice.uniform(0, 0.15))
        do(moment)
        before = progress(run, server.database).finished
        told.append(f"{moment.__name__} at {before}")
        begun = time.monotonic()
        wait(goes_on, IDLE + ENDS, "The run goes on by itself", 0.5)
        times.append(time.monotonic() - begun)
    ended(server, run, "done")
    alone = f"by itself after {times.pop(0):.0f} s, woken " if first_alone else ""
    return f"{', '.join(told)}; went on {alone}within {max(times):.0f} s"


def kill(server):
    """kill -9 of the server with all its processes."""
    run = issue(server)
    moments = printing, sealing, printing, sealing, sealing, combining

    def do(_moment):
        server.end(signal.SIGKILL)
        server.start()

    return [run], break_at(moments, server, run, do, first_alone=True)


def stop(server):
    """SIGTERM, and started again."""
    run, codes = issue(server), set()

    def do(_moment):
        codes.add(server.end(signal.SIGTERM))
        server.start()

    told = break_at((printing, sealing, combining), server, run, do)
    expect(codes == {0}, f"The server ended with {codes}")
    return [run], told


def postgres(server):
    """PostgreSQL restarted at once; its kill -9 while printing."""
    run = issue(server)

    def do(moment):
        if moment is printing:
            os.kill(int(PG_PID.read_text().split()[0]), signal.SIGKILL)
        else:
            pg_ctl("stop", "-m", "immediate")
        # Not before the last one of its processes is gone.
        wait(lambda: pg_ctl("start"), ENDS, "PostgreSQL starts")

    told = break_at((sealing, printing, combining), server, run, do)
    # Workers for HTTP notice a lost connection by the next request, which fails.
    server.end()
    server.start()
    return [run], told


def pg_ctl(*arguments):
    """Tell whether it worked."""
    process = subprocess.run([*PG_CTL, *arguments], cwd="/", capture_output=True)
    return process.returncode == 0


def program(server):
    """wkhtmltopdf taken away, and put back."""
    run = issue(server)
    wait(lambda: progress(run, server.database).finished, ENDS, "The run goes on")
    hidden = PROGRAM.rename(PROGRAM.with_name("hidden"))
    try:
        ended(server, run, "stopped")
    finally:
        hidden.rename(PROGRAM)
    waiting = progress(run, server.database).pending
    resume(server, run)
    ended(server, run, "done")
    return [run], f"stopped with a sentence, {waiting} waiting; went on with Resume"


def disk(server):
    """The file store on a disk that is full again and again."""
    folder = FILESTORE / server.database
    sizes = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
    room = sum(-(-size // 4096) * 4096 for size in sizes) + ROOM // 2
    kept = folder.rename(folder.with_name("kept"))
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={room}", "chaos", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        return [], "SKIPPED, because it needs the right to mount a small disk"
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    run, told = issue(server), []
    while ended(server, run, "stopped", "done") == "stopped":
        told.append(str(progress(run, server.database).finished))
        expect(len(told) < 12, f"The disk is full at {', '.join(told)}")
        room += ROOM
        subprocess.run(["mount", "-o", f"remount,size={room}", folder], check=True)
        resume(server, run)
    expect(told, "The disk was large enough")
    return [run], f"full at {', '.join(told)}, each time with a sentence and Resume"


def rivals(server):
    """Two LRM admins issue the same at once, beside a run in the background."""
    runs = [issue(server)]
    with ThreadPoolExecutor(2) as pool:
        halves = (250, 350, ADMINS[0]), (300, 400, ADMINS[1])
        runs += pool.map(lambda half: issue(server, *half), halves)
    made = []
    for run in runs:
        ended(server, run, "done")
        statement = """SELECT count(*) FROM lrm_credential_run_line
                       WHERE run_id = %s AND state = 'done'"""
        made.append(str(query(server.database, statement, run)[0].count))
    return runs, f"they made {', '.join(made)}"


WORKERS = {stop: 0, program: 0, disk: 0, rivals: 2, kill: 0, postgres: 2}  # for HTTP
# The rest of Odoo would wake the first, and would break with the second.
ALONE = kill, postgres


def play(scenario):
    """Run one scenario on a database of its own; tell whether all was as it must be."""
    database = f"chaos_{scenario.__name__}"
    query("postgres", f"CREATE DATABASE {database} TEMPLATE chaos_template")
    # Else a crash sets back the sequences of a database that was copied just now.
    query("postgres", "CHECKPOINT")
    shutil.copytree(FILESTORE / "chaos_template", FILESTORE / database)
    server, begun = Server(database, WORKERS[scenario]), time.monotonic()
    verdict = "ok"
    try:
        server.start()
        runs, told = scenario(server)
        told += f"; {check(server, runs)}" if runs else ""
    except Exception as error:  # one that fails must not hide the others
        verdict, told = "FAILED", f"{error!r}; see .dev/log/{database}.log"
    finally:
        server.end()
    title = scenario.__doc__.rstrip(".")
    took = time.monotonic() - begun
    print(f"{verdict:6} {database[6:]:8} {title}: {told}; {took:.0f} s", flush=True)
    return verdict == "ok"


def main():
    # At once, threads or not: the servers end with it, and dev/chaos clears up.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    begun = time.monotonic()
    picked = os.environ.get("T", "").split()
    scenarios = [s for s in WORKERS if not picked or s.__name__ in picked]
    for old in LOG.glob("chaos_*.log"):
        old.unlink()
    template = Server("chaos_template")
    template.start()
    fill(template)
    template.end(signal.SIGTERM)
    print(f"Requests to issue … {time.monotonic() - begun:.0f} s", flush=True)
    with ThreadPoolExecutor(2) as pool:
        good = list(pool.map(play, [s for s in scenarios if s not in ALONE]))
    good += [play(scenario) for scenario in scenarios if scenario in ALONE]
    print(f"{sum(good)} of {len(good)} as it must be; {time.monotonic() - begun:.0f} s")
    sys.exit(not (good and all(good)))


if __name__ == "__main__":
    main()
