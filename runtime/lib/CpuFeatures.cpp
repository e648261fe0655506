//===- CpuFeatures.cpp - CPUID and the auxiliary vector -------------------===//
#include "CpuFeatures.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace transom::runtime {
namespace {

#if defined(__x86_64__)

/// What the operating system saves when it switches threads (bits of XCR0).
enum : uint32_t { osAny = 0, osAvx = 0x6, osAvx512 = 0xe6, osAmx = 0x60000 };
enum Register : uint8_t { EAX, EBX, ECX, EDX };

struct Feature {
  const char *name;
  uint32_t leaf, subleaf;
  Register where;
  uint8_t bit;
  uint32_t os;
};

// Leaves and bits: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
constexpr Feature table[] = {
    {"cx8", 1, 0, EDX, 8, osAny},
    {"cmov", 1, 0, EDX, 15, osAny},
    {"mmx", 1, 0, EDX, 23, osAny},
    {"fxsr", 1, 0, EDX, 24, osAny},
    {"sse", 1, 0, EDX, 25, osAny},
    {"sse2", 1, 0, EDX, 26, osAny},
    {"sse3", 1, 0, ECX, 0, osAny},
    {"pclmul", 1, 0, ECX, 1, osAny},
    {"ssse3", 1, 0, ECX, 9, osAny},
    {"fma", 1, 0, ECX, 12, osAvx},
    {"cx16", 1, 0, ECX, 13, osAny},
    {"sse4.1", 1, 0, ECX, 19, osAny},
    {"sse4.2", 1, 0, ECX, 20, osAny},
    {"crc32", 1, 0, ECX, 20, osAny},
    {"movbe", 1, 0, ECX, 22, osAny},
    {"popcnt", 1, 0, ECX, 23, osAny},
    {"aes", 1, 0, ECX, 25, osAny},
    {"xsave", 1, 0, ECX, 27, osAny}, // the OS part of it
    {"avx", 1, 0, ECX, 28, osAvx},
    {"f16c", 1, 0, ECX, 29, osAvx},
    {"rdrnd", 1, 0, ECX, 30, osAny},
    {"fsgsbase", 7, 0, EBX, 0, osAny},
    {"sgx", 7, 0, EBX, 2, osAny},
    {"bmi", 7, 0, EBX, 3, osAny},
    {"rtm", 7, 0, EBX, 11, osAny},
    {"avx2", 7, 0, EBX, 5, osAvx},
    {"bmi2", 7, 0, EBX, 8, osAny},
    {"invpcid", 7, 0, EBX, 10, osAny},
    {"avx512f", 7, 0, EBX, 16, osAvx512},
    {"avx512dq", 7, 0, EBX, 17, osAvx512},
    {"rdseed", 7, 0, EBX, 18, osAny},
    {"adx", 7, 0, EBX, 19, osAny},
    {"avx512ifma", 7, 0, EBX, 21, osAvx512},
    {"clflushopt", 7, 0, EBX, 23, osAny},
    {"clwb", 7, 0, EBX, 24, osAny},
    {"avx512cd", 7, 0, EBX, 28, osAvx512},
    {"sha", 7, 0, EBX, 29, osAny},
    {"avx512bw", 7, 0, EBX, 30, osAvx512},
    {"avx512vl", 7, 0, EBX, 31, osAvx512},
    {"prefetchi", 7, 1, EDX, 14, osAny},
    {"avx512vbmi", 7, 0, ECX, 1, osAvx512},
    {"pku", 7, 0, ECX, 4, osAny}, // the OS part of it
    {"waitpkg", 7, 0, ECX, 5, osAny},
    {"avx512vbmi2", 7, 0, ECX, 6, osAvx512},
    {"shstk", 7, 0, ECX, 7, osAny},
    {"gfni", 7, 0, ECX, 8, osAny},
    {"vaes", 7, 0, ECX, 9, osAvx},
    {"vpclmulqdq", 7, 0, ECX, 10, osAvx},
    {"avx512vnni", 7, 0, ECX, 11, osAvx512},
    {"avx512bitalg", 7, 0, ECX, 12, osAvx512},
    {"avx512vpopcntdq", 7, 0, ECX, 14, osAvx512},
    {"rdpid", 7, 0, ECX, 22, osAny},
    {"kl", 7, 0, ECX, 23, osAny},
    {"cldemote", 7, 0, ECX, 25, osAny},
    {"movdiri", 7, 0, ECX, 27, osAny},
    {"movdir64b", 7, 0, ECX, 28, osAny},
    {"enqcmd", 7, 0, ECX, 29, osAny},
    {"uintr", 7, 0, EDX, 5, osAny},
    {"avx512vp2intersect", 7, 0, EDX, 8, osAvx512},
    {"serialize", 7, 0, EDX, 14, osAny},
    {"tsxldtrk", 7, 0, EDX, 16, osAny},
    {"pconfig", 7, 0, EDX, 18, osAny},
    {"amx-bf16", 7, 0, EDX, 22, osAmx},
    {"avx512fp16", 7, 0, EDX, 23, osAvx512},
    {"amx-tile", 7, 0, EDX, 24, osAmx},
    {"amx-int8", 7, 0, EDX, 25, osAmx},
    {"sha512", 7, 1, EAX, 0, osAvx},
    {"sm3", 7, 1, EAX, 1, osAvx},
    {"sm4", 7, 1, EAX, 2, osAvx},
    {"raoint", 7, 1, EAX, 3, osAny},
    {"avxvnni", 7, 1, EAX, 4, osAvx},
    {"avx512bf16", 7, 1, EAX, 5, osAvx512},
    {"cmpccxadd", 7, 1, EAX, 7, osAny},
    {"amx-fp16", 7, 1, EAX, 21, osAmx},
    {"hreset", 7, 1, EAX, 22, osAny},
    {"avxifma", 7, 1, EAX, 23, osAvx},
    {"movrs", 7, 1, EAX, 31, osAny},
    {"avxvnniint8", 7, 1, EDX, 4, osAvx},
    {"avxneconvert", 7, 1, EDX, 5, osAvx},
    {"amx-complex", 7, 1, EDX, 8, osAmx},
    {"avxvnniint16", 7, 1, EDX, 10, osAvx},
    {"usermsr", 7, 1, EDX, 15, osAny},
    {"xsaveopt", 13, 1, EAX, 0, osAny},
    {"xsavec", 13, 1, EAX, 1, osAny},
    {"xsaves", 13, 1, EAX, 3, osAny},
    {"widekl", 0x19, 0, EBX, 2, osAny},
    {"ptwrite", 0x14, 0, EBX, 4, osAny},
    {"sahf", 0x80000001, 0, ECX, 0, osAny},
    {"lzcnt", 0x80000001, 0, ECX, 5, osAny},
    {"sse4a", 0x80000001, 0, ECX, 6, osAny},
    {"prfchw", 0x80000001, 0, ECX, 8, osAny},
    {"xop", 0x80000001, 0, ECX, 11, osAvx},
    {"lwp", 0x80000001, 0, ECX, 15, osAny},
    {"fma4", 0x80000001, 0, ECX, 16, osAvx},
    {"tbm", 0x80000001, 0, ECX, 21, osAny},
    {"mwaitx", 0x80000001, 0, ECX, 29, osAny},
    {"64bit", 0x80000001, 0, EDX, 29, osAny},
    {"clzero", 0x80000008, 0, EBX, 0, osAny},
    {"rdpru", 0x80000008, 0, EBX, 4, osAny},
    {"wbnoinvd", 0x80000008, 0, EBX, 9, osAny},
};

/// What the operating system saves; 0 if it does not say.
uint32_t savedState() {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) // OSXSAVE
    return 0;
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/// Linux hands out the tile registers only to processes that ask.
bool requestTiles() {
  constexpr long requestPermission = 0x1023, tileData = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

bool hasFeature(const char *name, size_t length) {
  for (const Feature &feature : table) {
    if (strlen(feature.name) != length || memcmp(feature.name, name, length) != 0)
      continue;
    uint32_t registers[4];
    if (!__get_cpuid_count(feature.leaf, feature.subleaf, &registers[0], &registers[1], &registers[2], &registers[3]))
      return false;
    if (!(registers[feature.where] >> feature.bit & 1))
      return false;
    if ((savedState() & feature.os) != feature.os)
      return false;
    return feature.os != osAmx || requestTiles();
  }
  return false;
}

#elif defined(__aarch64__)

struct Feature {
  const char *name;
  unsigned long vector;
  uint8_t bit;
};

// Bits: Linux, arch/arm64/include/uapi/asm/hwcap.h.
constexpr Feature table[] = {
    {"fp-armv8", AT_HWCAP, 0}, {"neon", AT_HWCAP, 1},   {"aes", AT_HWCAP, 3},        {"sha2", AT_HWCAP, 6},
    {"crc", AT_HWCAP, 7},      {"lse", AT_HWCAP, 8},    {"fullfp16", AT_HWCAP, 9},   {"rdm", AT_HWCAP, 12},
    {"jsconv", AT_HWCAP, 13},  {"fcma", AT_HWCAP, 14},  {"complxnum", AT_HWCAP, 14}, {"rcpc", AT_HWCAP, 15},
    {"dotprod", AT_HWCAP, 20}, {"sve", AT_HWCAP, 22},   {"fp16fml", AT_HWCAP, 23},   {"sve2", AT_HWCAP2, 1},
    {"i8mm", AT_HWCAP2, 13},   {"bf16", AT_HWCAP2, 14},
};

bool hasFeature(const char *name, size_t length) {
  for (const Feature &feature : table)
    if (strlen(feature.name) == length && memcmp(feature.name, name, length) == 0)
      return getauxval(feature.vector) >> feature.bit & 1;
  return false;
}

#else
#error "the runtime knows x86-64 and AArch64"
#endif

} // namespace

bool hasFeatures(const char *features, char *missing, size_t bytes) {
  bool all = true;
  size_t written = 0;
  missing[0] = '\0';
  while (features && *features) {
    size_t length = strcspn(features, ",");
    const char *name = features;
    features += length + (features[length] == ',');
    while (length && *name == ' ')
      ++name, --length;
    if (!length || *name == '-')
      continue;
    if (*name == '+')
      ++name, --length;
    if (hasFeature(name, length))
      continue;
    int more = snprintf(missing + written, bytes - written, "%s%.*s", all ? "" : ", ", int(length), name);
    if (more > 0 && written + size_t(more) < bytes)
      written += size_t(more);
    all = false;
  }
  return all;
}

} // namespace transom::runtime
