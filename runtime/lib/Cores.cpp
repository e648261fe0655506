//===- Cores.cpp - CPU mask, topology and quota ---------------------------===//
#include "Cores.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace transom::runtime {
namespace {

/// As many CPUs as a Linux kernel can be built for; a cpu_set_t ends at 1024.
struct CpuMask {
  static constexpr int most = 8192;
  cpu_set_t sets[most / CPU_SETSIZE];
  bool read() { return sched_getaffinity(0, sizeof sets, sets) == 0; }
  bool has(int cpu) const { return CPU_ISSET_S(size_t(cpu), sizeof sets, sets); }
  uint32_t count() const { return uint32_t(CPU_COUNT_S(sizeof sets, sets)); }
};

/// The file's beginning, up to `bytes`; false if it is not there or empty.
bool readStart(const char *path, char *text, size_t bytes) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return false;
  ssize_t got = read(file, text, bytes - 1);
  close(file);
  text[got > 0 ? got : 0] = '\0';
  return got > 0;
}

/// The quota of the group that this process is in.
uint32_t ownQuota() {
  char groups[2048];
  const char *group = "/";
  if (readStart("/proc/self/cgroup", groups, sizeof groups)) {
    // Version 2's line is "0::/its/path".
    char *line = strncmp(groups, "0::", 3) == 0 ? groups : strstr(groups, "\n0::");
    if (line) {
      char *path = strchr(line, '/');
      if (path) {
        path[strcspn(path, "\n")] = '\0';
        group = path;
      }
    }
  }
  return quotaCpus("/sys/fs/cgroup", group);
}

} // namespace

uint32_t quotaCpus(const char *mount, const char *group) {
  char path[PATH_MAX];
  uint32_t least = 0;
  // The group, the one that it is in, and so on up to the mount.
  for (size_t length = strlen(group);; --length) {
    int written = snprintf(path, sizeof path, "%s%.*s/cpu.max", mount, int(length), group);
    char line[64];
    if (written > 0 && size_t(written) < sizeof path && readStart(path, line, sizeof line)) {
      char *end;
      long long quota = strtoll(line, &end, 10); // "max 100000" has no number
      long long period = end == line ? 0 : strtoll(end, nullptr, 10);
      if (quota > 0 && period > 0) {
        auto cpus = uint32_t((quota + period - 1) / period);
        if (!least || cpus < least)
          least = cpus;
      }
    }
    while (length && group[length - 1] != '/')
      --length;
    if (!length)
      return least;
  }
}

uint32_t availableCpus() {
  CpuMask mask;
  return mask.read() ? mask.count() : 0;
}

uint32_t availableCores() {
  CpuMask mask;
  if (!mask.read())
    return 1;
  uint32_t cores = 0;
  for (int cpu = 0; cpu < CpuMask::most; ++cpu) {
    if (!mask.has(cpu))
      continue;
    char path[96], line[64];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    // A core is counted at its first hyperthread, if that one is ours to use.
    int first = readStart(path, line, sizeof line) ? atoi(line) : cpu;
    if (first >= cpu || !mask.has(first))
      ++cores;
  }
  uint32_t quota = ownQuota();
  if (quota && quota < cores)
    cores = quota;
  return cores ? cores : 1;
}

void leaveCpu(int cpu, uint32_t distance) {
  CpuMask mask;
  if (cpu < 0 || cpu >= CpuMask::most || !mask.read() || !mask.has(cpu) || mask.count() < 2)
    return;
  int target = cpu;
  for (uint32_t steps = distance % mask.count(); steps > 0;) {
    target = (target + 1) % CpuMask::most;
    steps -= mask.has(target);
  }
  CpuMask one = {};
  CPU_SET_S(size_t(target), sizeof one.sets, one.sets);
  if (sched_setaffinity(0, sizeof one.sets, one.sets) == 0)
    sched_setaffinity(0, sizeof mask.sets, mask.sets);
}

} // namespace transom::runtime
