// SPDX-License-Identifier: Apache-2.0
//
// What is inside a seal, so that size tells little and a bad line carries less:
//
//   body:        format(1) | length(4 BE) | data | zeros up to the bucket
//                format 0: data is a serialised Body; format 1: data is that in zlib form (RFC 1950)
//   attachment:  the file's bytes | zeros up to the bucket (the true length stands in the Body)
//
// Buckets are those of Padme (Nikitin et al., 2019): at most 12 % more, and only
// O(log log n) bits of the length are told.
#ifndef PASSERELLE_SEAL_CONTENT_H
#define PASSERELLE_SEAL_CONTENT_H

#include "base/bytes.h"

enum { CONTENT_BODY_CAP = 4 * 1024 * 1024 }; // a Body after decompression

uint64_t content_bucket(uint64_t length); // >= length, >= 256

// Compresses where that helps. `plain` is appended to.
enum fail_code content_pack_body(struct view body, struct bytes *plain) MUST_CHECK;

// As it is (format 0), for what was filled up to a size that must tell nothing: compressed it would tell.
enum fail_code content_pack_body_filled(struct view body, struct bytes *plain) MUST_CHECK;

// FAIL_CANNOT_OPEN: not in this form, or the zeros are not zero; FAIL_TOO_LARGE over the cap.
enum fail_code content_unpack_body(struct view plain, struct bytes *body) MUST_CHECK;

#endif
