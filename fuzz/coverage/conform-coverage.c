/*
 * Counts which edges of a target's code run, in a file that `conform fuzz --coverage FILE` reads. Compile this file without
 * coverage flags, and link it into the target, which is compiled with
 *
 *   gcc -fsanitize-coverage=trace-pc            or
 *   clang -fsanitize-coverage=trace-pc-guard
 *
 * CONFORM_COVERAGE in the environment names the file; without it, nothing is counted. The file is made if it does not exist,
 * and has one byte for each edge. Processes that the target forks share it.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A power of two. */
#define COUNTERS (64 * 1024)

extern const char __executable_start[];

static uint8_t *counters;
static uintptr_t mask;
static __thread uintptr_t previous;

static void open_counters(void) {
  const char *path = getenv("CONFORM_COVERAGE");
  struct stat status = {0};
  if (counters != NULL || path == NULL) return;
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (fstat(file, &status) == 0 && status.st_size == 0 && ftruncate(file, COUNTERS) == 0) fstat(file, &status);
  if (status.st_size > 0 && (status.st_size & (status.st_size - 1)) == 0) {
    void *shared = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared != MAP_FAILED) {
      mask = (uintptr_t)status.st_size - 1;
      counters = shared;
    }
  }
  close(file);
}

__attribute__((constructor(101))) static void begin(void) { open_counters(); }

/* An edge is a pair of places, so the order in which two branches run makes a difference. Threads may lose a count. */
static void count(uintptr_t place) {
  if (counters == NULL) return;
  place = (place * 0x9E3779B97F4A7C15u) >> 24;
  uint8_t *counter = &counters[(place ^ previous) & mask];
  if (*counter != UINT8_MAX) *counter += 1;
  previous = place >> 1;
}

/* gcc. Addresses differ from start to start, so the distance from the beginning of the program counts. */
void __sanitizer_cov_trace_pc(void) {
  count((uintptr_t)__builtin_return_address(0) - (uintptr_t)__executable_start);
}

/* clang: each edge has a number. */
void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop) {
  static uint32_t edges;
  open_counters();
  if (start == stop || *start != 0) return;
  for (uint32_t *guard = start; guard < stop; guard += 1) *guard = ++edges;
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard) { count(*guard); }
