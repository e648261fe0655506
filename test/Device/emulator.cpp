//===- emulator.cpp - a grid of GPU threads on one CPU --------------------===//
//
// Runs kernels for NVIDIA GPUs, compiled for the CPU, block after block. A thread
// of a block is a fiber; barriers and what a warp does together switch to the
// next one. The meaning of the instructions is PTX ISA's, section by section.
//
// Copies that a kernel does not wait for are done as late as may be, at the wait
// for their group: a wait that is missing or too short shows.
//
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <ucontext.h>
#include <utility>
#include <vector>

extern "C" {
// Dynamic shared memory; descriptors of wgmma hold 18 bits of an address.
alignas(256 << 10) char shared[256 << 10];
}

namespace {

constexpr int warpSize = 32, stackBytes = 256 << 10;

/// 16 bytes on their way; the last `16 - bytes` are zeros.
struct Copy {
  char *to;
  const char *from;
  int bytes;
};

/// A piece of a tensor on its way, and where in the tensor it begins. The tensor is described by words: its memory,
/// three dims, two strides in bytes, and a piece's elements and lines (FakeDriver.cpp).
struct TensorCopy {
  char *to;
  const uint64_t *map;
  int64_t x, y, z;
};

/// A barrier in shared memory: a phase ends when all have arrived and all bytes that were announced have come.
struct MemoryBarrier {
  int count, pending;
  int64_t bytes = 0;
  int parity = 0;
  std::vector<TensorCopy> copies;
};

struct Thread {
  ucontext_t context;
  std::vector<Copy> copies; // of no group yet
  std::deque<std::vector<Copy>> groups;
  bool done = false;
  int barrier = 0;    // barriers passed
  int named[16] = {}; // the same, of barriers with a number
  int exchange = 0;   // warp exchanges passed
};

struct Block {
  std::vector<Thread> threads;
  std::vector<char> stacks;
  ucontext_t scheduler;
  int current = 0;
  int number = 0, numBlocks = 1;
  std::map<const char *, MemoryBarrier> barriers;
  // What a warp's lanes have put down, by the exchange's number modulo 2.
  std::vector<uint64_t> words;
};

Block block;
void (*entry)(const int64_t *);
const int64_t *arguments;

Thread &self() { return block.threads[block.current]; }
int lane() { return block.current % warpSize; }
int warpBase() { return block.current - lane(); }
void yieldThread() { swapcontext(&self().context, &block.scheduler); }

void run() {
  entry(arguments);
  self().done = true;
  yieldThread();
}

[[noreturn]] void stop(const char *reason) {
  std::fprintf(stderr, "emulator: block %d, thread %d: %s\n", block.number, block.current, reason);
  std::exit(3);
}

/// Waits until all lanes of the warp have put `count` words down; `word(l, i)` reads them.
uint64_t *exchange(const uint64_t *values, int count) {
  int number = ++self().exchange, size = 16;
  if (count > size)
    stop("too much to exchange");
  uint64_t *room = &block.words[(number % 2) * block.threads.size() * size];
  std::copy_n(values, count, room + block.current * size);
  int base = warpBase();
  for (;;) {
    bool all = true;
    for (int l = 0; l < warpSize; ++l) {
      if (block.threads[base + l].done && block.threads[base + l].exchange < number)
        stop("a lane left before what its warp does together");
      all &= block.threads[base + l].exchange >= number;
    }
    if (all)
      return room + base * size;
    yieldThread();
  }
}

float bits(uint64_t word) {
  uint32_t low = word;
  float value;
  std::memcpy(&value, &low, 4);
  return value;
}

float half(uint16_t h) {
  uint32_t sign = (h & 0x8000u) << 16, exponent = h >> 10 & 31, mantissa = h & 1023;
  float magnitude = exponent == 31  ? (mantissa ? NAN : INFINITY)
                    : exponent == 0 ? std::ldexp(float(mantissa), -24)
                                    : std::ldexp(float(mantissa | 1024), int(exponent) - 25);
  return sign ? -magnitude : magnitude;
}

float brain(uint16_t h) { return bits(uint32_t(h) << 16); }

} // namespace

