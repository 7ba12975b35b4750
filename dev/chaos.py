"""Breaks a real server while it issues many credentials, and checks what is left.

Run by dev/chaos. Each scenario has a fresh copy of one database with requests. An LRM
admin starts a run as the browser would, something breaks, and in the end `check` reads
the tables and the files: what the addon says about itself counts for little here.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos_check import FILESTORE, check
from chaos_requests import ADMINS, ended, fill, issue, progress, resume
from chaos_server import CHAOS, ENDS, LOG, Server, expect, query, wait

PROGRAM = CHAOS / "bin" / "wkhtmltopdf"  # first in PATH
PG_CTL = os.environ["CHAOS_PG_CTL"].split()
PG_PID = Path(os.environ["PGHOST"], "data", "postmaster.pid")
IDLE = 62  # seconds until Odoo, just started, looks for work that nobody told it of
# Bytes that the disk gets more, each time it was full: enough for one chunk, not two.
ROOM = 5 << 19


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
        wait(goes_on, IDLE + ENDS, "The run goes on by itself", 0.1)
        times.append(time.monotonic() - begun)
    ended(server, run, "done")
    alone = f"by itself after {times.pop(0):.0f} s, woken " if first_alone else ""
    return f"{', '.join(told)}; went on {alone}within {max(times):.0f} s"


def kill(server):
    """kill -9 of the server with all its processes."""
    run = issue(server)
    moments = printing, sealing, printing, combining

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
        halves = (90, 140, ADMINS[0]), (115, 165, ADMINS[1])
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
