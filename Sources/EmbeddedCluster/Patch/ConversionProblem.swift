internal import OrderedJSON

extension JSON {
    /// What Kubernetes says of the first part that is not of its type when it makes an object of what a strategic merge
    /// has left; nil where all is well.
    ///
    /// Source: k8s.io/apimachinery/pkg/runtime/converter.go.
    func conversionProblem(_ type: FieldType) -> String? {
        switch (type, self) {
        case (_, .null), (.any, _): return nil
        case (.object(let type), .object(let members)):
            for field in type.fields {
                if let problem = members[field.name]?.conversionProblem(field.type) { return problem }
            }
            return nil
        case (.object, _): return "cannot restore struct from: \(goReflectKind)"
        case (.map(let value), .object(let members)):
            for (_, member) in members.sorted(by: { $0.key < $1.key }) {
                if let problem = member.conversionProblem(value) { return problem }
            }
            return nil
        case (.map, _): return "cannot restore map from \(goReflectKind)"
        case (.list(let element), .array(let elements)):
            for value in elements {
                if let problem = value.conversionProblem(element) { return problem }
            }
            return nil
        case (.bytes, .string), (.time, _), (.microTime, _), (.quantity, _), (.intOrString, _): return nil
        case (.list, _), (.bytes, _): return "cannot restore slice from \(goReflectKind)"
        case (.string, .string), (.boolean, .bool), (.int32, .number), (.int64, .number): return nil
        case (.string, .number): return "cannot convert \(goReflectKind) to string"
        default: return "unrecognized type: \(type.goName)"
        }
    }

    /// What Go's reflection calls the kind of the value.
    private var goReflectKind: String {
        switch self {
        case .null: "invalid"
        case .bool: "bool"
        case .number(let number): number.int == nil ? "float64" : "int64"
        case .string: "string"
        case .array: "slice"
        case .object: "map"
        }
    }
}
