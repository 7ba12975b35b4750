"""Hashing of the sealed register: plain functions, no database."""

import hashlib

from odoo.tests import BaseCase, tagged

from odoo.addons.lrm_credentials.ledger import (
    canonical,
    chain_hash,
    hash_version,
    salted_digest,
)


@tagged("standard", "post_install", "-at_install")
class TestCanonical(BaseCase):
    def test_keys_are_sorted_at_every_level(self):
        self.assertEqual(
            canonical({"b": {"d": 1, "c": 2}, "a": []}), '{"a":[],"b":{"c":2,"d":1}}'
        )

    def test_order_of_a_dictionary_does_not_matter(self):
        self.assertEqual(canonical({"a": 1, "b": 2}), canonical({"b": 2, "a": 1}))

    def test_order_of_a_list_matters(self):
        self.assertNotEqual(canonical([1, 2]), canonical([2, 1]))

    def test_result_is_plain_ascii(self):
        self.assertEqual(canonical("Nguyễn"), '"Nguy\\u1ec5n"')

    def test_values_of_different_types_differ(self):
        values = [0, False, None, "", "0", [], {}]
        self.assertEqual(len({canonical(value) for value in values}), len(values))


@tagged("standard", "post_install", "-at_install")
class TestSaltedDigest(BaseCase):
    def test_digest_is_sha256_of_salt_and_canonical_data(self):
        expected = hashlib.sha256(b'salt{"a":1}').hexdigest()
        self.assertEqual(salted_digest("salt", {"a": 1}), expected)

    def test_digest_depends_on_the_salt(self):
        self.assertNotEqual(salted_digest("a", {}), salted_digest("b", {}))

    def test_digest_depends_on_the_data(self):
        self.assertNotEqual(salted_digest("a", {"x": 1}), salted_digest("a", {"x": 2}))


@tagged("standard", "post_install", "-at_install")
class TestChainHash(BaseCase):
    def test_first_entry_follows_nothing(self):
        expected = "$1$" + hashlib.sha256(b'\n{"a":1}').hexdigest()
        self.assertEqual(chain_hash("", '{"a":1}'), expected)

    def test_next_entry_follows_the_hash_before(self):
        expected = "$1$" + hashlib.sha256(b"$1$abc\n{}").hexdigest()
        self.assertEqual(chain_hash("$1$abc", "{}"), expected)

    def test_hash_depends_on_what_went_before(self):
        self.assertNotEqual(chain_hash("$1$a", "{}"), chain_hash("$1$b", "{}"))

    def test_hash_depends_on_the_payload(self):
        self.assertNotEqual(chain_hash("", "{}"), chain_hash("", "[]"))

    def test_payload_cannot_pass_for_a_hash(self):
        self.assertNotEqual(chain_hash("a\nb", "c"), chain_hash("a", "b\nc\n"))

    def test_unknown_version_is_refused(self):
        with self.assertRaisesRegex(ValueError, "Unknown ledger version 2"):
            chain_hash("", "{}", version=2)

    def test_version_is_read_from_a_hash(self):
        self.assertEqual(hash_version(chain_hash("", "{}")), 1)
        self.assertEqual(hash_version("$12$abc"), 12)

    def test_something_else_has_no_version(self):
        for value in (None, False, "", "abc", "$x$abc", "1$abc", "$1$a$b"):
            with self.subTest(value):
                self.assertIsNone(hash_version(value))
