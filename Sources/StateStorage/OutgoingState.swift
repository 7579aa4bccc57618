internal import TerraformState

/// A state that is about to be replaced, and how the history comes by its bytes.
struct OutgoingState: Sendable {
    enum Source: Sendable {
        /// In memory, from which it is compressed anew.
        case file(StateFile)
        /// In the Secrets that it stands in, from which its gzip is copied part by part: a large state is then never in
        /// memory beside the one that replaces it.
        case parts([(name: String, resourceVersion: String)], size: Int)
    }

    let facts: StateFacts
    let source: Source

    init(_ file: StateFile) {
        facts = StateFacts(file)
        source = .file(file)
    }

    /// - Parameter largest: the size of the payload, in bytes, up to which the state is kept in memory.
    init(_ file: StateFile, _ facts: StateFacts, _ reading: StateReading, largest: Int) {
        self.facts = facts
        let isCopied = reading.payloadSize > largest && reading.pending == nil
        source =
            isCopied
            ? .parts(
                reading.parts.map { (name: $0.name, resourceVersion: $0.resourceVersion) }, size: reading.payloadSize)
            : .file(file)
    }
}

/// What is stored for a version: pieces that fit a Secret each, had when their turn comes.
struct StoredVersion: Sendable {
    let encoding: StateVersion.Encoding
    /// In bytes, of all pieces.
    let size: Int
    let count: Int
    let piece: @Sendable (Int) async throws -> [UInt8]
}

extension StateStore {
    func stored(_ outgoing: OutgoingState, _ names: StateNames) -> StoredVersion {
        switch outgoing.source {
        case .file(let file):
            let bytes = Zstandard.compress(file.bytes)
            let limit = configuration.partLimit
            return StoredVersion(
                encoding: .zstandard, size: bytes.count, count: max((bytes.count + limit - 1) / limit, 1)
            ) { index in
                Array(bytes[index * limit..<min((index + 1) * limit, bytes.count)])
            }
        case .parts(let parts, let size):
            return StoredVersion(encoding: .gzip, size: size, count: parts.count) { index in
                guard let part = try await part(parts[index].name),
                    part.resourceVersion == parts[index].resourceVersion
                else {
                    throw failure(
                        .changed, names.environment,
                        "somebody else changed the state while it was copied into the history; nothing was overwritten")
                }
                return part.payload
            }
        }
    }

    /// The state's bytes, for those that compare with them.
    func file(_ outgoing: OutgoingState, _ names: StateNames) async throws -> StateFile? {
        if case .file(let file) = outgoing.source { return file }
        let file = try await read(names).file()
        return file.flatMap { sha256($0.bytes) == outgoing.facts.sha256 ? $0 : nil }
    }
}
