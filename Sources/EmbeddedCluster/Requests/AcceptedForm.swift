internal import HTTPTypes
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
        self = try AcceptedAnswer(accept, for: isList ? .list : .object).form
    }
}

/// What a client and the cluster agree on for an answer: its form, and how it is written.
///
/// Source: k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go.
struct AcceptedAnswer: Sendable, Hashable {
    /// What is to be answered, which decides on the forms that it can take.
    enum Purpose: Sendable, Hashable {
        case object
        case list
        /// A watch: events one after the other.
        case stream
        /// A failure, or what says which kinds there are: only in its own form.
        case plain
    }

    var form = AcceptedForm.object
    var mediaType = AnswerMediaType.json
    /// Indented, for people; JSON only.
    var isPretty = false

    /// - Throws: 406 when nothing that the client accepts can be given.
    init(_ accept: String?, for purpose: Purpose) throws {
        guard let accept, !accept.isEmpty, accept != AnswerMediaType.json.rawValue, accept != "*/*" else { return }
        for clause in MediaType.clauses(accept) {
            for mediaType in AnswerMediaType.allCases where clause.accepts(mediaType) {
                guard let form = Self.form(clause, mediaType, purpose) else { continue }
                self.form = form
                self.mediaType = mediaType
                isPretty = mediaType == .json && clause.parameters["pretty"] == "1"
                return
            }
        }
        throw Status.notAcceptable(purpose)
    }

    init(_ request: ServerRequest, for purpose: Purpose) throws {
        try self.init(request.headers[.accept], for: purpose)
        if purpose == .stream {
            // Each event stands on a line of its own.
            isPretty = false
        } else if mediaType == .json, let wanted = request.wantsPretty {
            isPretty = wanted
        }
    }

    private init(isPretty: Bool) { self.isPretty = isPretty }

    /// For failures, which are answered to everybody: as JSON for people where nothing is agreed on.
    static func ofFailure(_ request: ServerRequest) -> AcceptedAnswer {
        do { return try AcceptedAnswer(request, for: .plain) } catch { return AcceptedAnswer(isPretty: true) }
    }

    private static func form(_ clause: MediaType, _ mediaType: AnswerMediaType, _ purpose: Purpose) -> AcceptedForm? {
        if let stream = clause.parameters["stream"], !stream.isEmpty, stream != "watch" || mediaType == .yaml {
            return nil
        }
        if let version = clause.parameters["sv"], !version.isEmpty { return nil }
        if purpose == .stream, mediaType == .yaml { return nil }
        guard ["as", "g", "v"].contains(where: { clause.parameters[$0] != nil }) else { return .object }
        guard clause.parameters["g"] == "meta.k8s.io", clause.parameters["v"] == "v1" else { return nil }
        switch (clause.parameters["as"], purpose) {
        case ("Table", .object), ("Table", .list), ("Table", .stream): return mediaType == .protobuf ? nil : .table
        case ("PartialObjectMetadataList", .list), ("PartialObjectMetadata", .object): return .metadata
        case ("PartialObjectMetadata", .stream): return .metadata
        default: return nil
        }
    }
}

extension ServerRequest {
    /// Whether the client asks for indented JSON; nil where it says nothing, and is not known to be used by people.
    fileprivate var wantsPretty: Bool? {
        if let wanted = query["pretty"] { return ["1", "t", "T", "true", "TRUE", "True"].contains(wanted) }
        guard let agent = headers[.userAgent] else { return nil }
        return ["curl", "Wget", "Mozilla/5.0"].contains(where: agent.hasPrefix) ? true : nil
    }

    /// What the answer to this request is.
    var answerPurpose: AcceptedAnswer.Purpose {
        switch verb {
        case "list", "deletecollection": .list
        case "watch": .stream
        default: .object
        }
    }
}

extension Status {
    static func notAcceptable(_ purpose: AcceptedAnswer.Purpose) -> Status {
        let types =
            purpose == .stream
            ? [AnswerMediaType.json, .protobuf].map { "\($0.rawValue);stream=watch" }
            : AnswerMediaType.allCases.map(\.rawValue)
        return Status(
            code: 406, reason: "NotAcceptable",
            message: "only the following media types are accepted: \(types.joined(separator: ", "))")
    }
}
