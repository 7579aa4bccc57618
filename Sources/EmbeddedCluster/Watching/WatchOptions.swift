internal import KubernetesAPI
internal import OrderedJSON

/// How a watch is asked for.
///
/// Source: Kubernetes API reference, meta/v1 `ListOptions`; k8s.io/apimachinery/pkg/apis/meta/internalversion
/// (`SetListOptionsDefaults`, `ValidateListOptions`).
struct WatchOptions: Sendable {
    enum Start: Sendable, Hashable {
        /// What is there, no older than that revision, and then what happens.
        case state(notOlderThan: Int64)
        /// What happened after that revision.
        case after(Int64)
        /// What happens from now on.
        case now
    }

    let start: Start
    /// Whether the client is told how far it is, now and then.
    let hasBookmarks: Bool
    let timeout: Duration

    /// - Parameter revision: the one of the request.
    /// - Throws: 400 and 422 in Kubernetes' words.
    init(_ query: QueryParameters, revision: Int64?, times: WatchTimes) throws {
        let match = query["resourceVersionMatch"]
        var sendsState = query.flag("sendInitialEvents")
        try Self.validate(match: match, sendsState: sendsState, continueToken: query["continue"])
        if sendsState == nil, match == nil, revision ?? 0 == 0 { sendsState = true }
        start =
            switch (sendsState, revision ?? 0) {
            case (true?, let revision): .state(notOlderThan: revision)
            case (_, 0): .now
            case (_, let revision): .after(revision)
            }
        hasBookmarks = query.isTrue("allowWatchBookmarks")
        let seconds = try Self.seconds(query["timeoutSeconds"])
        timeout = seconds > 0 ? .seconds(seconds) : .seconds(Double.random(in: times.seconds))
    }

    private static func seconds(_ text: String?) throws -> Int64 {
        guard let text else { return 0 }
        guard let seconds = Int64(text) else {
            throw Status.badRequest("strconv.ParseInt: parsing \(JSON.string(text).text): invalid syntax")
        }
        // Longer than anybody waits, and short enough to reckon with.
        return min(seconds, 1 << 31)
    }

    private static func validate(match: String?, sendsState: Bool?, continueToken: String?) throws {
        let field = "resourceVersionMatch"
        var errors: [FieldError] = []
        if sendsState != nil, match != "NotOlderThan" {
            errors.append(.forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
        }
        if let match {
            if sendsState == nil {
                errors.append(
                    .forbidden(
                        field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
            }
            if match != "NotOlderThan" {
                errors.append(.notSupported(field, .string(match), supported: ["NotOlderThan"]))
            }
            if continueToken != nil {
                errors.append(.forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
            }
        }
        guard errors.isEmpty else {
            throw Status.invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", errors)
        }
    }
}
