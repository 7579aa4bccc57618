internal import KubernetesAPI

/// The form in which a client wants an answer.
enum AcceptedForm: Sendable, Hashable {
    case object
    case table
    /// PartialObjectMetadata, or a list of them.
    case metadata

    /// - Parameters:
    ///   - accept: the request's `Accept` header.
    ///   - isList: whether the answer is a list.
    /// - Throws: 406 when none of the forms is one of ours.
    init(_ accept: String?, isList: Bool) throws {
        guard let accept, !accept.isEmpty else {
            self = .object
            return
        }
        for clause in accept.split(separator: ",") {
            if let form = Self.form(MediaType(clause), isList: isList) {
                self = form
                return
            }
        }
        throw Status.notAcceptable
    }

    private static func form(_ type: MediaType, isList: Bool) -> AcceptedForm? {
        guard ["application/json", "application/*", "*/*"].contains(type.name) else { return nil }
        guard let kind = type.parameters["as"] else { return type.parameters["g"] == nil ? .object : nil }
        guard type.parameters["g"] == "meta.k8s.io", type.parameters["v"] == "v1" else { return nil }
        switch kind {
        case "Table": return .table
        case "PartialObjectMetadataList" where isList, "PartialObjectMetadata" where !isList: return .metadata
        default: return nil
        }
    }
}

/// A clause of an `Accept` header, or a `Content-Type`.
struct MediaType: Sendable, Hashable {
    let name: String
    let parameters: [String: String]

    init(_ text: some StringProtocol) {
        func trimmed(_ text: some StringProtocol) -> String {
            String(text.trimmingPrefix { $0 == " " }.reversed().trimmingPrefix { $0 == " " }.reversed())
        }
        let parts = text.split(separator: ";").map(trimmed)
        name = parts.first?.lowercased() ?? ""
        parameters = Dictionary(
            parts.dropFirst().map { part in
                let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                return (pair.first ?? "", pair.count == 2 ? pair[1] : "")
            }, uniquingKeysWith: { first, _ in first })
    }
}
