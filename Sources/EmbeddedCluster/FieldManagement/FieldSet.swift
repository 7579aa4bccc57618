internal import OrderedJSON

/// A set of fields, as a tree of the paths that lead to them.
///
/// Source: sigs.k8s.io/structured-merge-diff, fieldpath.
struct FieldSet: Sendable, Hashable {
    /// Whether the field that the path leads to, up to here, is in the set itself.
    var isMember = false
    /// None of them is empty.
    private(set) var children: [PathElement: FieldSet] = [:]

    init(isMember: Bool = false) { self.isMember = isMember }

    var isEmpty: Bool { !isMember && children.isEmpty }

    subscript(element: PathElement) -> FieldSet {
        get { children[element] ?? FieldSet() }
        set { children[element] = newValue.isEmpty ? nil : newValue }
    }

    func union(_ other: FieldSet) -> FieldSet {
        var result = self
        result.isMember = isMember || other.isMember
        for (element, fields) in other.children {
            result.children[element] = result.children[element]?.union(fields) ?? fields
        }
        return result
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        var result = self
        result.isMember = isMember && !other.isMember
        for (element, fields) in other.children {
            if let own = children[element] { result[element] = own.subtracting(fields) }
        }
        return result
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && other.isMember)
        for (element, fields) in children {
            if let others = other.children[element] { result[element] = fields.intersection(others) }
        }
        return result
    }

    /// The paths of the members: first those at a level, then those below it, each in their order.
    var paths: [[PathElement]] {
        let ordered = children.sorted { $0.key < $1.key }
        return ordered.filter(\.value.isMember).map { [$0.key] }
            + ordered.flatMap { element, fields in
                fields.children.isEmpty ? [] : FieldSet.withoutSelf(fields).paths.map { [element] + $0 }
            }
    }

    private static func withoutSelf(_ fields: FieldSet) -> FieldSet {
        var fields = fields
        fields.isMember = false
        return fields
    }
}

extension FieldSet {
    /// - Parameter paths: paths of members of objects.
    init(fields paths: [[String]]) {
        self.init()
        for path in paths { insert(path[...]) }
    }

    private mutating func insert(_ path: ArraySlice<String>) {
        guard let name = path.first else {
            isMember = true
            return
        }
        self[.field(name)].insert(path.dropFirst())
    }
}

extension FieldSet {
    /// As `fieldsV1` has it.
    var json: JSON {
        var members = JSONObject()
        if isMember, !children.isEmpty { members["."] = [:] }
        for (element, fields) in children.sorted(by: { $0.key < $1.key }) { members[element.text] = fields.json }
        return .object(members)
    }

    /// - Throws: for what is no `fieldsV1`.
    init(json: JSON) throws(PathElement.Failure) {
        try self.init(subtree: json)
        isMember = false
    }

    private init(subtree: JSON) throws(PathElement.Failure) {
        guard let members = subtree.object else { throw PathElement.Failure() }
        self.init(isMember: members["."] != nil)
        for (name, fields) in members where name != "." {
            guard let element = try PathElement(parsing: name) else { continue }
            self[element] = try FieldSet(subtree: fields)
        }
        if children.isEmpty { isMember = true }
    }
}
