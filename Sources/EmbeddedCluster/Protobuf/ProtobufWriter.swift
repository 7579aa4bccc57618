/// The wire format of protobuf, written.
///
/// Source: protobuf.dev, "Encoding".
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ number: Int, _ value: UInt64) {
        tag(number, .varint)
        append(value)
    }

    mutating func integer(_ number: Int, _ value: Int64) { varint(number, UInt64(bitPattern: value)) }

    mutating func boolean(_ number: Int, _ value: Bool) { varint(number, value ? 1 : 0) }

    mutating func string(_ number: Int, _ value: String) { message(number, value.utf8) }

    /// What has a length: bytes, a string, a message.
    mutating func message(_ number: Int, _ content: some Collection<UInt8>) {
        tag(number, .lengthDelimited)
        append(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func message(_ number: Int, _ build: (inout ProtobufWriter) throws -> Void) rethrows {
        var content = ProtobufWriter()
        try build(&content)
        message(number, content.bytes)
    }

    private mutating func tag(_ number: Int, _ type: ProtobufWireType) {
        append(UInt64(number) << 3 | UInt64(type.rawValue))
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

enum ProtobufWireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}
