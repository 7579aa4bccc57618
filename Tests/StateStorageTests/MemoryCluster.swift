import KubernetesAPI
import OrderedJSON
import Synchronization

/// Secrets and Leases of an API server in memory: compare-and-swap, label selectors, metadata-only answers and a Role. It
/// stands in for a cluster where a test needs thousands of writes, each disturbed in another way.
final class MemoryCluster: Transport {
    private struct State {
        var objects: [String: JSON] = [:]
        var revision = 100
        var time = 0
        var forbidden: Set<String> = []
        var requests = 0
    }

    private let state = Mutex(State())
    private let verbs: Set<HTTPVerb>
    private let mayList: Bool

    /// - Parameters:
    ///   - mayDelete: more than the documented Role grants.
    ///   - mayList: false for a Role that is limited to names.
    init(mayDelete: Bool = false, mayList: Bool = true) {
        verbs = mayDelete ? [.get, .post, .put, .delete] : [.get, .post, .put]
        self.mayList = mayList
    }

    /// A copy that shares nothing with the original.
    init(copyOf other: MemoryCluster) {
        verbs = other.verbs
        mayList = other.mayList
        let copy = other.state.withLock { $0 }
        state.withLock { $0 = copy }
    }

    /// How many requests it answered.
    var requests: Int { state.withLock { $0.requests } }

    /// Every object, by path.
    var objects: [String: JSON] { state.withLock { $0.objects } }

    /// Changes an object behind everybody's back, as `kubectl edit` does.
    func edit(_ path: String, _ change: (inout JSON) -> Void) {
        state.withLock { state in
            guard var object = state.objects[path] else { return }
            change(&object)
            _ = Self.store(object, at: path, in: &state)
        }
    }

    func put(_ object: JSON, at path: String) { state.withLock { _ = Self.store(object, at: path, in: &$0) } }

    /// Seconds of the cluster's day, which its answers tell.
    var time: Int {
        get { state.withLock { $0.time } }
        set { state.withLock { $0.time = newValue } }
    }

    /// Denies everything about one object.
    func forbid(_ path: String) { state.withLock { _ = $0.forbidden.insert(path) } }

    func remove(_ path: String) { state.withLock { $0.objects[path] = nil } }

    func send(_ request: APIRequest) async throws -> APIResponse { answer(request) }

    func answer(_ request: APIRequest) -> APIResponse {
        let (status, body, time) = state.withLock { state in
            state.requests += 1
            let (status, body) = answer(request, &state)
            return (status, body, state.time)
        }
        return APIResponse(
            status: status, headers: [("Date", "Wed, 25 Nov 2026 \(Self.clock(time)) GMT")],
            body: APIResponseBody(body.bytes))
    }

    private func answer(_ request: APIRequest, _ state: inout State) -> (Int, JSON) {
        let halves = request.path.split(separator: "?", maxSplits: 1).map(String.init)
        let path = halves[0]
        guard verbs.contains(request.verb), !state.forbidden.contains(path) else {
            return Self.failure(403, "Forbidden")
        }
        // The documented Role does not grant to list leases.
        if request.verb == .get, path.hasSuffix("/leases") { return Self.failure(403, "Forbidden") }
        let isCollection = path.hasSuffix("/secrets") || path.hasSuffix("/leases")
        if !mayList, request.verb == .get, isCollection { return Self.failure(403, "Forbidden") }
        switch request.verb {
        case .get where isCollection: return list(path, query: halves.count > 1 ? halves[1] : "", request, state)
        case .get:
            guard let object = state.objects[path] else { return Self.failure(404, "NotFound") }
            return (200, wantsMetadata(request) ? Self.metadata(object) : object)
        case .post:
            guard let object = request.body.flatMap({ try? JSON(parsing: $0) }) else {
                return Self.failure(400, "BadRequest")
            }
            let path = "\(path)/\(object.objectName ?? "")"
            guard !state.forbidden.contains(path) else { return Self.failure(403, "Forbidden") }
            guard state.objects[path] == nil else { return Self.failure(409, "AlreadyExists") }
            return (201, answered(Self.store(object, at: path, in: &state), request))
        case .put:
            guard let object = request.body.flatMap({ try? JSON(parsing: $0) }) else {
                return Self.failure(400, "BadRequest")
            }
            guard let current = state.objects[path] else { return Self.failure(404, "NotFound") }
            guard object.resourceVersion == current.resourceVersion else { return Self.failure(409, "Conflict") }
            if current["immutable"] == true { return Self.failure(422, "Invalid") }
            return (200, answered(Self.store(object, at: path, in: &state), request))
        default:
            guard let current = state.objects[path] else { return Self.failure(404, "NotFound") }
            let options = request.body.flatMap { try? JSON(parsing: $0) } ?? [:]
            if let version = options["preconditions"]?["resourceVersion"]?.string, version != current.resourceVersion {
                return Self.failure(409, "Conflict")
            }
            if halves.count > 1, halves[1].contains("dryRun=All") { return (200, ["kind": "Status"]) }
            state.objects[path] = nil
            return (200, ["kind": "Status"])
        }
    }

    private func list(_ path: String, query: String, _ request: APIRequest, _ state: State) -> (Int, JSON) {
        let selector =
            query.split(separator: "&").first { $0.hasPrefix("labelSelector=") }
            .map { Self.percentDecoded(String($0.dropFirst("labelSelector=".count))) } ?? ""
        guard let selector = try? LabelSelector(parsing: selector) else { return Self.failure(400, "BadRequest") }
        let found = state.objects.filter { $0.key.hasPrefix("\(path)/") && selector.matches($0.value.objectLabels) }
            .sorted { $0.key < $1.key }.map { wantsMetadata(request) ? Self.metadata($0.value) : $0.value }
        return (
            200,
            ["kind": "List", "metadata": ["resourceVersion": .string("\(state.revision)")], "items": .array(found)]
        )
    }

    private func wantsMetadata(_ request: APIRequest) -> Bool {
        request.headers.contains { $0.name == "Accept" && $0.value.contains("PartialObjectMetadata") }
    }

    private func answered(_ object: JSON, _ request: APIRequest) -> JSON {
        wantsMetadata(request) ? Self.metadata(object) : object
    }

    private static func clock(_ time: Int) -> String {
        [time / 3600, time / 60 % 60, time % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    private static func store(_ object: JSON, at path: String, in state: inout State) -> JSON {
        // A cluster does not make a new version of an object that an update leaves as it was.
        if let current = state.objects[path], current == object { return current }
        state.revision += 1
        var object = object
        var metadata = object["metadata"] ?? [:]
        metadata["resourceVersion"] = .string("\(state.revision)")
        if object["kind"] == "Lease", metadata["creationTimestamp"] == nil {
            metadata["creationTimestamp"] = .string("2026-11-25T\(Self.clock(state.time))Z")
        }
        object["metadata"] = metadata
        state.objects[path] = object
        return object
    }

    private static func metadata(_ object: JSON) -> JSON {
        ["kind": "PartialObjectMetadata", "metadata": object["metadata"] ?? [:]]
    }

    private static func failure(_ code: Int, _ reason: String) -> (Int, JSON) {
        (code, Status(code: code, reason: reason, message: reason).json)
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
