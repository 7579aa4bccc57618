#pragma once
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

/// What is large goes back to the system as soon as it is freed. Left alone, glibc keeps more and more of it for itself once
/// something large was freed.
///
/// @param size From how many bytes on something is large.
static inline void stowage_return_large_memory(int size) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, size);
#endif
}
