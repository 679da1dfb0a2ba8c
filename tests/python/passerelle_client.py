# SPDX-License-Identifier: Apache-2.0
"""A second client, written from proto/README.md and the .proto files alone.

It proves that the page is enough: nothing here was looked up in the C code.
Needs Debian's python3-protobuf and python3-cryptography. Section numbers in
comments are those of proto/README.md.
"""

import hashlib
import os
import secrets
import socket
import ssl
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
import hmac

PIECE = 262144
CHUNK = 16384


class Refused(Exception):
    """The hub answered with an Error frame."""

    def __init__(self, error):
        super().__init__(f"{error.reason}: {error.text}")
        self.error = error
        self.reason = error.reason


class Untrue(Exception):
    """Something received does not fit its hash, signature or key."""


def load_schema(proto_root, out):
    """Compiles the three .proto files and returns (envelope_pb2, wire_pb2, body_pb2)."""
    names = ["passerelle/v1/envelope.proto", "passerelle/v1/wire.proto", "passerelle/v1/body.proto"]
    subprocess.run(["protoc", f"--proto_path={proto_root}", f"--python_out={out}", *names], check=True)
    sys.path.insert(0, str(out))
    from passerelle.v1 import body_pb2, envelope_pb2, wire_pb2

    return envelope_pb2, wire_pb2, body_pb2


def sha256(data):
    return hashlib.sha256(data).digest()


def header_hash(header):
    return sha256(b"iss-hdr-v1\0" + header)


# Section 6: trees


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def tree_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def climb(leaf, index, size, path):
    """RFC 9162 2.1.3.2: the root that leaf and path lead to."""
    if index >= size:
        raise Untrue("leaf number beyond the tree")
    node, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise Untrue("path too long")
        if node & 1 or node == last:
            root = node_hash(step, root)
            while not node & 1 and node != 0:
                node >>= 1
                last >>= 1
        else:
            root = node_hash(root, step)
        node >>= 1
        last >>= 1
    if last != 0:
        raise Untrue("path too short")
    return root


def tree_hash(sealed):
    pieces = [sealed[at : at + PIECE] for at in range(0, len(sealed), PIECE)] or [b""]
    return tree_root([leaf_hash(piece) for piece in pieces])


# Section 4: what is inside a seal


def bucket(length):
    length = max(length, 256)
    exponent = length.bit_length() - 1
    keep = (exponent.bit_length() - 1) + 1
    step = 1 << (exponent - keep)
    return (length + step - 1) // step * step


def pack_body(body):
    packed = zlib.compress(body)
    kind, data = (1, packed) if len(packed) < len(body) else (0, body)
    plain = bytes([kind]) + struct.pack(">I", len(data)) + data
    return plain + bytes(bucket(len(plain)) - len(plain))


def unpack_body(plain):
    kind, length = plain[0], struct.unpack(">I", plain[1:5])[0]
    data, rest = plain[5 : 5 + length], plain[5 + length :]
    if len(data) != length or any(rest):
        raise Untrue("not a packed body")
    return zlib.decompress(data) if kind == 1 else data


# Section 5: Seal v1


def content_keys(key, salt, object_id, author, case_id, kind, index):
    context = b"iss-seal-v1\0" + object_id + sha256(author.encode()) + case_id + bytes([kind]) + struct.pack(">I", index)
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    okm = HKDFExpand(hashes.SHA512(), 76, info).derive(key)
    return okm[:32], okm[32:44], okm[44:]


def chunk_nonce(base, counter):
    return (int.from_bytes(base, "big") ^ counter).to_bytes(12, "big")


