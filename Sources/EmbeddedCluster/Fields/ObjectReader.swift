internal import KubernetesAPI
internal import OrderedJSON

/// Brings an object that a client sent into the form in which it is kept: fields in the API's order, maps sorted, empty
/// fields left out, times normalised; fields that the kind does not have are left out too, and remembered.
struct ObjectReader {
    /// The paths of fields that the kind does not have.
    private(set) var unknownFields: [String] = []
    /// As many as Kubernetes tells of.
    private static let toldFields = 100

    /// What is wrong with a value, in Kubernetes' words.
    struct Failure: Error { let message: String }

    mutating func read(_ value: JSON, as type: ObjectType, path: String = "") throws(Failure) -> JSON {
        guard case .object(let members) = value else {
            throw mismatch(value, FieldType.object(type), in: nil, path: path)
        }
        var result = JSONObject()
        for field in type.fields {
            var read: JSON?
            if let given = members[field.name], !given.isNull {
                read = try self.read(given, as: field.type, in: type, path: joined(path, field.name))
            }
            if let value = written(read, field) { result[field.name] = value }
        }
        for key in members.keys where type[field: key] == nil && unknownFields.count < Self.toldFields {
            unknownFields.append(joined(path, key))
        }
        return .object(result)
    }

    private func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private func written(_ value: JSON?, _ field: Field) -> JSON? {
        switch field.presence {
        case .whenGiven: return value
        case .always: return value ?? field.type.zero
        case .alwaysOrNull: return value ?? .null
        case .unlessEmpty:
            switch value {
            case .string(""), .bool(false), nil: return nil
            case .array(let elements): return elements.isEmpty ? nil : value
            case .object(let members): return members.isEmpty ? nil : value
            case .number(let number): return number.int == 0 ? nil : value
            default: return value
            }
        }
    }

    private mutating func read(
        _ value: JSON, as type: FieldType, in parent: ObjectType, path: String
    ) throws(Failure) -> JSON {
        switch (type, value) {
        case (.any, _), (.string, .string), (.boolean, .bool): return value
        case (.intOrString, .string): return value
        case (.quantity, .string(let text)): return .string(try quantity(text))
        case (.quantity, .number(let number)): return .string(try quantity(number.text))
        case (.int64, .number(let number)) where number.int != nil: return value
        case (.int32, .number(let number)), (.intOrString, .number(let number)):
            guard let int = number.int, Int32(exactly: int) != nil else {
                throw mismatch(value, type, in: parent, path: path)
            }
            return value
        case (.time, .string(let text)): return .string(try time(text).text)
        case (.microTime, .string(let text)): return .string(try time(text).microText)
        case (.bytes, .string(let text)): return .string(try base64(text))
        case (.object(let type), .object): return try read(value, as: type, path: path)
        case (.list(let element), .array(let elements)):
            var read: [JSON] = []
            for (index, value) in elements.enumerated() {
                read.append(try self.read(value, as: element, in: parent, path: "\(path)[\(index)]"))
            }
            return .array(read)
        case (.map(let element), .object(let members)):
            var read: [(String, JSON)] = []
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                if value.isNull, let empty = element.emptyValue {
                    read.append((key, empty))
                } else {
                    read.append((key, try self.read(value, as: element, in: parent, path: joined(path, key))))
                }
            }
            return .object(JSONObject(read))
        default: throw mismatch(value, type, in: parent, path: path)
        }
    }

    private func time(_ text: String) throws(Failure) -> Timestamp {
        guard let time = Timestamp(parsing: text) else {
            throw Failure(
                message: "parsing time \(JSON.string(text).text) as \"2006-01-02T15:04:05Z07:00\": "
                    + "cannot parse \(JSON.string(text).text) as \"2006\"")
        }
        return time
    }

    private func quantity(_ text: String) throws(Failure) -> String {
        guard let quantity = Quantity(text) else { throw Failure(message: Quantity.malformedMessage) }
        return quantity.canonicalText
    }

    private func base64(_ text: String) throws(Failure) -> String {
        do {
            let decoded = try Base64.decode(text)
            return text.utf8.count == (decoded.count + 2) / 3 * 4 ? text : Base64.encode(decoded)
        } catch {
            throw Failure(message: error.description)
        }
    }

    private func mismatch(_ value: JSON, _ type: FieldType, in parent: ObjectType?, path: String) -> Failure {
        let place =
            parent.map { "Go struct field \($0.name).\(path) of type \(type.goName)" }
            ?? "Go value of type \(type.goName)"
        return Failure(message: "json: cannot unmarshal \(value.goKind) into \(place)")
    }
}

extension FieldType {
    /// What Go makes of `null` in a map.
    fileprivate var emptyValue: JSON? {
        switch self {
        case .string, .bytes: ""
        default: nil
        }
    }
}

extension JSON {
    /// What Go's JSON package calls a value of this sort.
    var goKind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
