//===- Sha256.h - the digest of a weight image ----------------------------===//
//
// FIPS 180-4 SHA-256, with the CPU's instructions for it where it has them: the
// compiler writes it, and the runtime checks it on request.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_SHA256_H
#define TRANSOM_RUNTIME_SHA256_H

#include <stddef.h>
#include <stdint.h>

namespace transom::runtime {

/// Of data that comes in pieces.
class Sha256 {
public:
  /// `plainly`: as CPUs without instructions for it compute it.
  explicit Sha256(bool plainly = false);
  void update(const void *data, size_t bytes);
  /// Writes 64 hex digits and a zero; nothing may follow.
  void finish(char hex[65]);

private:
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t total = 0;
  uint8_t block[64]; ///< what is not yet a whole one
  void (*compress)(uint32_t state[8], const uint8_t *data, size_t blocks);
};

/// Of data that is there at once.
void sha256(const uint8_t *data, size_t bytes, char hex[65]);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_SHA256_H