def seal(key, plain, object_id, author, case_id, kind, index, salt=None):
    salt = salt or os.urandom(24)
    content_key, base, commitment = content_keys(key, salt, object_id, author, case_id, kind, index)
    aead, out = AESGCM(content_key), [salt, commitment]
    for counter in range(len(plain) // CHUNK + 1):
        out.append(aead.encrypt(chunk_nonce(base, counter), plain[counter * CHUNK : (counter + 1) * CHUNK], None))
    return b"".join(out), commitment


def open_seal(key, sealed, expected_commitment, object_id, author, case_id, kind, index):
    content_key, base, commitment = content_keys(key, sealed[:24], object_id, author, case_id, kind, index)
    if not hmac.compare_digest(commitment, sealed[24:56]) or not hmac.compare_digest(commitment, expected_commitment):
        raise Untrue("the key does not fit the commitment")
    aead, out, rest, step = AESGCM(content_key), [], sealed[56:], CHUNK + 16
    count = len(rest) // step + 1
    for counter in range(count):
        chunk = rest[counter * step : (counter + 1) * step]
        try:
            out.append(aead.decrypt(chunk_nonce(base, counter), chunk, None))
        except InvalidTag as fault:
            raise Untrue("a chunk was altered") from fault
    return b"".join(out)


# HPKE, RFC 9180, base mode, single shot


def labeled_extract(suite, salt, label, ikm):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def labeled_expand(suite, prk, label, info, length):
    return HKDFExpand(hashes.SHA256(), length, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info).derive(prk)


def hpke_context(kem, shared_point, kem_context, info):
    kem_suite = b"KEM" + struct.pack(">H", kem)
    shared = labeled_expand(kem_suite, labeled_extract(kem_suite, b"", b"eae_prk", shared_point), b"shared_secret", kem_context, 32)
    suite = b"HPKE" + struct.pack(">HHH", kem, 1, 2)
    context = b"\0" + labeled_extract(suite, b"", b"psk_id_hash", b"") + labeled_extract(suite, b"", b"info_hash", info)
    secret = labeled_extract(suite, shared, b"secret", b"")
    return labeled_expand(suite, secret, b"key", context, 32), labeled_expand(suite, secret, b"base_nonce", context, 12)


def raw_public(key):
    if isinstance(key, x25519.X25519PublicKey):
        return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def hpke_seal(recipient, info, aad, plain):
    receiver = raw_public(recipient)
    if isinstance(recipient, x25519.X25519PublicKey):
        kem, own = 0x20, x25519.X25519PrivateKey.generate()
        point = own.exchange(recipient)
    else:
        kem, own = 0x10, ec.generate_private_key(ec.SECP256R1())
        point = own.exchange(ec.ECDH(), recipient)
    enc = raw_public(own.public_key())
    key, nonce = hpke_context(kem, point, enc + receiver, info)
    return kem, enc, AESGCM(key).encrypt(nonce, plain, aad)


def hpke_open(kem, enc, own, info, aad, ct):
    receiver = raw_public(own.public_key())
    if kem == 0x20:
        point = own.exchange(x25519.X25519PublicKey.from_public_bytes(enc))
    else:
        point = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), enc))
    key, nonce = hpke_context(kem, point, enc + receiver, info)
    try:
        return AESGCM(key).decrypt(nonce, ct, aad)
    except InvalidTag as fault:
        raise Untrue("the stanza does not open with this key") from fault


def key_id(public):
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(der)[:16]


def stanza_info(object_id, recipient_id):
    return b"iss-seal-v1 stanza\0" + object_id + recipient_id


# Section 1: certificates


def certificate_uri(certificate):
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1:
        raise Untrue("a certificate must carry exactly one URI")
    return uris[0]


def signed_by(certificate, issuer):
    algorithm = certificate.signature_hash_algorithm
    key = issuer.public_key()
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(certificate.signature, certificate.tbs_certificate_bytes)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(algorithm))
    else:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), algorithm)


def check_certificate(der, issuers, root, issuer_name, prefix):
    """Leaf, issuer, pinned root; time; issuer's name; prefix of the URI."""
    certificate = x509.load_der_x509_certificate(der)
    now = time.time()
    for candidate in (x509.load_der_x509_certificate(one) for one in issuers):
        name = candidate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        if candidate.subject != certificate.issuer or not name or name[0].value != issuer_name:
            continue
        try:
            signed_by(candidate, root)
            signed_by(certificate, candidate)
        except InvalidSignature:
            continue
        for one in (certificate, candidate, root):
            if not one.not_valid_before.timestamp() - 300 <= now + time_zone() <= one.not_valid_after.timestamp():
                raise Untrue("a certificate is out of its time")
        if not certificate_uri(certificate).startswith(prefix):
            raise Untrue("this authority may not issue for that name")
        return certificate
    raise Untrue("no chain to the pinned root")


def time_zone():
    # not_valid_before is a naive UTC time; timestamp() reads it as local time.
    return time.mktime(time.gmtime()) - time.mktime(time.localtime())


