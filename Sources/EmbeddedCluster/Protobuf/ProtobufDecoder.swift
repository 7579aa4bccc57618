internal import KubernetesAPI
internal import OrderedJSON

/// Objects from protobuf messages: the JSON that a client would have sent instead. `ObjectReader` brings it into form.
///
/// Messages are nested as deep as their types are, so no input makes this recur deeper.
enum ProtobufDecoder {
    typealias Failure = ProtobufReader.Failure

    static func object(_ bytes: ArraySlice<UInt8>, _ type: ObjectType) throws(Failure) -> JSON {
        var members = JSONObject()
        try read(bytes, type.message, type.name, into: &members)
        return .object(members)
    }

    private static func read(
        _ bytes: ArraySlice<UInt8>, _ layout: MessageLayout, _ name: String, into members: inout JSONObject
    ) throws(Failure) {
        var reader = ProtobufReader(bytes)
        while let tag = try reader.tag(in: name) {
            switch layout[tag.number] {
            case nil: try reader.skip(tag.type)
            case .embedded(let layout):
                guard tag.type == .lengthDelimited else { throw wrongType(tag, "\(tag.number)") }
                try read(try reader.content(), layout, name, into: &members)
            case .field(let field):
                // Taken out, so that what grows by one element is not copied for it.
                var known = members[field.name]
                members[field.name] = .null
                members[field.name] = try value(field, tag, &reader, &known)
            }
        }
    }

    /// - Parameter known: what the field has already, which is used up: a list goes on, a message is merged, anything
    ///   else is replaced.
    private static func value(
        _ field: Field, _ tag: ProtobufReader.Tag, _ reader: inout ProtobufReader, _ known: inout JSON?
    ) throws(Failure) -> JSON {
        switch field.type {
        case .list(let element):
            var elements = known?.array ?? []
            known = nil
            if tag.type == .lengthDelimited, element.isVarint {
                var packed = ProtobufReader(try reader.content())
                while !packed.isAtEnd { elements.append(element.json(try packed.varint())) }
            } else {
                var none: JSON?
                elements.append(try single(element, tag, &reader, field.name, &none))
            }
            return .array(elements)
        case .map(let element):
            guard tag.type == .lengthDelimited else { throw wrongType(tag, field.name) }
            var members = known?.object ?? [:]
            known = nil
            let (key, value) = try entry(try reader.content(), element, field.name)
            members[key] = value
            return .object(members)
        default: return try single(field.type, tag, &reader, field.name, &known)
        }
    }

    private static func single(
        _ type: FieldType, _ tag: ProtobufReader.Tag, _ reader: inout ProtobufReader, _ name: String,
        _ known: inout JSON?
    ) throws(Failure) -> JSON {
        if type.isVarint {
            guard tag.type == .varint else { throw wrongType(tag, name) }
            return type.json(try reader.varint())
        }
        guard tag.type == .lengthDelimited else { throw wrongType(tag, name) }
        let content = try reader.content()
        switch type {
        case .string: return .string(String(decoding: content, as: UTF8.self))
        case .bytes: return .string(Base64.encode(content))
        case .time, .microTime: return try time(content, type)
        case .quantity: return .string(try ScalarFields(content, "Quantity").strings[1] ?? "")
        case .intOrString:
            let fields = try ScalarFields(content, "IntOrString")
            return fields.numbers[1] == 1
                ? .string(fields.strings[3] ?? "") : FieldType.int32.json(fields.numbers[2] ?? 0)
        case .any: return try raw(content)
        case .object(let type):
            var members = known?.object ?? [:]
            known = nil
            try read(content, type.message, type.name, into: &members)
            return .object(members)
        default: throw wrongType(tag, name)
        }
    }

