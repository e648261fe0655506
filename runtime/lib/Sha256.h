//===- Sha256.h - the digest of a weight image ----------------------------===//
//
// FIPS 180-4 SHA-256, for weights that are checked on request.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_SHA256_H
#define TRANSOM_RUNTIME_SHA256_H

#include <stddef.h>
#include <stdint.h>

namespace transom::runtime {

/// Writes 64 hex digits and a zero.
void sha256(const uint8_t *data, size_t bytes, char hex[65]);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_SHA256_H
