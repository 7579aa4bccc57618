internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON

/// What clients ask first: which groups, versions and kinds there are. Made once, since it never changes.
struct Discovery: Sendable {
    /// By path, and by the version of the form.
    private let aggregated: [String: [String: TaggedDocument]]
    private let legacy: [String: JSON]

    init(_ kinds: [ServedKind]) {
        let groups = Dictionary(grouping: kinds, by: \.kind.group)
        let names = groups.keys.filter { !$0.isEmpty }.sorted(by: Self.groupOrder)
        func documents(_ groups: [(name: String, kinds: [ServedKind])]) -> [String: TaggedDocument] {
            Dictionary(
                uniqueKeysWithValues: ["v2", "v2beta1"].map {
                    ($0, TaggedDocument(Self.aggregatedList(groups, version: $0)))
                })
        }
        aggregated = [
            "/api": documents([("", groups[""] ?? [])]), "/apis": documents(names.map { ($0, groups[$0] ?? []) }),
        ]
        var legacy: [String: JSON] = [
            "/apis": [
                "kind": "APIGroupList", "apiVersion": "v1",
                "groups": .array(names.map { Self.group($0, groups[$0] ?? []) }),
            ]
        ]
        for (name, kinds) in groups {
            if !name.isEmpty {
                var group: JSON = ["kind": "APIGroup", "apiVersion": "v1"]
                for (key, value) in Self.group(name, kinds).object ?? [:] { group[key] = value }
                legacy["/apis/\(name)"] = group
            }
            for (path, kinds) in Dictionary(grouping: kinds, by: \.kind.versionPath) {
                legacy[path] = Self.resources(kinds)
            }
        }
        self.legacy = legacy
    }

    /// nil for paths that are not about discovery.
    func answer(_ request: ServerRequest) async throws -> Response? {
        let path =
            request.path.count > 1 && request.path.hasSuffix("/") ? String(request.path.dropLast()) : request.path
        guard path == "/api" || legacy[path] != nil else { return nil }
        guard request.method == .get || request.method == .head else { throw Status.methodNotAllowed }
        if let documents = aggregated[path] {
            for type in MediaType.clauses(request.headers[.accept] ?? "") {
                if type.parameters["as"] == "APIGroupDiscoveryList", type.accepts(.json),
                    type.parameters["g"] == "apidiscovery.k8s.io", let version = type.parameters["v"],
                    let document = documents[version]
                {
                    return Self.answer(document, version: version, request)
                }
                if type.parameters["as"] == nil, AnswerMediaType.allCases.contains(where: type.accepts) { break }
            }
        }
        let accepted = try AcceptedAnswer(request, for: .plain)
        return try await accepted.encode(.json(legacy[path]?.bytes ?? Self.versions(request).bytes))
    }

    private static func answer(_ document: TaggedDocument, version: String, _ request: ServerRequest) -> Response {
        var headers: HTTPFields = [.cacheControl: "public", .eTag: document.tag, .vary: "Accept"]
        guard !document.isNamed(in: request.headers[.ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes)))
    }

    private static func versions(_ request: ServerRequest) -> JSON {
        [
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [
                ["clientCIDR": "0.0.0.0/0", "serverAddress": .string(request.authority ?? "")]
            ],
        ]
    }

    /// What `kubectl version` asks for.
    static let version: Response = {
        let version: JSON = [
            "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
            "minCompatibilityMinor": "35", "gitVersion": "v1.36.2+stowage", "gitCommit": "", "gitTreeState": "",
            "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "swiftc", "platform": "linux/amd64",
        ]
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache, private"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: version.prettyText.utf8.dropLast())))
    }()
}
