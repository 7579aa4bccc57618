import KubernetesAPI
import NIOCore
import OrderedJSON
import StateStorage
import Synchronization
import TerraformState
import TestScopes
import Testing

/// What the cluster kept of states and locks, version by version in its own order, as somebody sees it who is told of every change.
final class SoakJournal: Sendable {
    /// A version of a state's Secret.
    struct StateWrite: Sendable, Hashable {
        var serial: UInt64
        var lineage: String
        /// Tells states apart; of the state file, not of its gzip.
        var digest: Int
        var marker: String?
    }

    /// A version of a lock's Lease.
    struct Holding: Sendable, Hashable {
        /// nil where nobody holds it.
        var holder: String?
        var version: UInt64
    }

    struct Entries: Sendable {
        /// The states of each environment. What is no whole state, or was deleted, is nil.
        var states: [String: [StateWrite?]] = [:]
        /// When each environment's states were written: the cluster counts all that it keeps.
        var writes: [String: [UInt64]] = [:]
        /// Who held the lock of each environment.
        var holders: [String: [Holding]] = [:]
    }

    private static let lastName = "soak-is-over"
    private static let statePrefix = "tfstate-default-"
    private static let lockPrefix = "lock-tfstate-default-"

    private let entries = Mutex(Entries())

    var now: Entries { entries.withLock { $0 } }

    /// Keeps the journal while the body runs, and until it has everything that happened by then.
    ///
    /// - Parameter client: who may watch.
    static func with(_ client: KubernetesClient, _ body: (SoakJournal) async throws -> Void) async throws -> Entries {
        let journal = SoakJournal()
        let versions = try await [ResourceKind.secret, .lease].asyncMap { try await Self.version(of: $0, client) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (kind, version) in zip([ResourceKind.secret, .lease], versions) {
                group.addTask { try await journal.follow(kind, from: version, client) }
            }
            try await body(journal)
            for kind in [ResourceKind.secret, .lease] {
                _ = try await client.create(
                    kind, namespace: RunnerCluster.namespace,
                    ["metadata": ["name": .string(lastName), "labels": ["tfstate": "true"]]])
            }
            try await group.waitForAll()
        }
        return journal.now
    }

    private static func version(of kind: ResourceKind, _ client: KubernetesClient) async throws -> String {
        let list = try await client.send(APIRequest(.get, kind.path(namespace: RunnerCluster.namespace) + "?limit=1"))
        let json = try JSON(parsing: try await list.collect(upTo: 8 << 20))
        return try #require(json["metadata"]?["resourceVersion"]?.string)
    }

    /// A watch that ends is begun again where it ended.
    private func follow(_ kind: ResourceKind, from first: String, _ client: KubernetesClient) async throws {
        var version = first
        let path = kind.path(namespace: RunnerCluster.namespace)
        while true {
            let response = try await client.send(
                APIRequest(.get, "\(path)?watch=true&labelSelector=tfstate%3Dtrue&resourceVersion=\(version)"))
            try #require(response.status == 200)
            var line: [UInt8] = []
            do {
                for try await chunk in response.body {
                    for piece in chunk.readableBytesView.split(
                        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
                    ).enumerated() {
                        if piece.offset > 0 {
                            guard let next = try note(line, kind) else { return }
                            version = next
                            line = []
                        }
                        line += piece.element
                    }
                }
            } catch let error as KubernetesError where error.code == .unreachable {
                continue
            }
        }
    }

    /// - Returns: the version of the object; nil where it is the last one.
    private func note(_ line: [UInt8], _ kind: ResourceKind) throws -> String? {
        let event = try JSON(parsing: line)
        let object = try #require(event["object"])
        let version = try #require(object.resourceVersion, "the watch failed: \(object.text.prefix(300))")
        let name = object.objectName ?? ""
        if name == Self.lastName { return nil }
        let number = try #require(UInt64(version))
        let isDeleted = event["type"]?.string == "DELETED"
        entries.withLock { entries in
            if kind.resource == ResourceKind.lease.resource, name.hasPrefix(Self.lockPrefix) {
                let holder = isDeleted ? nil : Lease(object: object).holderIdentity
                entries.holders[String(name.dropFirst(Self.lockPrefix.count)), default: []]
                    .append(Holding(holder: holder, version: number))
            } else if name.hasPrefix(Self.statePrefix) {
                let write = isDeleted ? nil : StateWrite(secret: object)
                let environment = String(name.dropFirst(Self.statePrefix.count))
                entries.states[environment, default: []].append(write)
                entries.writes[environment, default: []].append(number)
            }
        }
        return version
    }
}

extension SoakJournal.StateWrite {
    /// - Parameter secret: nil is returned where it holds no whole state.
    init?(secret: JSON) {
        guard let text = secret["data"]?["tfstate"]?.string, let payload = try? Base64.decode(text),
            let bytes = try? Gzip.decompress(payload, limit: 64 << 20)
        else { return nil }
        self.init(state: bytes)
    }

    /// - Parameter state: nil is returned where that is no state file.
    init?(state bytes: [UInt8]) {
        guard let file = try? StateFile(bytes), let json = try? JSON(parsing: bytes) else { return nil }
        self.init(
            serial: file.serial, lineage: file.lineage, digest: bytes.hashValue,
            marker: json["outputs"]?["marker"]?["value"]?.string)
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
