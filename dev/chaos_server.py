"""A real Odoo server for dev/chaos.py, and its database as nobody but SQL sees it."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import psycopg2.extras

CHAOS = Path(os.environ["CHAOS"])
LOG = CHAOS.parent / "log"
ENDS = 90  # seconds, for whatever nobody disturbs


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
