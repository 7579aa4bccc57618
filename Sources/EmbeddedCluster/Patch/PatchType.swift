internal import HTTPTypes
internal import KubernetesAPI

/// The sorts of patch, by their media type.
enum PatchType: String, Sendable, CaseIterable {
    /// A list of operations, RFC 6902.
    case json = "application/json-patch+json"
    /// RFC 7396: members replace members, null removes them.
    case merge = "application/merge-patch+json"
    /// As a merge patch, but lists of a kind are merged by what tells their elements apart.
    case strategic = "application/strategic-merge-patch+json"
    /// Server-side apply: what the client wants the object to say, of all that it has an opinion on.
    case apply = "application/apply-patch+yaml"

    /// - Throws: 415 for any other media type.
    init(_ request: ServerRequest) throws {
        let name = String((request.headers[.contentType] ?? "").prefix { $0 != ";" })
        guard let type = PatchType(rawValue: name) else {
            throw Status.unsupportedMediaType(Self.allCases.map(\.rawValue))
        }
        self = type
    }
}
