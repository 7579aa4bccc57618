public import OrderedJSON

/// A merge patch that knows the kind: lists are merged by the member that tells their elements apart, or as sets, and
/// the patch may say how (`$patch`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`, `$retainKeys`).
///
/// Source: k8s.io/apimachinery/pkg/util/strategicpatch.
public enum StrategicMergePatch {
    /// Why a patch cannot be applied, with the HTTP status that servers answer.
    public enum Failure: Error, Hashable {
        /// 400
        case badFormat(String)
        /// 422
        case unprocessable
        /// 500: what Kubernetes has no better answer for.
        case other(String)
    }

    /// - Parameter type: of the object; what it does not know is merged by its form alone.
    public static func merged(
        _ original: JSONObject, _ patch: JSONObject, _ type: some MergeableType
    ) throws(Failure) -> JSONObject {
        try object(original, patch, type)
    }

    private static let order = "$setElementOrder"
    private static let deletion = "$deleteFromPrimitiveList"
    private static let retention = "$retainKeys"

    /// - Parameter type: nil for what the kind does not have.
    static func object<Kind: MergeableType>(
        _ original: JSONObject?, _ patch: JSONObject, _ type: Kind?
    ) throws(Failure) -> JSONObject {
        var patch = patch
        if let directive = patch["$patch"] {
            switch directive.string {
            case "replace":
                patch["$patch"] = nil
                return patch
            case "delete": return [:]
            default:
                throw .other("unknown patch type: \(directive.goText) in map: \(JSON.object(patch).goText)")
            }
        }
        var original = original ?? [:]
        try retain(&original, &patch)
        var done: Set<String> = []
        for (key, value) in patch where key.hasPrefix(order) {
            let name = try list(key, of: order)
            if try arrange(&original, patch[name], name, value, type) { done.insert(name) }
            done.insert(key)
        }
        var removed: Set<String> = []
        for (key, value) in patch where !done.contains(key) {
            if key.hasPrefix(deletion) {
                let name = try list(key, of: deletion)
                guard let elements = original[name]?.array, let gone = value.array else { continue }
                let key = type?.mergedMember(name)?.patchKey ?? ""
                original[name] = .array(
                    try StrategicMergeList<Kind>(key: key, element: nil).without(gone, in: elements))
            } else if value.isNull {
                removed.insert(key)
            } else {
                original[key] = try member(original[key], value, type?.mergedMember(key))
            }
        }
        // All at once: what goes one by one costs as much each time as there are members.
        if !removed.isEmpty {
            original = JSONObject(original.filter { !removed.contains($0.key) }.map { ($0.key, $0.value) })
        }
        return original
    }

    private static func member<Kind: MergeableType>(
        _ original: JSON?, _ patch: JSON, _ field: MergedMember<Kind>?
    ) throws(Failure) -> JSON {
        switch (original, patch) {
        case (.object(let members), .object(let changes)): return .object(try object(members, changes, field?.type))
        case (.array(let elements), .array(let changes)):
            guard let key = field?.patchKey else { return patch }
            return .array(
                try StrategicMergeList(key: key, element: field?.type?.mergedElement).merged(elements, changes))
        default: return patch.withoutDirectives
        }
    }

    /// `$retainKeys`: of the members that are there, only those that are named stay.
    private static func retain(_ original: inout JSONObject, _ patch: inout JSONObject) throws(Failure) {
        guard let directive = patch[retention] else { return }
        patch[retention] = nil
        guard let keys = directive.array else { throw .badFormat("invalid patch format of retainKeys") }
        let retained = Set(keys.compactMap(\.string))
        for (key, value) in patch where !value.isNull && !key.hasPrefix(deletion) && !key.hasPrefix(order) {
            guard retained.contains(key) else { throw .badFormat("invalid patch format of retainKeys") }
        }
        original = JSONObject(original.filter { retained.contains($0.key) }.map { ($0.key, $0.value) })
    }

    /// `$setElementOrder/x`: merges the list x, then brings it into this order.
    ///
    /// - Returns: whether there is such a list, which is merged then.
    private static func arrange<Kind: MergeableType>(
        _ original: inout JSONObject, _ patch: JSON?, _ name: String, _ directive: JSON, _ type: Kind?
    ) throws(Failure) -> Bool {
        let places = try elements(directive)
        let live = try original[name].map { value throws(Failure) in try elements(value) }
        let changes = try patch.map { value throws(Failure) in try elements(value) }
        let field = type?.mergedMember(name)
        let list = StrategicMergeList(key: field?.patchKey ?? "", element: field?.type?.mergedElement)
        try list.require(changes ?? [], isIn: places)
        let merged: [JSON]
        switch (live, changes) {
        case (nil, nil): return false
        case (let live?, nil): merged = live
        case (_, let changes?):
            merged = field?.patchKey == nil ? changes : try list.merged(live ?? [], changes)
        }
        original[name] = .array(try list.arranged(merged, by: places, live: live ?? []))
        return true
    }

    private static func elements(_ value: JSON) throws(Failure) -> [JSON] {
        guard let elements = value.array else {
            throw .other("expected a []interface {}, but received a \(value.goTypeName)")
        }
        return elements
    }

    /// The list that a parallel list is about: `$setElementOrder/x` → `x`.
    private static func list(_ key: String, of directive: String) throws(Failure) -> String {
        let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == directive else {
            throw .badFormat(
                "invalid patch format of \(directive == deletion ? "primitive list" : "setElementOrder list")")
        }
        return String(parts[1])
    }
}

extension JSON {
    /// A part of a patch that has nothing to be merged into: nulls and directives have done their work.
    fileprivate var withoutDirectives: JSON {
        switch self {
        case .object(let members):
            guard members["$patch"]?.string != "delete" else { return [:] }
            return .object(
                JSONObject(
                    members.filter { !$0.value.isNull && !$0.key.isDirective }.map {
                        ($0.key, $0.value.withoutDirectives)
                    }))
        case .array(let elements):
            return .array(elements.filter { $0["$patch"] == nil }.map(\.withoutDirectives))
        default: return self
        }
    }
}

extension String {
    /// Members of a map may begin with `$`, too; only these are directives.
    fileprivate var isDirective: Bool {
        self == "$patch" || self == "$retainKeys" || hasPrefix("$setElementOrder/")
            || hasPrefix("$deleteFromPrimitiveList/")
    }
}
