//===- Cores.h - how many threads are worth starting ----------------------===//
#ifndef TRANSOM_RUNTIME_CORES_H
#define TRANSOM_RUNTIME_CORES_H

#include <stdint.h>

namespace transom::runtime {

/// Cores that this process may use: its CPU mask, a core's hyperthreads counted
/// once, and no more than its control groups' quota.
uint32_t availableCores();

/// CPUs in this process's mask; 0 if it cannot be read.
uint32_t availableCpus();

/// Moves the calling thread to the CPU that is `distance` places after `cpu` in
/// its mask, once: the mask stays as it was, and the scheduler is free to move
/// it again. A new thread starts on its creator's CPU, and where both spin it
/// can take the scheduler many runs to part them. Does nothing where it may not.
void leaveCpu(int cpu, uint32_t distance);

/// CPUs, rounded up, that the quota of a control group (version 2) or of one
/// that it is in is worth; 0 if there is none. `group` starts with a slash.
uint32_t quotaCpus(const char *mount, const char *group);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_CORES_H
