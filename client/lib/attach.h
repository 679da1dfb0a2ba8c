// SPDX-License-Identifier: Apache-2.0
//
// Files in and out of their seal, with the memory of one chunk. A file is sealed into
// the spool when the message is written: what is sent later can no longer
// change, and an upload goes on from any offset with the same bytes. A sealed file
// from the hub is opened into a temporary file, which gets its name only when
// everything was found genuine.
#ifndef PASSERELLE_LIB_ATTACH_H
#define PASSERELLE_LIB_ATTACH_H

#include "form/form.h"
#include "lib/profile.h"
#include "seal/seal.h"

#define ATTACH_MAX_PLAIN (UINT64_C(200) * 1024 * 1024)

// What the form needs to know of a file. Texts live in `arena`. FAIL_NO_FILE, FAIL_TOO_LARGE,
// FAIL_BAD_USAGE (not a plain file, or its name is not UTF-8 of a length that travels).
enum fail_code attach_describe(struct form_attachment *attachment, const char *file, struct arena *arena,
                               struct fail *why) MUST_CHECK;

// Seals `file` (as described: `plain` bytes) padded to its bucket into the spool, synced. `object` gets
// length, tree hash and commitment; its id is context->object. FAIL_NO_SPACE leaves nothing behind.
enum fail_code attach_seal(struct psr_profile *profile, const char *file, uint64_t plain,
                           const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE],
                           struct object_ref *object, struct fail *why) MUST_CHECK;

// Length and tree hash of a spool as the header has them. FAIL_DATA_LOSS, FAIL_NO_FILE.
enum fail_code attach_verify(const char *spool, uint64_t length, const struct hash *tree_hash,
                             struct fail *why) MUST_CHECK;

// Opens a spool into the new file `file`, without the padding behind `plain` bytes. FAIL_BAD_USAGE if
// the file is there already, FAIL_CANNOT_OPEN, FAIL_NO_SPACE.
enum fail_code attach_open(const char *spool, uint64_t plain, const struct seal_context *context,
                           const uint8_t key[SEAL_KEY_SIZE], const struct hash *commitment, const char *file,
                           struct fail *why) MUST_CHECK;

#endif
