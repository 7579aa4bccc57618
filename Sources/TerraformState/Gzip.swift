internal import CDeflate

/// Gzip (RFC 1952) of whole buffers, as the engines keep state files in Secrets.
public enum Gzip {
    /// Compresses into one member.
    ///
    /// - Parameter level: 1 (fastest) to 12 (smallest).
    public static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
        guard let compressor = libdeflate_alloc_compressor(level) else {
            preconditionFailure("level \(level) is none of libdeflate's, or there is no memory left")
        }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_gzip_compress_bound(compressor, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = bytes.withUnsafeBytes {
                libdeflate_gzip_compress(compressor, $0.baseAddress, $0.count, output.baseAddress, bound)
            }
        }
    }

    /// The bytes that were compressed, with checksum and length verified. Several members in a row are read as one, as
    /// the engines do.
    ///
    /// - Parameter limit: of the result, in bytes; nothing larger is ever held in memory.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
        var output: [UInt8] = []
        var offset = 0
        repeat {
            let member: GzipMember
            do {
                member = try GzipMember(bytes, from: offset, limit: limit - output.count)
            } catch {
                // What follows a complete member is a matter of its own: a part too many, not a damaged state.
                guard offset > 0, error.code == .notGzip else { throw error }
                throw GzipError(code: .trailingBytes, offset: offset)
            }
            if output.isEmpty { output = member.content } else { output += member.content }
            offset = member.end
        } while offset < bytes.count
        return output
    }
}

/// Why bytes are not the gzip of something.
public struct GzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case notGzip, damaged, checksum, tooLarge, trailingBytes }
        private let kind: Kind

        /// No gzip header where one should be.
        public static let notGzip = Code(kind: .notGzip)
        /// The compressed data is cut off, or is none.
        public static let damaged = Code(kind: .damaged)
        /// It inflates, but to something other than what was compressed.
        public static let checksum = Code(kind: .checksum)
        /// It would inflate to more than the limit.
        public static let tooLarge = Code(kind: .tooLarge)
        /// A complete member is followed by something that is no member.
        public static let trailingBytes = Code(kind: .trailingBytes)
    }

    /// What is wrong.
    public let code: Code
    /// Where in the input: the start of the member, or of what follows the last good one.
    public let offset: Int

    public var description: String {
        switch code {
        case .notGzip: "not gzip at byte \(offset)"
        case .damaged: "the gzip data is damaged or cut off"
        case .checksum: "the gzip checksum or length does not match the data"
        case .tooLarge: "the gzip data inflates to more than is allowed"
        default: "the gzip data ends at byte \(offset), and something else follows"
        }
    }
}
