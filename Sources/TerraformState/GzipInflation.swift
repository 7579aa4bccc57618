internal import CZlib

/// Inflates gzip that comes in pieces, so that it need not be in memory whole beside what it inflates to.
///
/// The same input gives the same bytes and the same error as ``Gzip/decompress(_:limit:)``, which is several times faster
/// where all of the input is at hand.
public struct GzipInflation: ~Copyable {
    /// Of the result, in bytes.
    private let limit: Int
    private let stream: UnsafeMutablePointer<z_stream>
    private var output: [UInt8] = []
    /// What was taken of the result by now.
    private var taken = 0
    /// What zlib writes into, before it is appended to the output.
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)
    /// The input that was taken.
    private var offset = 0
    /// Where the member that is being read began.
    private var memberStart = 0
    /// Between members: whatever comes next must be one.
    private var isBetweenMembers = true

    private static let headerSize = 10

    /// - Parameter limit: of the result, in bytes; nothing larger is ever held in memory.
    public init(limit: Int) {
        self.limit = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        precondition(stowage_inflate_gzip_init(stream) == Z_OK, "there is no memory left")
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// The bytes inflated so far.
    public var count: Int { taken + output.count }

    /// Hands over what was inflated since the last time, so that it need not be kept. What is damaged is found out at the end
    /// only: call ``finish()``, too.
    public mutating func take() -> [UInt8] {
        defer { output = [] }
        taken += output.count
        return output
    }

    /// Whether the input so far is whole: it could end here.
    public var isWhole: Bool { isBetweenMembers && offset > 0 }

    /// Makes room for so many bytes in all. Room that is not used costs no memory, only addresses.
    public mutating func reserve(_ capacity: Int) { output.reserveCapacity(min(capacity, limit)) }

    /// Inflates the next bytes of the input; what came out is to be had by ``take()`` or ``finish()``.
    public mutating func append(_ piece: [UInt8]) throws(GzipError) {
        var left = piece.count
        // A full buffer may mean that zlib has more to give of what it took already.
        var mayHaveMore = false
        while left > 0 || mayHaveMore {
            if isBetweenMembers {
                // zlib looks at the two first bytes before it says that this is no header.
                isBetweenMembers = false
                memberStart = offset
                inflateReset(stream)
            }
            let step = try inflate(piece, from: piece.count - left)
            offset += step.taken
            left -= step.taken
            isBetweenMembers = step.isEnd
            mayHaveMore = step.isFull && !step.isEnd
        }
    }

    /// The bytes that were compressed, once: they are handed over.
    public mutating func finish() throws(GzipError) -> [UInt8] {
        guard isWhole else { throw unfinished() }
        defer { output = [] }
        return output
    }

    private func unfinished() -> GzipError {
        offset - memberStart < Self.headerSize ? noHeader() : GzipError(code: .damaged, offset: memberStart)
    }

    private func noHeader() -> GzipError {
        GzipError(code: memberStart > 0 ? .trailingBytes : .notGzip, offset: memberStart)
    }

    /// One step of zlib.
    private mutating func inflate(
        _ piece: [UInt8], from start: Int
    ) throws(GzipError) -> (taken: Int, isEnd: Bool, isFull: Bool) {
        var (status, taken, made) = (Z_OK, 0, 0)
        piece.withUnsafeBytes { input in
            buffer.withUnsafeMutableBufferPointer { output in
                // zlib does not write to its input, and its interface is older than const.
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: input.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self))
                stream.pointee.avail_in = UInt32(clamping: input.count - start)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                let given = Int(stream.pointee.avail_in)
                status = CZlib.inflate(stream, Z_NO_FLUSH)
                taken = given - Int(stream.pointee.avail_in)
                made = output.count - Int(stream.pointee.avail_out)
            }
        }
        guard count + made <= limit else { throw GzipError(code: .tooLarge, offset: memberStart) }
        output += buffer[..<made]
        switch status {
        case Z_OK, Z_BUF_ERROR: return (taken, false, made == buffer.count)
        case Z_STREAM_END: return (taken, true, false)
        default: throw failure()
        }
    }

    /// What zlib found wrong, in its own words.
    private func failure() -> GzipError {
        let message = stream.pointee.msg.map { String(cString: $0) } ?? ""
        if message.contains("data check") || message.contains("length check") {
            return GzipError(code: .checksum, offset: memberStart)
        }
        let isHeader = ["header check", "compression method", "header flags", "header crc"].contains {
            message.contains($0)
        }
        return isHeader ? noHeader() : GzipError(code: .damaged, offset: memberStart)
    }
}
