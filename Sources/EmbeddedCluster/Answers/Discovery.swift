internal import Crypto
internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON

/// What clients ask first: which groups, versions and kinds there are. Made once, since it never changes.
struct Discovery: Sendable {
    private struct Document: Sendable {
        let bytes: [UInt8]
        let tag: String

        init(_ json: JSON) {
            bytes = json.bytes
            tag =
                "\""
                + SHA512.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16).uppercased() }.joined()
                + "\""
        }
    }

    private let aggregated: [String: Document]
    private let legacy: [String: JSON]

    init(_ kinds: [ServedKind]) {
        let groups = Dictionary(grouping: kinds, by: \.kind.group)
        let names = groups.keys.filter { !$0.isEmpty }.sorted()
        aggregated = [
            "/api": Document(Self.aggregatedList([("", groups[""] ?? [])])),
            "/apis": Document(Self.aggregatedList(names.map { ($0, groups[$0] ?? []) })),
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
    func answer(_ request: ServerRequest) throws -> Response? {
        let path =
            request.path.count > 1 && request.path.hasSuffix("/") ? String(request.path.dropLast()) : request.path
        guard path == "/api" || legacy[path] != nil else { return nil }
        guard request.method == .get || request.method == .head else { throw Status.methodNotAllowed }
        for clause in (request.headers[.accept] ?? "*/*").split(separator: ",") {
            let type = MediaType(clause)
            if let document = aggregated[path], type.parameters["as"] == "APIGroupDiscoveryList",
                type.parameters["g"] == "apidiscovery.k8s.io", type.parameters["v"] == "v2"
            {
                return Self.answer(document, request)
            }
            guard type.parameters["as"] == nil, ["application/json", "application/*", "*/*"].contains(type.name) else {
                continue
            }
            return .json(legacy[path]?.bytes ?? Self.versions(request).bytes)
        }
        throw Status.notAcceptable
    }

    private static func answer(_ document: Document, _ request: ServerRequest) -> Response {
        let headers: HTTPFields = [
            .contentType: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
            .cacheControl: "public",
            .eTag: document.tag, .vary: "Accept",
        ]
        if request.headers[.ifNoneMatch] == document.tag {
            return Response(
                status: .notModified, headers: [.cacheControl: "public", .eTag: document.tag, .vary: "Accept"])
        }
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

    static let version: [UInt8] = {
        let version: JSON = [
            "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
            "minCompatibilityMinor": "35", "gitVersion": "v1.36.2+stowage", "gitCommit": "", "gitTreeState": "",
            "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "swiftc", "platform": "linux/amd64",
        ]
        return Array(version.prettyText.utf8.dropLast())
    }()
}
