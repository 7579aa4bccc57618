// The C library of the platform, under one name. `@_exported` is what swift-nio makes its umbrella modules with.
#if canImport(Glibc)
    @_exported public import Glibc
#elseif canImport(Musl)
    @_exported public import Musl
#else
    @_exported public import Darwin
#endif
