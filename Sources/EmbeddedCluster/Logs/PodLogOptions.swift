internal import KubernetesAPI
internal import OrderedJSON

/// Which part of a log somebody wants, and how.
///
/// Source: Kubernetes API reference, core/v1 `PodLogOptions`; k8s.io/kubernetes/pkg/apis/core/validation.
struct PodLogOptions: Sendable {
    let container: String?
    let follows: Bool
    let isOfPreviousRun: Bool
    let hasTimestamps: Bool
    let tailLines: Int?
    let limitBytes: Int?
    let since: Timestamp?

    /// - Throws: 400 and 422 in Kubernetes' words.
    init(_ query: QueryParameters, now: Timestamp) throws {
        container = query["container"]
        follows = query.isTrue("follow")
        isOfPreviousRun = query.isTrue("previous")
        hasTimestamps = query.isTrue("timestamps")
        tailLines = try Self.number(query, "tailLines")
        limitBytes = try Self.number(query, "limitBytes")
        let sinceSeconds = try Self.number(query, "sinceSeconds")
        let sinceTime = try query["sinceTime"].map { text in
            guard let time = Timestamp(parsing: text) else {
                throw Status.badRequest("parsing time \(JSON.string(text).text) as RFC 3339 failed")
            }
            return time
        }
        since = sinceTime ?? sinceSeconds.map { now - .seconds($0) }
        var errors: [FieldError] = []
        func value(_ number: Int?) -> JSON { .number(JSONNumber(number ?? 0)) }
        if let tailLines, tailLines < 0 {
            errors.append(.invalid("tailLines", value(tailLines), "must be greater than or equal to 0"))
        }
        if let limitBytes, limitBytes < 1 {
            errors.append(.invalid("limitBytes", value(limitBytes), "must be greater than 0"))
        }
        if sinceSeconds != nil, sinceTime != nil {
            errors.append(.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
        } else if let sinceSeconds, sinceSeconds < 1 {
            errors.append(.invalid("sinceSeconds", value(sinceSeconds), "must be greater than 0"))
        }
        if !errors.isEmpty { throw Status.invalid(kind: "PodLogOptions", group: "", name: "", errors) }
    }

    private static func number(_ query: QueryParameters, _ name: String) throws -> Int? {
        try query[name].map { text in
            guard let number = Int(text) else {
                throw Status.badRequest("strconv.ParseInt: parsing \(JSON.string(text).text): invalid syntax")
            }
            return number
        }
    }
}