    private static func entry(
        _ bytes: ArraySlice<UInt8>, _ element: FieldType, _ name: String
    ) throws(Failure) -> (String, JSON) {
        var reader = ProtobufReader(bytes)
        var (key, value) = ("", element.emptyEntry)
        var none: JSON?
        while let tag = try reader.tag(in: name) {
            switch (tag.number, element) {
            case (1, _): key = try single(.string, tag, &reader, name, &none).string ?? ""
            case (2, .list(let element)):
                guard tag.type == .lengthDelimited else { throw wrongType(tag, name) }
                var list = ProtobufReader(try reader.content())
                var elements: [JSON] = []
                while let tag = try list.tag(in: name) {
                    if tag.number == 1 {
                        elements.append(try single(element, tag, &list, name, &none))
                    } else {
                        try list.skip(tag.type)
                    }
                }
                value = .array(elements)
            case (2, _): value = try single(element, tag, &reader, name, &none)
            default: try reader.skip(tag.type)
            }
        }
        return (key, value)
    }

    private static func time(_ bytes: ArraySlice<UInt8>, _ type: FieldType) throws(Failure) -> JSON {
        let numbers = try ScalarFields(bytes, "Timestamp").numbers
        let seconds = Int64(bitPattern: numbers[1] ?? 0)
        let nanoseconds = Int32(truncatingIfNeeded: numbers[2] ?? 0)
        if seconds == 0, nanoseconds == 0 { return .null }
        // The years that RFC 3339 can name.
        guard -62_135_596_800...253_402_300_799 ~= seconds, 0..<1_000_000_000 ~= nanoseconds else {
            throw Failure(message: "Time.MarshalJSON: year outside of range [0,9999]")
        }
        let time = Timestamp(microseconds: seconds * 1_000_000 + Int64(nanoseconds) / 1000)
        if case .microTime = type { return .string(time.microText) }
        return .string(time.text)
    }

    private static func raw(_ bytes: ArraySlice<UInt8>) throws(Failure) -> JSON {
        guard let raw = try ScalarFields(bytes, "FieldsV1").contents[1], !raw.isEmpty else { return .null }
        let text = Array(raw)
        do { return try JSON(parsing: text) } catch { throw Failure(message: error.goText(in: text)) }
    }

    private static func wrongType(_ tag: ProtobufReader.Tag, _ field: String) -> Failure {
        Failure(
            message: "proto: wrong wireType = \(tag.type.rawValue) for field "
                + (field.first.map { $0.uppercased() + field.dropFirst() } ?? ""))
    }
}

/// The fields of a small message that the schema has no type for.
private struct ScalarFields {
    private(set) var numbers: [Int: UInt64] = [:]
    private(set) var contents: [Int: ArraySlice<UInt8>] = [:]

    var strings: [Int: String] { contents.mapValues { String(decoding: $0, as: UTF8.self) } }

    init(_ bytes: ArraySlice<UInt8>, _ type: String) throws(ProtobufReader.Failure) {
        var reader = ProtobufReader(bytes)
        while let tag = try reader.tag(in: type) {
            switch tag.type {
            case .varint: numbers[tag.number] = try reader.varint()
            case .lengthDelimited: contents[tag.number] = try reader.content()
            default: try reader.skip(tag.type)
            }
        }
    }
}

extension FieldType {
    fileprivate var isVarint: Bool {
        switch self {
        case .int32, .int64, .boolean: true
        default: false
        }
    }

    /// - Precondition: the type is written as a varint.
    fileprivate func json(_ value: UInt64) -> JSON {
        switch self {
        case .boolean: .bool(value != 0)
        case .int32: .number(JSONNumber(Int(Int32(truncatingIfNeeded: value))))
        default: .number(JSONNumber(Int(Int64(bitPattern: value))))
        }
    }

    /// What an entry of a map has that says no more than its key.
    fileprivate var emptyEntry: JSON {
        switch self {
        case .list: []
        case .object: [:]
        case .quantity: "0"
        case .string, .bytes: ""
        default: .null
        }
    }
}
