"""Hashing of the sealed register: pure functions, no database.

Anyone with an export of the ledger can repeat these few lines in any language.
"""

import hashlib
import json

VERSION = 1


def canonical(data):
    """Return `data` (dicts, lists, strings, integers, booleans) as canonical JSON."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def salted_digest(salt, data):
    """Return the hexadecimal SHA-256 of `data` that nobody can guess without `salt`."""
    return hashlib.sha256((salt + canonical(data)).encode()).hexdigest()


def chain_hash(previous_hash, payload, version=VERSION):
    """Return the hash that seals `payload` after `previous_hash`.

    :param previous_hash: hash of the entry before, "" for the first
    :param payload: canonical JSON (str)
    :param version: of this algorithm; kept in the hash as `$1$…`, so that entries
        sealed by an older one can still be checked
    :raise ValueError: for a version that this code does not know
    """
    if version != VERSION:
        raise ValueError(f"Unknown ledger version {version}")
    content = f"{previous_hash}\n{payload}".encode()
    return f"${version}${hashlib.sha256(content).hexdigest()}"


def chain_end(sequence, last_hash):
    """Return the end of a chain as people copy it, False when the chain is empty.

    :param sequence: number of the last entry
    :param last_hash: its hash
    """
    return bool(last_hash) and f"{sequence} {last_hash}"


def hash_version(value):
    """Return the version (int) that a stored hash names, None when it names none."""
    parts = value.split("$") if value else []
    return int(parts[1]) if len(parts) == 3 and parts[1].isdigit() else None
