#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The second client against the vectors that the C code pinned: every byte of
Seal v1, stanzas, signatures and packed bodies, computed independently."""

import json
import math
import sys
import unittest
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/python"))
import passerelle_client as second  # noqa: E402

VECTORS = json.loads((ROOT / "tests/data/seal-v1-vectors.json").read_text())


def bucket_formula(length):
    """Padme as the page states it, in floating point."""
    length = max(length, 256)
    exponent = math.floor(math.log2(length))
    step = 2 ** (exponent - (math.floor(math.log2(exponent)) + 1))
    return math.ceil(length / step) * step


def unhex(row, *names):
    return [bytes.fromhex(row[name]) for name in names]


class Vectors(unittest.TestCase):
    def test_seals_are_the_same_byte_for_byte(self):
        for row in VECTORS["seals"]:
            key, salt, object_id, case_id, commitment = unhex(row, "key", "salt", "object", "case", "commitment")
            plain = bytes((7 * i + 3) % 251 for i in range(row["plain_length"]))
            sealed, com = second.seal(key, plain, object_id, row["author"], case_id, row["kind"], row["index"], salt)
            self.assertEqual(com, commitment)
            self.assertEqual(second.sha256(sealed).hex(), row["sealed_sha256"])
            self.assertEqual(second.tree_hash(sealed).hex(), row["sealed_tree_hash"])
            opened = second.open_seal(key, sealed, commitment, object_id, row["author"], case_id, row["kind"], row["index"])
            self.assertEqual(opened, plain)
            with self.assertRaises(second.Untrue):
                second.open_seal(key, sealed, commitment, object_id, row["author"], case_id, row["kind"], row["index"] + 1)

    def test_stanzas_open_with_the_private_key(self):
        for row in VECTORS["stanzas"]:
            own = serialization.load_pem_private_key(row["private_key"].encode(), None)
            identity, object_id, header, enc, ct, key = unhex(row, "key_id", "object", "header", "enc", "ct", "key")
            self.assertEqual(second.key_id(own.public_key()), identity)
            self.assertEqual(second.header_hash(header).hex(), row["header_hash"])
            aad = second.header_hash(header)
            self.assertEqual(second.hpke_open(row["kem"], enc, own, second.stanza_info(object_id, identity), aad, ct), key)
            with self.assertRaises(second.Untrue):
                second.hpke_open(row["kem"], enc, own, second.stanza_info(object_id, identity), second.sha256(aad), ct)

    def test_signatures_fit_and_only_these(self):
        for row in VECTORS["signatures"]:
            key = serialization.load_der_public_key(bytes.fromhex(row["public_key"]))
            message, signature = unhex(row, "message", "signature")

            def check(text):
                if isinstance(key, ed25519.Ed25519PublicKey):
                    key.verify(signature, text)
                else:
                    key.verify(signature, text, ec.ECDSA(hashes.SHA256()))

            check(row["domain"].encode() + b"\0" + message)
            with self.assertRaises(InvalidSignature):
                check(row["domain"].encode() + message)

    def test_packed_bodies_unpack(self):
        for row in VECTORS["contents"]:
            body, plain = unhex(row, "body", "plain")
            self.assertEqual(second.unpack_body(plain), body)
            self.assertEqual(len(plain), second.bucket(len(plain)))

    def test_buckets_follow_the_formula(self):
        for length in [*range(1, 5000), 10**6, 123456789]:
            self.assertEqual(second.bucket(length), bucket_formula(length))


if __name__ == "__main__":
    unittest.main()
