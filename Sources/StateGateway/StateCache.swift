internal import StateStorage
internal import Synchronization

/// States that were read or saved lately, in case that they are still what is there: whoever uses one asks the cluster first.
final class StateCache: Sendable {
    struct Entry: Sendable {
        let revision: StateRevision
        let serial: UInt64
        let contentMD5: String
        let body: GatewayBody
        /// What the next save under the same lock may begin from.
        var saved: SavedState?

        var size: Int { body.count }

        init(_ revision: StateRevision, serial: UInt64, _ bytes: [UInt8], contentMD5: String) {
            self.revision = revision
            self.serial = serial
            self.contentMD5 = contentMD5
            // A second copy, and the only one once it is kept; of a large state there must be none.
            body = bytes.count <= StateCache.largestEntry ? .sharing(bytes) : .bytes(bytes)
        }
    }

    private struct State {
        var entries: [EnvironmentID: (entry: Entry, use: UInt64)] = [:]
        var size = 0
        var uses: UInt64 = 0
        /// Of states that are not kept, in bytes, when they were last seen.
        var largeSizes: [EnvironmentID: Int] = [:]

        mutating func remove(_ environment: EnvironmentID) {
            if let removed = entries.removeValue(forKey: environment) { size -= removed.entry.size }
        }
    }

    /// A state that is larger is not kept.
    static let largestEntry = 1 << 20
    private static let mostSizes = 4096

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: of all states together.
    init(bytes limit: Int) { self.limit = limit }

    subscript(environment: EnvironmentID) -> Entry? {
        state.withLock { state in
            guard let entry = state.entries[environment]?.entry else { return nil }
            state.uses += 1
            state.entries[environment]?.use = state.uses
            return entry
        }
    }

    func keep(_ entry: Entry, _ environment: EnvironmentID) {
        noteSize(entry.size, environment)
        guard entry.size <= Self.largestEntry else { return forget(environment) }
        state.withLock { state in
            state.remove(environment)
            state.uses += 1
            state.entries[environment] = (entry, state.uses)
            state.size += entry.size
            while state.size > limit, let oldest = state.entries.min(by: { $0.value.use < $1.value.use })?.key {
                state.remove(oldest)
            }
        }
    }

    func forget(_ environment: EnvironmentID) { state.withLock { $0.remove(environment) } }

    func noteSize(_ size: Int, _ environment: EnvironmentID) {
        state.withLock { state in
            guard size > Self.largestEntry else { return state.largeSizes[environment] = nil }
            if state.largeSizes.count >= Self.mostSizes { state.largeSizes = [:] }
            state.largeSizes[environment] = size
        }
    }

    /// Of how many states the size is remembered.
    var rememberedSizes: Int { state.withLock { $0.largeSizes.count } }

    /// How many bytes a state has, by what is known of it.
    func expectedSize(_ environment: EnvironmentID) -> Int {
        state.withLock { state in
            state.largeSizes[environment] ?? state.entries[environment]?.entry.size ?? Self.largestEntry
        }
    }
}
