//===- Sha256.cpp - SHA-256, as FIPS 180-4 writes it ----------------------===//
#include "Sha256.h"

#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace transom::runtime {
namespace {

constexpr uint32_t roundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

void compressBlock(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; ++i) {
    uint32_t word;
    memcpy(&word, block + 4 * i, 4);
    w[i] = __builtin_bswap32(word);
  }
  for (int i = 16; i < 64; ++i) {
    uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; ++i) {
    uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i] + w[i];
    uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void compressPlainly(uint32_t state[8], const uint8_t *data, size_t blocks) {
  for (; blocks; --blocks, data += 64)
    compressBlock(state, data);
}

#ifdef __x86_64__
bool hasShaInstructions() {
  constexpr unsigned sse41 = 1u << 19, sha = 1u << 29;
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & sse41))
    return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha);
}

/// The CPU's own rounds, four a step. It keeps the state as the words abef and cdgh.
__attribute__((target("sha,sse4.1"))) void compressWithShaInstructions(uint32_t state[8], const uint8_t *data,
                                                                       size_t blocks) {
  const __m128i bigEndian = _mm_set_epi64x(0x0c0d0e0f08090a0bull, 0x0405060700010203ull);
  auto *words = reinterpret_cast<__m128i *>(state);
  __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
  __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  for (; blocks; --blocks, data += 64) {
    __m128i abefBefore = abef, cdghBefore = cdgh, w[4];
#pragma GCC unroll 16
    for (int step = 0; step < 16; ++step) {
      __m128i &now = w[step % 4];
      if (step < 4) {
        now = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i *>(data) + step), bigEndian);
      } else {
        __m128i last = w[(step + 3) % 4];
        __m128i sevenBack = _mm_alignr_epi8(last, w[(step + 2) % 4], 4);
        now = _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(step + 1) % 4]), sevenBack);
        now = _mm_sha256msg2_epu32(now, last);
      }
      __m128i keyed = _mm_add_epi32(now, _mm_loadu_si128(reinterpret_cast<const __m128i *>(roundConstants + 4 * step)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, keyed);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(keyed, 0x0e));
    }
    abef = _mm_add_epi32(abef, abefBefore);
    cdgh = _mm_add_epi32(cdgh, cdghBefore);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}
#endif

} // namespace

Sha256::Sha256([[maybe_unused]] bool plainly) : compress(compressPlainly) {
#ifdef __x86_64__
  if (!plainly && hasShaInstructions())
    compress = compressWithShaInstructions;
#endif
}

void Sha256::update(const void *data, size_t bytes) {
  auto *next = static_cast<const uint8_t *>(data);
  size_t filled = total % sizeof block;
  total += bytes;
  if (filled) {
    size_t taken = bytes < sizeof block - filled ? bytes : sizeof block - filled;
    memcpy(block + filled, next, taken);
    next += taken;
    bytes -= taken;
    if (filled + taken < sizeof block)
      return;
    compress(state, block, 1);
  }
  compress(state, next, bytes / sizeof block);
  // Where nothing came, there may be no data either.
  if (size_t rest = bytes % sizeof block)
    memcpy(block, next + (bytes - rest), rest);
}

void Sha256::finish(char hex[65]) {
  uint64_t bits = __builtin_bswap64(total * 8);
  size_t filled = total % sizeof block;
  block[filled++] = 0x80;
  if (filled > sizeof block - sizeof bits) {
    memset(block + filled, 0, sizeof block - filled);
    compress(state, block, 1);
    filled = 0;
  }
  memset(block + filled, 0, sizeof block - sizeof bits - filled);
  memcpy(block + sizeof block - sizeof bits, &bits, sizeof bits);
  compress(state, block, 1);
  for (int i = 0; i < 64; ++i)
    hex[i] = "0123456789abcdef"[state[i / 8] >> (28 - 4 * (i % 8)) & 15];
  hex[64] = '\0';
}

void sha256(const uint8_t *data, size_t bytes, char hex[65]) {
  Sha256 digest;
  digest.update(data, bytes);
  digest.finish(hex);
}

} // namespace transom::runtime
