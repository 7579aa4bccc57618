internal import Crypto
public import TerraformState

/// A state that is to be written: what is compared before anything happens, and its bytes when their turn comes.
///
/// A large state need not be in memory all the while: its bytes may come from the file that it was read from.
public struct NewState: Sendable {
    /// What it says of itself, and its checksum.
    public let facts: StateFacts
    /// At most so many bytes from an offset on; none at the end.
    private let read: @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8]
    /// Whether the bytes could be others by the time that they are read.
    private let isChangeable: Bool

    /// A state in memory.
    public init(_ file: StateFile) {
        facts = StateFacts(file)
        isChangeable = false
        read = { offset, count in
            let end = min(offset + count, file.bytes.count)
            return offset == 0 && end == file.bytes.count ? file.bytes : Array(file.bytes[offset..<end])
        }
    }

    /// A state that was read before, and is read again when it is written.
    ///
    /// - Parameter read: gives at most so many bytes of it from an offset on, and none at its end.
    public init(_ facts: StateFacts, read: @escaping @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8]) {
        self.facts = facts
        self.read = read
        isChangeable = true
    }

    /// Its gzip, cut as the engines do.
    ///
    /// What is larger than ``pieceSize`` becomes several members of one gzip, which is read as one (RFC 1952, 2.2): so no
    /// more than a piece is in memory beside the result.
    ///
    /// - Returns: nil where the bytes are not those that the facts are about.
    func parts(limit: Int) async throws -> [[UInt8]]? {
        var parts: [[UInt8]] = []
        var part: [UInt8] = []
        var (hash, offset) = (SHA256(), 0)
        repeat {
            let piece = try await read(offset, Self.pieceSize)
            if piece.isEmpty, offset > 0 { return nil }
            if isChangeable { hash.update(data: piece) }
            offset += piece.count
            let compressed = Gzip.compress(piece)
            if compressed.count <= limit, offset == facts.size, offset == piece.count, !isChangeable {
                return [compressed]
            }
            var rest = compressed[...]
            while !rest.isEmpty {
                if part.isEmpty { part.reserveCapacity(min(limit, rest.count)) }
                let share = rest.prefix(limit - part.count)
                part += share
                rest = rest.dropFirst(share.count)
                if part.count == limit {
                    parts.append(part)
                    part = []
                }
            }
        } while offset < facts.size
        if !part.isEmpty { parts.append(part) }
        guard isChangeable else { return parts }
        return offset == facts.size && hexadecimal(hash.finalize()) == facts.sha256 ? parts : nil
    }

    static let pieceSize = 1 << 20
}
