"""What must hold after dev/chaos.py broke something, read from tables and files."""

import hashlib
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from chaos_requests import progress
from chaos_server import CHAOS, expect, query

FILESTORE = CHAOS / "data" / "filestore"


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
