#pragma once
#include <zlib.h>

/// As `inflateInit2` for gzip, which is a macro.
static inline int stowage_inflate_gzip_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
