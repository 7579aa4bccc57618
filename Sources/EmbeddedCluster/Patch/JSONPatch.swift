internal import OrderedJSON

/// A list of operations on a JSON document, RFC 6902, with the extensions of Kubernetes: a negative index counts from the
/// end, and null is equal to a member that is not there.
struct JSONPatch: Sendable {
    /// An operation does not apply. Nobody is told which: Kubernetes does not say either.
    struct Failure: Error, Hashable {}

    /// How many operations a patch may have.
    static let operationLimit = 10_000
    /// How many bytes all copies of a patch may have together.
    static let copyLimit = 3 << 20

    private let operations: [JSON]

    init(_ operations: [JSON]) { self.operations = operations }

    func applied(to document: JSON) throws(Failure) -> JSON {
        var document = document
        var copied = 0
        for operation in operations { try apply(operation, to: &document, &copied) }
        return document
    }

    private func apply(_ operation: JSON, to document: inout JSON, _ copied: inout Int) throws(Failure) {
        let path = try pointer("path", operation)
        switch operation["op"]?.string {
        case "add": try add(operation["value"] ?? .null, at: path, to: &document)
        case "remove": _ = try remove(at: path, from: &document)
        case "replace":
            _ = try document.value(at: path.steps[...])
            try put(operation["value"] ?? .null, at: path, in: &document)
        case "move":
            let value = try remove(at: try pointer("from", operation), from: &document)
            try add(value, at: path, to: &document)
        case "copy":
            let value = try document.value(at: try pointer("from", operation).steps[...])
            copied += value.bytes.count
            guard copied <= Self.copyLimit else { throw Failure() }
            try add(value, at: path, to: &document)
        case "test":
            let value = try document.value(at: path.steps[...], missing: .null)
            guard value == operation["value"] ?? .null else { throw Failure() }
        default: throw Failure()
        }
    }

    private func pointer(_ member: String, _ operation: JSON) throws(Failure) -> JSONPointer {
        guard let text = operation[member]?.string, let pointer = JSONPointer(text) else { throw Failure() }
        return pointer
    }

    private func add(_ value: JSON, at path: JSONPointer, to document: inout JSON) throws(Failure) {
        try requireDepth(path, value)
        guard !path.steps.isEmpty else {
            document = value
            return
        }
        try document.edit(at: path.steps[...]) { container, key throws(Failure) in
            switch container {
            case .object: container[key] = value
            case .array(var elements):
                let index = key == "-" ? elements.count : try Self.index(key, count: elements.count + 1)
                container = .null
                elements.insert(value, at: index)
                container = .array(elements)
            default: throw Failure()
            }
        }
    }

    private func remove(at path: JSONPointer, from document: inout JSON) throws(Failure) -> JSON {
        guard !path.steps.isEmpty else { throw Failure() }
        var removed = JSON.null
        try document.edit(at: path.steps[...]) { container, key throws(Failure) in
            switch container {
            case .object(let members):
                guard let value = members[key] else { throw Failure() }
                removed = value
                container[key] = nil
            case .array(var elements):
                let index = try Self.index(key, count: elements.count)
                container = .null
                removed = elements.remove(at: index)
                container = .array(elements)
            default: throw Failure()
            }
        }
        return removed
    }

    private func put(_ value: JSON, at path: JSONPointer, in document: inout JSON) throws(Failure) {
        try requireDepth(path, value)
        guard !path.steps.isEmpty else {
            document = value
            return
        }
        try document.edit(at: path.steps[...]) { container, key throws(Failure) in
            switch container {
            case .object: container[key] = value
            case .array(var elements):
                let index = try Self.index(key, count: elements.count)
                container = .null
                elements[index] = value
                container = .array(elements)
            default: throw Failure()
            }
        }
    }

    /// Operations that each nest a little deeper must not exhaust the stack.
    private func requireDepth(_ path: JSONPointer, _ value: JSON) throws(Failure) {
        guard path.steps.count + value.depth <= JSONParser.maximumDepth else { throw Failure() }
    }

    fileprivate static func index(_ key: String, count: Int) throws(Failure) -> Int {
        guard let index = Int(key), index < count, index >= -count else { throw Failure() }
        return index < 0 ? index + count : index
    }
}

extension JSON {
    /// How many objects and arrays stand inside one another.
    fileprivate var depth: Int {
        switch self {
        case .array(let elements): elements.reduce(0) { max($0, $1.depth) } + 1
        case .object(let members): members.reduce(0) { max($0, $1.value.depth) } + 1
        default: 0
        }
    }

    /// - Parameter missing: what stands for a member that is not there; nil: that is a failure.
    fileprivate func value(at path: ArraySlice<String>, missing: JSON? = nil) throws(JSONPatch.Failure) -> JSON {
        guard let key = path.first else { return self }
        let rest = path.dropFirst()
        let child: JSON?
        switch self {
        case .object(let members): child = members[key] ?? (rest.isEmpty ? missing : nil)
        case .array(let elements): child = elements[try JSONPatch.index(key, count: elements.count)]
        default: child = nil
        }
        guard let child else { throw JSONPatch.Failure() }
        return try child.value(at: rest, missing: missing)
    }

    /// Changes the object or array that holds the end of the path, in place.
    fileprivate mutating func edit(
        at path: ArraySlice<String>, _ change: (inout JSON, String) throws(JSONPatch.Failure) -> Void
    ) throws(JSONPatch.Failure) {
        guard let key = path.first else { throw JSONPatch.Failure() }
        let rest = path.dropFirst()
        guard !rest.isEmpty else { return try change(&self, key) }
        // What holds the child lets go of it while it changes, so that nothing is copied. After a failure the document
        // is of no use, so nothing is put back.
        switch self {
        case .object(var members):
            guard var child = members[key] else { throw JSONPatch.Failure() }
            self = .null
            members[key] = .null
            try child.edit(at: rest, change)
            members[key] = child
            self = .object(members)
        case .array(var elements):
            let index = try JSONPatch.index(key, count: elements.count)
            self = .null
            var child = elements[index]
            elements[index] = .null
            try child.edit(at: rest, change)
            elements[index] = child
            self = .array(elements)
        default: throw JSONPatch.Failure()
        }
    }
}
