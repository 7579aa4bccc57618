internal import KubernetesAPI
internal import OrderedJSON

/// Objects as protobuf messages, byte for byte as Kubernetes writes them: fields in the order of their numbers, and those
/// that are no pointers in Go written even where they are empty.
///
/// Source: k8s.io/api, the `generated.proto` of each group.
enum ProtobufEncoder {
    /// - Parameter object: an object in stored form.
    static func message(_ object: JSON, _ type: ObjectType) -> [UInt8] {
        var writer = ProtobufWriter()
        append(object.object ?? [:], type.message, to: &writer)
        return writer.bytes
    }

    private static func append(_ members: JSONObject, _ layout: MessageLayout, to writer: inout ProtobufWriter) {
        for (number, slot) in layout.slots {
            switch slot {
            case .embedded(let layout): writer.message(number) { append(members, layout, to: &$0) }
            case .field(let field):
                if let value = members[field.name], !value.isNull {
                    append(value, field.type, number, to: &writer)
                } else if !field.isPointer {
                    appendZero(field.type, number, to: &writer)
                }
            }
        }
    }

    private static func append(_ value: JSON, _ type: FieldType, _ number: Int, to writer: inout ProtobufWriter) {
        switch type {
        case .string: writer.string(number, value.string ?? "")
        case .int32, .int64: writer.integer(number, Int64(value.int ?? 0))
        case .boolean: writer.boolean(number, value.bool ?? false)
        case .time, .microTime: writer.message(number) { appendTime(value, to: &$0) }
        case .bytes: writer.message(number, (try? Base64.decode(value.string ?? "")) ?? [])
        case .quantity: writer.message(number) { $0.string(1, value.string ?? "0") }
        case .intOrString: writer.message(number) { appendIntOrString(value, to: &$0) }
        case .any: writer.message(number) { $0.message(1, value.bytes) }
        case .object(let type): writer.message(number) { append(value.object ?? [:], type.message, to: &$0) }
        case .list(let element):
            for value in value.array ?? [] { append(value, element, number, to: &writer) }
        case .map(let element):
            for (key, value) in value.object ?? [:] {
                writer.message(number) { entry in
                    entry.string(1, key)
                    // A list cannot be the value of a map, so a message stands around it.
                    if case .list = element {
                        entry.message(2) { append(value, element, 1, to: &$0) }
                    } else {
                        append(value, element, 2, to: &entry)
                    }
                }
            }
        }
    }

    private static func appendZero(_ type: FieldType, _ number: Int, to writer: inout ProtobufWriter) {
        switch type {
        case .string: writer.string(number, "")
        case .int32, .int64, .boolean: writer.varint(number, 0)
        case .time, .microTime: writer.message(number, [])
        case .quantity: writer.message(number) { $0.string(1, "0") }
        case .intOrString: writer.message(number) { appendIntOrString(0, to: &$0) }
        case .object(let type): writer.message(number) { append([:], type.message, to: &$0) }
        case .bytes, .any, .list, .map: break
        }
    }

    private static func appendTime(_ value: JSON, to writer: inout ProtobufWriter) {
        guard let time = value.string.flatMap(Timestamp.init(parsing:)) else { return }
        writer.integer(1, time.seconds)
        writer.integer(2, (time.microseconds - time.seconds * 1_000_000) * 1000)
    }

    private static func appendIntOrString(_ value: JSON, to writer: inout ProtobufWriter) {
        writer.boolean(1, value.string != nil)
        writer.integer(2, Int64(value.int ?? 0))
        writer.string(3, value.string ?? "")
    }
}