extern "C" {

int32_t emu_tid() { return block.current; }
int32_t emu_ctaid() { return block.number; }
int32_t emu_nctaid() { return block.numBlocks; }

void emu_barrier() {
  int number = ++self().barrier;
  for (;;) {
    bool all = true;
    for (Thread &thread : block.threads) {
      if (thread.done && thread.barrier < number)
        stop("a thread left before a barrier");
      all &= thread.barrier >= number;
    }
    if (all)
      return;
    yieldThread();
  }
}

/// bar.sync number, count: of the threads that say so.
void emu_named_barrier(int32_t number, int32_t count) {
  int passed = ++self().named[number];
  auto hasCome = [&](const Thread &thread) { return thread.named[number] >= passed; };
  while (std::count_if(block.threads.begin(), block.threads.end(), hasCome) < count)
    yieldThread();
}

int32_t emu_shfl_bfly(int32_t value, int32_t mask) {
  uint64_t word = uint32_t(value);
  return int32_t(exchange(&word, 1)[((lane() ^ mask) % warpSize) * 16]);
}

/// ldmatrix.x4: lane l gives the address of line l % 8 of matrix l / 8, and gets
/// of each matrix the elements (l / 4, 2 (l % 4)) and the next, or transposed.
void emu_ldmatrix(uint32_t *out, const char *address, int32_t transposed) {
  if (reinterpret_cast<uintptr_t>(address) % 16)
    stop("ldmatrix from an address that is no multiple of 16");
  uint64_t word = reinterpret_cast<uint64_t>(address);
  uint64_t *words = exchange(&word, 1);
  for (int m = 0; m < 4; ++m) {
    uint16_t two[2];
    for (int i = 0; i < 2; ++i) {
      int row = lane() / 4, column = lane() % 4 * 2 + i;
      if (transposed)
        std::swap(row, column);
      two[i] = reinterpret_cast<const uint16_t *>(words[(m * 8 + row) * 16])[column];
    }
    std::memcpy(&out[m], two, 4);
  }
}

/// mma.m16n8k16. A: a0 (l/4, 2(l%4)), a1 8 rows down, a2 8 columns on, a3 both;
/// B: b0 rows 2(l%4).. of column l/4, b1 8 rows down; C: c0 c1 (l/4, 2(l%4)), c2 c3 8 rows down.
void emu_mma(float *out, const uint32_t *a, const uint32_t *b, const float *c, int32_t isBrain) {
  uint64_t mine[6];
  for (int i = 0; i < 4; ++i)
    mine[i] = a[i];
  for (int i = 0; i < 2; ++i)
    mine[4 + i] = b[i];
  uint64_t *words = exchange(mine, 6);
  auto number = [&](uint64_t word, int high) {
    uint16_t h = high ? word >> 16 : word;
    return isBrain ? brain(h) : half(h);
  };
  auto left = [&](int row, int k) {
    int l = row % 8 * 4 + k % 8 / 2, which = row / 8 + k / 8 * 2;
    return number(words[l * 16 + which], k % 2);
  };
  auto right = [&](int k, int column) {
    int l = column * 4 + k % 8 / 2;
    return number(words[l * 16 + 4 + k / 8], k % 2);
  };
  for (int i = 0; i < 4; ++i) {
    int row = lane() / 4 + i / 2 * 8, column = lane() % 4 * 2 + i % 2;
    float sum = c[i];
    for (int k = 0; k < 16; ++k)
      sum += left(row, k) * right(k, column);
    out[i] = sum;
  }
}

/// mma.m16n8k8 of TF32, which has 10 bits of mantissa: what is below is ignored. A: a0 (l/4, l%4), a1 8 rows down,
/// a2 4 columns on, a3 both; B: b0 row l%4 of column l/4, b1 4 rows down; C as above.
void emu_mma_tf32(float *out, const uint32_t *a, const uint32_t *b, const float *c) {
  uint64_t mine[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
  uint64_t *words = exchange(mine, 6);
  auto number = [&](uint64_t word) { return bits(word & 0xffffe000u); };
  for (int i = 0; i < 4; ++i) {
    int row = lane() / 4 + i / 2 * 8, column = lane() % 4 * 2 + i % 2;
    float sum = c[i];
    for (int k = 0; k < 8; ++k)
      sum += number(words[(row % 8 * 4 + k % 4) * 16 + row / 8 + k / 4 * 2]) *
             number(words[(column * 4 + k % 4) * 16 + 4 + k / 4]);
    out[i] = sum;
  }
}

/// cvt.rna.tf32.f32: to the nearest, ties away from zero.
uint32_t emu_tf32(float x) {
  uint32_t word;
  std::memcpy(&word, &x, 4);
  return std::isfinite(x) ? (word + 0x1000u) & 0xffffe000u : word;
}

/// ex2.approx.ftz: 22 bits and more of it are right.
float emu_ex2(float x) {
  float power = std::exp2(x);
  return std::fpclassify(power) == FP_SUBNORMAL ? 0 : power;
}

/// cvt.rn.{f16x2,bf16x2}.f32: the second operand is the low half.
uint32_t emu_pack(float low, float high, int32_t isBrain) {
  auto rounded = [&](float value) -> uint32_t {
    uint32_t word;
    std::memcpy(&word, &value, 4);
    if (isBrain)
      return std::isnan(value) ? 0x7fffu : (word + 0x7fffu + (word >> 16 & 1)) >> 16;
    uint32_t sign = word >> 16 & 0x8000u;
    float magnitude = std::fabs(value);
    if (std::isnan(value))
      return 0x7fffu;
    if (magnitude >= 65520.0f)
      return sign | 0x7c00u;
    // The step of f16 there, no smaller than that of its subnormal numbers.
    int exponent = magnitude < 0x1p-14f ? -14 : std::ilogb(magnitude);
    auto units = uint32_t(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
    return sign | (uint32_t(exponent + 14) * 1024u + units);
  };
  return rounded(low) | rounded(high) << 16;
}

/// wgmma.m64nNk16 with both operands in shared memory, swizzled by 128 bytes.
/// A descriptor has the address in bits 0..13, the leading byte offset in 16..29,
/// the stride byte offset in 32..45 (all in 16 bytes), the swizzle in 62..63. Lines
/// of 128 bytes in groups of eight, a stride apart; along the other dim, atoms of 64
/// elements are a leading offset apart. Bits 4..6 of an address are changed by 7..9.
static float readSwizzled(uint64_t descriptor, int linear, int along, bool transposed, bool isBrain) {
  if (descriptor >> 62 != 1)
    stop("a descriptor of another swizzle than 128 bytes");
  uint64_t start = (descriptor & 0x3fff) << 4, leading = (descriptor >> 16 & 0x3fff) << 4;
  uint64_t stride = (descriptor >> 32 & 0x3fff) << 4;
  int line = transposed ? along : linear, within = transposed ? linear : along;
  uint64_t at = start + line / 8 * stride + line % 8 * 128 + within / 64 * leading + within % 64 * 2;
  at ^= (at >> 7 & 7) << 4;
  uint16_t value;
  std::memcpy(&value, shared + at, 2);
  return isBrain ? brain(value) : half(value);
}

void emu_wgmma(float *out, const float *in, int32_t sums, int64_t a, int64_t b, int32_t scale, int32_t transposedA,
               int32_t transposedB, int32_t isBrain) {
  if (transposedA)
    stop("a left operand along its rows");
  for (int i = 0; i < sums; ++i) {
    int row = block.current / warpSize % 4 * 16 + lane() / 4 + i % 4 / 2 * 8;
    int column = i / 4 * 8 + lane() % 4 * 2 + i % 2;
    float sum = scale ? in[i] : 0;
    for (int k = 0; k < 16; ++k)
      sum += readSwizzled(a, row, k, false, isBrain) * readSwizzled(b, column, k, transposedB, isBrain);
    out[i] = sum;
  }
}

/// The same with the left operand in registers: each warp has 16 rows, as mma.m16n8k16 has them.
void emu_wgmma_registers(float *out, const float *in, int32_t sums, const uint32_t *a, int64_t b, int32_t transposedB,
                         int32_t isBrain) {
  uint64_t mine[4] = {a[0], a[1], a[2], a[3]};
  uint64_t *words = exchange(mine, 4);
  auto left = [&](int row, int k) {
    uint64_t word = words[(row % 8 * 4 + k % 8 / 2) * 16 + row / 8 + k / 8 * 2];
    uint16_t h = k % 2 ? word >> 16 : word;
    return isBrain ? brain(h) : half(h);
  };
  for (int i = 0; i < sums; ++i) {
    int row = lane() / 4 + i % 4 / 2 * 8, column = i / 4 * 8 + lane() % 4 * 2 + i % 2;
    float sum = in[i];
    for (int k = 0; k < 16; ++k)
      sum += left(row, k) * readSwizzled(b, column, k, transposedB, isBrain);
    out[i] = sum;
  }
}

void emu_cp_async(char *to, const char *from, int32_t bytes) {
  if (reinterpret_cast<uintptr_t>(to) % 16 || reinterpret_cast<uintptr_t>(from) % 16)
    stop("cp.async between addresses that are no multiples of 16");
  self().copies.push_back({to, from, bytes});
}

void emu_cp_commit() {
  self().groups.push_back(std::move(self().copies));
  self().copies.clear();
}

/// cp.async.wait_group: until at most `pending` groups are under way.
void emu_cp_wait(int32_t pending) {
  for (auto &groups = self().groups; groups.size() > size_t(pending); groups.pop_front())
    for (const Copy &copy : groups.front()) {
      std::memset(copy.to, 0, 16);
      std::memcpy(copy.to, copy.from, copy.bytes);
    }
}

//===-- Barriers in memory, copies of tensors -----------------------------===//

static MemoryBarrier &barrierAt(const char *place) {
  auto found = block.barriers.find(place);
  if (found == block.barriers.end())
    stop("a barrier in memory that is none");
  return found->second;
}

static void turn(MemoryBarrier &barrier) {
  if (barrier.pending < 0)
    stop("more arrive at a barrier than it counts");
  if (barrier.pending || barrier.bytes)
    return;
  barrier.parity ^= 1;
  barrier.pending = barrier.count;
}

/// Boxes of three dims with the swizzle of 128 bytes: bits 4..6 of an address are changed by 7..9; zeros where there is
/// no element.
static void copyTensor(const TensorCopy &copy, MemoryBarrier &barrier) {
  const uint64_t *map = copy.map;
  auto offset = uint64_t(copy.to - shared);
  for (uint64_t line = 0; line < map[7]; ++line)
    for (uint64_t i = 0; i < map[6]; ++i) {
      uint64_t at = offset + line * 128 + i * 2, x = uint64_t(copy.x) + i, y = uint64_t(copy.y) + line;
      bool inside = x < map[1] && y < map[2] && uint64_t(copy.z) < map[3];
      uint16_t element = 0;
      if (inside)
        std::memcpy(&element, reinterpret_cast<const char *>(map[0]) + uint64_t(copy.z) * map[5] + y * map[4] + x * 2,
                    2);
      std::memcpy(shared + (at ^ (at >> 7 & 7) << 4), &element, 2);
    }
  barrier.bytes -= int64_t(map[6] * map[7] * 2);
}

void emu_mbarrier_init(const char *place, int32_t count) { block.barriers[place] = {count, count, 0, 0, {}}; }

int64_t emu_mbarrier_arrive(const char *place) {
  MemoryBarrier &barrier = barrierAt(place);
  --barrier.pending;
  turn(barrier);
  return 0;
}

int64_t emu_mbarrier_expect(const char *place, int32_t bytes) {
  MemoryBarrier &barrier = barrierAt(place);
  barrier.bytes += bytes;
  --barrier.pending;
  turn(barrier);
  return 0;
}

/// Until the phase of a parity has ended. Copies that the barrier counts are done now, as late as may be.
void emu_mbarrier_wait(const char *place, int32_t parity) {
  MemoryBarrier &barrier = barrierAt(place);
  for (int64_t tries = 0; barrier.parity == parity; ++tries) {
    for (const TensorCopy &copy : std::exchange(barrier.copies, {}))
      copyTensor(copy, barrier);
    turn(barrier);
    if (barrier.parity == parity)
      yieldThread();
    if (tries == 1000000)
      stop("a barrier in memory that nobody ends");
  }
}

void emu_tensor_copy(char *to, const char *place, const uint64_t *map, int32_t x, int32_t y, int32_t z) {
  if ((to - shared) % 1024)
    stop("a piece of a tensor to where the swizzle does not begin");
  barrierAt(place).copies.push_back({to, map, x, y, z});
}

void emu_syncwarp(int32_t) { exchange(nullptr, 0); }

void emu_launch(void (*function)(const int64_t *), const int64_t *given, int blocks, int threads) {
  entry = function;
  arguments = given;
  block.numBlocks = blocks;
  for (block.number = 0; block.number < blocks; ++block.number) {
    std::memset(shared, 0xff, sizeof shared); // NaNs: nothing may rely on what was there
    block.barriers.clear();
    block.threads = std::vector<Thread>(threads);
    block.stacks.resize(size_t(threads) * stackBytes);
    block.words.assign(2 * threads * 16, 0);
    for (int i = 0; i < threads; ++i) {
      ucontext_t &context = block.threads[i].context;
      getcontext(&context);
      context.uc_stack.ss_sp = &block.stacks[size_t(i) * stackBytes];
      context.uc_stack.ss_size = stackBytes;
      context.uc_link = nullptr;
      makecontext(&context, run, 0);
    }
    for (bool any = true; any;) {
      any = false;
      for (block.current = 0; block.current < threads; ++block.current)
        if (!self().done) {
          any = true;
          swapcontext(&block.scheduler, &self().context);
        }
    }
  }
}
}
