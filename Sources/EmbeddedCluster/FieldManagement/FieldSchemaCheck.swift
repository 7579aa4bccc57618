internal import OrderedJSON

/// Finds where what is applied is not of the kind's types.
///
/// Source: sigs.k8s.io/structured-merge-diff, typed/validate.go.
struct FieldSchemaCheck {
    /// What is wrong, each with its place.
    private(set) var problems: [String] = []

    init(_ object: JSON, _ type: ObjectType) { check(object, .object(type), .structure(type), "") }

    /// In one text, as Kubernetes writes it.
    var text: String {
        problems.count == 1 ? problems[0] : (["errors:"] + problems.map { "  \($0)" }).joined(separator: "\n")
    }

    private mutating func check(_ value: JSON, _ type: FieldType, _ shape: FieldShape, _ path: String) {
        func mismatch(_ expected: String) { problems.append("\(path): expected \(expected), got \(value.goValueText)") }
        switch (type, value) {
        case (_, .null), (.any, _): return
        case (.object(let type), .object(let members)):
            for (name, member) in members {
                let path = "\(path).\(name)"
                if let field = type[field: name] {
                    check(member, field.type, FieldShape(field.type, field.merging), path)
                } else if !(path == ".kind" || path == ".apiVersion") {
                    problems.append("\(path): field not declared in schema")
                }
            }
        case (.map(let element), .object(let members)):
            for (name, member) in members { check(member, element, FieldShape(element), "\(path).\(name)") }
        case (.list(let element), .array(let elements)): check(elements, element, shape, path)
        case (.object, _), (.map, _): mismatch("map")
        case (.list, _): mismatch("list")
        case (.int32, .number), (.int64, .number), (.boolean, .bool): return
        case (.quantity, .number), (.intOrString, .number): return
        case (.int32, _), (.int64, _): mismatch("numeric (int or float)")
        case (.boolean, _): mismatch("boolean")
        case (_, .string): return
        default: mismatch("string")
        }
    }

    private mutating func check(_ elements: [JSON], _ type: FieldType, _ shape: FieldShape, _ path: String) {
        var seen: Set<PathElement> = []
        for (index, element) in elements.enumerated() {
            guard shape.isList else {
                check(element, type, FieldShape(type), "\(path)[\(index)]")
                continue
            }
            guard let identity = shape.identity(of: element) else {
                problems.append("\(path): element \(index): \(shape.problem(with: element))")
                continue
            }
            if !seen.insert(identity).inserted { problems.append("\(path): duplicate entries for key \(identity)") }
            check(element, type, shape.element, "\(path)\(identity)")
        }
    }
}

extension FieldShape {
    /// Why an element of the list cannot be told from the others.
    fileprivate func problem(with element: JSON) -> String {
        guard case .keyed(_, let keys) = self else {
            switch element {
            case .object: return "associative list without keys has an element that's a map type"
            case .array: return "not supported: associative list with lists as elements"
            default: return "associative list without keys has an element that's an explicit null"
            }
        }
        if element.isNull { return "associative list with keys may not have a null element" }
        guard let members = element.object else { return "associative list with keys may not have non-map elements" }
        let missing = keys.first { members[$0] == nil } ?? ""
        return "associative list with keys has an element that omits key field \(JSON.string(missing).text) "
            + "(and doesn't have default value)"
    }
}

extension JSON {
    fileprivate var goValueText: String { "&value.valueUnstructured{Value:\(goSyntax)}" }

    /// As Go's `%#v` prints it.
    private var goSyntax: String {
        switch self {
        case .null: "interface {}(nil)"
        case .array(let elements): "[]interface {}{\(elements.map(\.goSyntax).joined(separator: ", "))}"
        case .object(let members):
            "map[string]interface {}{"
                + members.sorted { $0.key < $1.key }.map { "\(JSON.string($0.key).text):\($0.value.goSyntax)" }
                .joined(separator: ", ") + "}"
        default: text
        }
    }
}