def verify_signature(certificate, domain, message, signature):
    key, text = certificate.public_key(), domain + b"\0" + message
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, text)
        else:
            key.verify(signature, text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as fault:
        raise Untrue("the signature does not fit") from fault


class Keys:
    """Keys and certificates of one person, as PEM files in one folder."""

    def __init__(self, folder, passphrase=None):
        folder = Path(folder)
        secret = passphrase.encode() if passphrase else None
        load = lambda name: serialization.load_pem_private_key((folder / name).read_bytes(), secret)
        self.folder = folder
        self.sign_key, self.branch_key = load("sign.key"), load("branch.key")
        self.sign_certificate = x509.load_pem_x509_certificate((folder / "sign.crt").read_bytes())
        self.author = certificate_uri(self.sign_certificate)
        self.member = self.author.split(":")[3]
        self.signer = sha256(self.sign_certificate.public_bytes(serialization.Encoding.DER))

    def sign(self, domain, message):
        text = domain + b"\0" + message
        if isinstance(self.sign_key, ed25519.Ed25519PrivateKey):
            return self.sign_key.sign(text)
        return self.sign_key.sign(text, ec.ECDSA(hashes.SHA256()))


class Client:
    """One connection: section 2."""

    def __init__(self, schema, keys, trust, host, port, passphrase=None, cursor=None):
        self.envelope_pb2, self.wire_pb2, self.body_pb2 = schema
        self.keys = keys
        self.root = x509.load_pem_x509_certificate(Path(trust).read_bytes())
        self.next_id, self.waiting, self.delivered = 1, {}, []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(trust)
        context.load_cert_chain(keys.folder / "tls.crt", keys.folder / "tls.key", passphrase)
        context.set_alpn_protocols(["passerelle/1"])
        plain = socket.create_connection((host, port), 10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line = context.wrap_socket(plain, server_hostname=host)
        hello = self.wire_pb2.Frame(id=self.take_id())
        hello.hello.min_minor = hello.hello.max_minor = 0
        hello.hello.credit_messages, hello.hello.credit_bytes = 256, 8 << 20
        hello.hello.now = int(time.time() * 1000)
        hello.hello.software = "second client"
        if cursor:
            hello.hello.resume, (hello.hello.mailbox_epoch, hello.hello.cursor) = True, cursor
        self.send(hello)
        self.welcome = self.answer(hello.id).welcome
        self.hub = check_certificate(self.welcome.receipt_certificate, [self.welcome.receipt_issuer], self.root, "H1", "urn:iss:hub:")
        if certificate_uri(self.hub).split(":")[4] != "receipt":
            raise Untrue("not a receipt certificate")
        self.directory = self.read_directory()

    def close(self):
        self.line.close()

    def take_id(self):
        self.next_id += 1
        return self.next_id - 1

    def send(self, frame):
        data = frame.SerializeToString()
        self.line.sendall(struct.pack(">I", len(data)) + data)

    def read_exactly(self, count):
        parts = []
        while count:
            part = self.line.recv(count)
            if not part:
                raise ConnectionError("the hub closed the connection")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def read_frame(self):
        length = struct.unpack(">I", self.read_exactly(4))[0]
        frame = self.wire_pb2.Frame()
        frame.ParseFromString(self.read_exactly(length))
        return frame

    def pump(self):
        """Reads one frame and puts it where it belongs."""
        frame = self.read_frame()
        kind = frame.WhichOneof("content")
        if kind == "deliver":
            self.delivered.append(frame.deliver)
        elif kind == "ping":
            pong = self.wire_pb2.Frame(id=frame.id)
            pong.pong.now = frame.ping.now
            self.send(pong)
        elif kind == "go_away":
            raise ConnectionError(f"the hub closes: {frame.go_away.reason}")
        elif kind == "error" and frame.id == 0:
            raise Refused(frame.error)
        else:
            self.waiting.setdefault(frame.id, []).append(frame)

    def answer(self, frame_id):
        while not self.waiting.get(frame_id):
            self.pump()
        frame = self.waiting[frame_id].pop(0)
        if frame.WhichOneof("content") == "error":
            raise Refused(frame.error)
        return frame

    def ask(self, fill):
        frame = self.wire_pb2.Frame(id=self.take_id())
        fill(frame)
        self.send(frame)
        return self.answer(frame.id)

    def read_directory(self):
        reply = self.ask(lambda frame: frame.query.directory.SetInParent()).answer.directory
        return {entry.code: entry for entry in reply.entry}

    def encryption_key(self, member):
        entry = self.directory[member]
        certificate = check_certificate(entry.encryption_certificate[0], entry.issuer, self.root, "E1", f"urn:iss:member:{member}:")
        return certificate.public_key()

    def signing_certificate(self, member, wanted):
        entry = self.directory[member]
        for der in entry.signing_certificate:
            if sha256(der) == wanted:
                return check_certificate(der, entry.issuer, self.root, "S1", f"urn:iss:member:{member}:")
        raise Untrue("the signing certificate is not in the directory")

    # Section 3: writing

    def compose(self, kind, to, case_id, body, attachments=(), **fields):
        """Returns the serialised Envelope; uploads the attachments first."""
        header = self.envelope_pb2.Header(version=1, kind=kind, case_id=case_id, to=to, created_at=int(time.time() * 1000))
        header.message_id = message_id()
        setattr(header, "from", self.keys.member)
        header.author = self.keys.author
        for name, value in fields.items():
            if hasattr(value, "CopyFrom"):
                getattr(header, name).CopyFrom(value)
            elif isinstance(value, list):
                getattr(header, name).extend(value)
            else:
                setattr(header, name, value)
        objects, sealed_body = [], b""
        if body is not None:
            contents = [(1, pack_body(body.SerializeToString()))]
            contents += [(2, one + bytes(bucket(len(one)) - len(one))) for one in attachments]
            for index, (seal_kind, plain) in enumerate(contents):
                key, object_id = os.urandom(32), os.urandom(16)
                sealed, commitment = seal(key, plain, object_id, self.keys.author, case_id, seal_kind, index)
                header.object.add(object_id=object_id, length=len(sealed), tree_hash=tree_hash(sealed), commitment=commitment)
                objects.append((object_id, key))
                if index == 0:
                    sealed_body = sealed
                else:
                    self.upload(object_id, sealed)
        recipients = [self.encryption_key(member) for member in [*to, self.keys.member]] if objects else []
        header.recipient_key.extend(key_id(public) for public in recipients)
        return self.finish(header, objects, recipients, sealed_body)

    def finish(self, header, objects, recipients, sealed_body):
        raw = header.SerializeToString()
        envelope = self.envelope_pb2.Envelope(header=raw, sealed_body=sealed_body, signer=self.keys.signer)
        for index, (object_id, key) in enumerate(objects):
            for public in recipients:
                identity = key_id(public)
                kem, enc, ct = hpke_seal(public, stanza_info(object_id, identity), header_hash(raw), key)
                envelope.stanza.add(object=index, kem=kem, key_id=identity, enc=enc, ct=ct)
        envelope.signature = self.keys.sign(b"iss-env-v1", raw)
        return envelope.SerializeToString()

    def upload(self, object_id, sealed):
        def open_it(frame):
            frame.upload_open.object_id = object_id
            frame.upload_open.length = len(sealed)
            frame.upload_open.tree_hash = tree_hash(sealed)

        state = self.ask(open_it).upload_offset
        while not state.complete:
            def piece(frame):
                frame.upload_chunk.object_id = object_id
                frame.upload_chunk.offset = state.durable
                frame.upload_chunk.data = sealed[state.durable : state.durable + PIECE]

            state = self.ask(piece).upload_offset

    def submit(self, envelope):
        def fill(frame):
            frame.submit.envelope = envelope

        accepted = self.ask(fill).accepted
        return self.check_receipt(accepted, envelope), accepted

    # Section 7: receipts

    def check_receipt(self, accepted, envelope):
        receipt = self.envelope_pb2.HubReceipt()
        receipt.ParseFromString(accepted.receipt)
        root = climb(leaf_hash(receipt.statement), receipt.index, receipt.size, receipt.path)
        verify_signature(self.hub, b"iss-rcpt-v1", root, receipt.signature)
        statement = self.envelope_pb2.HubStatement()
        statement.ParseFromString(receipt.statement)
        sent = self.envelope_pb2.Envelope()
        sent.ParseFromString(envelope)
        if statement.envelope_hash != sha256(envelope) or statement.header_hash != header_hash(sent.header):
            raise Untrue("the receipt is for something else")
        if getattr(statement, "from") != self.keys.member:
            raise Untrue("the receipt is for someone else")
        return statement

    # Section 3: reading

    def next_delivery(self):
        while not self.delivered:
            self.pump()
        return self.delivered.pop(0)

    def acknowledge(self, mailbox_seq):
        frame = self.wire_pb2.Frame()
        frame.ack.mailbox_seq = mailbox_seq
        self.send(frame)

    def read(self, raw_envelope, recalled=False):
        """Checks everything, returns (header, Body or None, object keys)."""
        envelope, header = self.envelope_pb2.Envelope(), self.envelope_pb2.Header()
        envelope.ParseFromString(raw_envelope)
        header.ParseFromString(envelope.header)
        member = getattr(header, "from")
        signer = self.signing_certificate(member, envelope.signer)
        if certificate_uri(signer) != header.author or header.author.split(":")[3] != member:
            raise Untrue("author and certificate disagree")
        self.check_envelope_signature(envelope, signer)
        to_all = header.kind in (self.envelope_pb2.MESSAGE_KIND_AVAILABILITY, self.envelope_pb2.MESSAGE_KIND_BROADCAST)
        if list(header.to) != ["*"] if to_all else self.keys.member not in header.to:
            raise Untrue("not for us")
        if header.kind == self.envelope_pb2.MESSAGE_KIND_BROADCAST and header.author.split(":")[4] != "monitor":
            raise Untrue("not of the General Secretariat")
        if recalled and (envelope.sealed_body or envelope.stanza):
            raise Untrue("recalled, and yet it has content")
        if not header.object or recalled:
            return header, None, []
        keys = self.open_stanzas(envelope, header)
        first = header.object[0]
        if first.length != len(envelope.sealed_body) or first.tree_hash != tree_hash(envelope.sealed_body):
            raise Untrue("the body is not the one that was signed")
        plain = open_seal(keys[0], envelope.sealed_body, first.commitment, first.object_id, header.author, header.case_id, 1, 0)
        body = self.body_pb2.Body()
        body.ParseFromString(unpack_body(plain))
        return header, body, keys

    def check_envelope_signature(self, envelope, signer):
        if envelope.batch_size == 0:
            verify_signature(signer, b"iss-env-v1", envelope.header, envelope.signature)
            return
        root = climb(leaf_hash(header_hash(envelope.header)), envelope.batch_index, envelope.batch_size, envelope.batch_path)
        verify_signature(signer, b"iss-env-batch-v1", root, envelope.signature)

    def open_stanzas(self, envelope, header):
        own, keys = key_id(self.keys.branch_key.public_key()), [None] * len(header.object)
        for stanza in envelope.stanza:
            if stanza.key_id == own:
                object_id = header.object[stanza.object].object_id
                keys[stanza.object] = hpke_open(
                    stanza.kem, stanza.enc, self.keys.branch_key, stanza_info(object_id, own), header_hash(envelope.header), stanza.ct)
        if None in keys:
            raise Untrue("an object was not sealed to us")
        return keys

    def fetch(self, header, index, key, true_length):
        wanted, got = header.object[index], b""
        while len(got) < wanted.length:
            def fill(frame):
                frame.fetch.object_id = wanted.object_id
                frame.fetch.offset = len(got)
                frame.fetch.chunks = 16

            frame = self.ask(fill)
            got += frame.fetch_chunk.data
            while not frame.fetch_chunk.last:
                frame = self.answer(frame.id)
                got += frame.fetch_chunk.data
        if len(got) != wanted.length or tree_hash(got) != wanted.tree_hash:
            raise Untrue("the attachment is not the one that was signed")
        return open_seal(key, got, wanted.commitment, wanted.object_id, header.author, header.case_id, 2, index)[:true_length]


def message_id():
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + secrets.token_bytes(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return bytes(raw)


def reference(requesting, responding, case_id):
    """Section 9: CH-SN-7QK2-M9FD."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = int.from_bytes(case_id[:5], "big") >> 5
    digits = [(number >> (30 - 5 * place)) & 31 for place in range(7)]
    check = 0
    for place, digit in enumerate(digits):
        for _ in range(7 - place):
            digit = (digit << 1) ^ (0b100101 if digit & 16 else 0)
        check ^= digit & 31
    text = "".join(alphabet[digit] for digit in [*digits, check])
    return f"{requesting}-{responding}-{text[:4]}-{text[4:]}"
