internal import HTTPTypes
internal import KubernetesAPI
internal import OrderedJSON

/// What becomes of fields that a kind does not have, or that are given twice.
enum FieldValidation: String, Sendable {
    case ignore = "Ignore"
    case strict = "Strict"
    case warn = "Warn"
}

/// The options of a create, an update or a patch, which stand in the query.
///
/// Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation.
struct WriteOptions: Sendable {
    let isDryRun: Bool
    let fieldValidation: FieldValidation
    /// Who wrote the fields: what the client says, or the first word of its user agent.
    let fieldManager: String
    /// Whether an apply takes fields from their owners.
    let isForced: Bool

    /// - Parameters:
    ///   - kind: `CreateOptions`, `UpdateOptions` or `PatchOptions`, for the message.
    ///   - patch: the sort of patch, where it is one.
    /// - Throws: 422 with everything that is wrong.
    init(_ request: ServerRequest, _ kind: String, patch: PatchType? = nil) throws {
        let query = request.query
        var errors: [FieldError] = []
        if patch == .apply {
            if query["fieldManager"] == nil {
                errors.append(.required("fieldManager", "is required for apply patch"))
            }
        } else if patch != nil, query["force"] != nil {
            errors.append(.forbidden("force", "may not be specified for non-apply patch"))
        }
        let manager = query["fieldManager"] ?? ""
        errors += Self.problems(ofManager: manager)
        if let value = query["dryRun"], value != "All" {
            errors.append(.notSupported("dryRun", .array([.string(value)]), supported: ["All"]))
        }
        let validation = query["fieldValidation"] ?? FieldValidation.warn.rawValue
        if FieldValidation(rawValue: validation) == nil {
            errors.append(
                .notSupported("fieldValidation", .string(validation), supported: ["Ignore", "Strict", "Warn"]))
        }
        guard errors.isEmpty else { throw Status.invalid(kind: kind, group: "meta.k8s.io", name: "", errors) }
        isDryRun = query["dryRun"] != nil
        fieldValidation = FieldValidation(rawValue: validation) ?? .warn
        fieldManager = manager.isEmpty ? Self.manager(ofUserAgent: request.headers[.userAgent] ?? "") : manager
        isForced = query["force"] != nil && query.isTrue("force")
    }

    private static let managerLimit = 128

    private static func problems(ofManager manager: String) -> [FieldError] {
        var errors: [FieldError] = []
        if manager.utf8.count > managerLimit { errors.append(.tooLong("fieldManager", maximum: managerLimit)) }
        var position = 0
        for character in manager.unicodeScalars {
            if !character.isPrintable {
                let digits = String(character.value, radix: 16, uppercase: true)
                let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
                errors.append(
                    .invalid(
                        "fieldManager", .string(manager), "invalid character \(code) (at position \(position))"))
            }
            position += character.utf8.count
        }
        return errors
    }

    private static func manager(ofUserAgent agent: String) -> String {
        var manager = ""
        for character in agent.prefix(while: { $0 != "/" }).unicodeScalars where character.isPrintable {
            guard manager.utf8.count + character.utf8.count <= managerLimit else { break }
            manager.unicodeScalars.append(character)
        }
        return manager.isEmpty ? "unknown" : manager
    }
}

extension Unicode.Scalar {
    /// Letters, marks, numbers, punctuation, symbols and the space, as Go's `unicode.IsPrint` says.
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
