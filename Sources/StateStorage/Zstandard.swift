internal import CZstandard

/// Zstandard (RFC 8878) of whole buffers, with a dictionary where one is at hand: a state is mostly the next one.
enum Zstandard {
    /// - Parameter dictionary: needed again to decompress; nil for none.
    static func compress(_ bytes: [UInt8], dictionary: [UInt8]? = nil) -> [UInt8] {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("there is no memory left") }
        defer { ZSTD_freeCCtx(context) }
        let size = bytes.count + (dictionary?.count ?? 0)
        // Strong where that takes milliseconds, quick where the state is large.
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, size < 4 << 20 ? 12 : 5)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        let windowLog = Int32(Int.bitWidth - max(size, 1).leadingZeroBitCount)
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, min(max(windowLog, 10), 27))
        if size > 1 << 20 { ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1) }
        return withBytes(of: dictionary) { dictionary in
            ZSTD_CCtx_refPrefix(context, dictionary.baseAddress, dictionary.count)
            let bound = ZSTD_compressBound(bytes.count)
            return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                count = bytes.withUnsafeBytes {
                    ZSTD_compress2(context, output.baseAddress, bound, $0.baseAddress, $0.count)
                }
                precondition(ZSTD_isError(count) == 0, "the bound of zstd is large enough for everything")
            }
        }
    }

    /// - Parameter size: of the result, in bytes, which must be known.
    /// - Returns: nil for anything that does not decompress, intact, to that size.
    static func decompress(_ bytes: [UInt8], size: Int, dictionary: [UInt8]? = nil) -> [UInt8]? {
        guard size >= 0, let context = ZSTD_createDCtx() else { return nil }
        defer { ZSTD_freeDCtx(context) }
        var result = 0
        let output = withBytes(of: dictionary) { dictionary in
            ZSTD_DCtx_refPrefix(context, dictionary.baseAddress, dictionary.count)
            return [UInt8](unsafeUninitializedCapacity: max(size, 1)) { output, count in
                result = bytes.withUnsafeBytes {
                    ZSTD_decompressDCtx(context, output.baseAddress, size, $0.baseAddress, $0.count)
                }
                count = ZSTD_isError(result) == 0 ? result : 0
            }
        }
        return ZSTD_isError(result) == 0 && result == size ? output : nil
    }

    private static func withBytes<T>(of bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        guard let bytes else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return bytes.withUnsafeBytes(body)
    }
}
