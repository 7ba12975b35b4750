import ipaddress
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

HOUR = timedelta(hours=1)
LIMIT = 20  # attempts of one address in each hour
TRIES = 10


class LrmVerificationAttempt(models.Model):
    """How often an address has tried to guess on the public verification page.

    Counted in the database, as each worker is a process of its own. One row for each
    address and hour, at most; those of past hours are deleted every day. An address is
    kept as a keyed digest only.
    """

    _name = "lrm.verification.attempt"
    _description = "Attempts to Verify a Credential"
    _log_access = False

    address = fields.Char(required=True)
    since = fields.Datetime(string="Hour", required=True)
    attempts = fields.Integer(required=True)

    _address_uniq = models.Constraint(
        "UNIQUE(address, since)", "An address is counted once in each hour."
    )

    @api.model
    def _allow(self, address):
        """Count one attempt of an address (str); tell whether it is within the limit.

        In a transaction of its own, so that it counts whatever becomes of the request.
        When another of the same address was counted in the meantime, it is repeated;
        ten of them in a row are too many anyhow.
        """
        for _try in range(TRIES):
            try:
                with self.env.registry.cursor() as cr:
                    return self._count(cr, self._digest(address))
            except SerializationFailure:
                continue
        return False

    @api.model
    def _count(self, cr, digest):
        """Count one attempt with the cursor `cr`; return whether there was room."""
        query = SQL(
            """
            INSERT INTO lrm_verification_attempt AS known (address, since, attempts)
            VALUES (%s, %s, 1)
            ON CONFLICT (address, since) DO UPDATE SET attempts = known.attempts + 1
            WHERE known.attempts < %s
            RETURNING id
            """,
            digest,
            self._hour(),
            LIMIT,
        )
        cr.execute(query, log_exceptions=False)
        return bool(cr.fetchall())

    @api.model
    def _hour(self):
        """Return when the current hour began."""
        return fields.Datetime.now().replace(minute=0, second=0)

    @api.model
    def _wait(self):
        """Return in how many seconds the next hour begins."""
        return (self._hour() + HOUR - fields.Datetime.now()).seconds

    @api.model
    def _digest(self, address):
        """Return what stands for an address in the database.

        One customer of IPv6 has 2⁶⁴ addresses: they count as one.
        """
        try:
            place = ipaddress.ip_address(address)
        except ValueError:  # none, behind a Unix socket
            place = ""
        if place and place.version == 6:
            place = place.ipv4_mapped or ipaddress.ip_network((place, 64), strict=False)
        return hmac(self.env(su=True), self._name, str(place))

    @api.autovacuum
    def _gc_attempts(self):
        """Delete what no longer counts: by SQL, as there may be many."""
        self.env.cr.execute(
            SQL("DELETE FROM lrm_verification_attempt WHERE since < %s", self._hour())
        )
