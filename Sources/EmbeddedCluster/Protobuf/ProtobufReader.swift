/// The wire format of protobuf, read. What it refuses it refuses in the words of Go's generated code, which clients of
/// Kubernetes know.
///
/// Source: protobuf.dev, "Encoding".
struct ProtobufReader {
    /// Why bytes are no message.
    struct Failure: Error, Sendable, Hashable {
        let message: String

        static let unexpectedEnd = Failure(message: "unexpected EOF")
        static let overflow = Failure(message: "proto: integer overflow")
        static let invalidLength = Failure(message: "proto: negative length found during unmarshaling")
        static let unexpectedEndOfGroup = Failure(message: "proto: unexpected end of group")
    }

    /// A field's number and how its value is written.
    struct Tag: Sendable, Hashable {
        let number: Int
        let type: ProtobufWireType
    }

    private static let maximumGroups = 64

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The tag of the next field; nil at the end.
    ///
    /// - Parameter type: the name of the message, for what is said of a tag that is none.
    mutating func tag(in type: String) throws(Failure) -> Tag? {
        guard !rest.isEmpty else { return nil }
        let key = try varint()
        let number = Int32(truncatingIfNeeded: key >> 3)
        let wire = UInt8(key & 7)
        guard wire != ProtobufWireType.endGroup.rawValue else {
            throw Failure(message: "proto: \(type): wiretype end group for non-group")
        }
        guard number > 0 else { throw Failure(message: "proto: \(type): illegal tag \(number) (wire type \(key))") }
        guard let wireType = ProtobufWireType(rawValue: wire) else {
            throw Failure(message: "proto: illegal wireType \(wire)")
        }
        return Tag(number: Int(number), type: wireType)
    }

    mutating func varint() throws(Failure) -> UInt64 {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while true {
            guard shift < 64 else { throw .overflow }
            guard let byte = rest.popFirst() else { throw .unexpectedEnd }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// What has a length: bytes, a string, a message.
    mutating func content() throws(Failure) -> ArraySlice<UInt8> {
        let length = try varint()
        guard let count = Int(exactly: length) else { throw .invalidLength }
        guard count <= rest.count else { throw .unexpectedEnd }
        let content = rest.prefix(count)
        rest = rest.dropFirst(count)
        return content
    }

    /// Passes over the value of a field that nobody knows.
    mutating func skip(_ type: ProtobufWireType) throws(Failure) {
        switch type {
        case .varint: _ = try varint()
        case .fixed64: try skip(8)
        case .fixed32: try skip(4)
        case .lengthDelimited: _ = try content()
        case .startGroup: try skipGroup()
        case .endGroup: throw .unexpectedEndOfGroup
        }
    }

    private mutating func skip(_ count: Int) throws(Failure) {
        guard rest.count >= count else { throw .unexpectedEnd }
        rest = rest.dropFirst(count)
    }

    private mutating func skipGroup() throws(Failure) {
        var depth = 1
        while depth > 0 {
            let key = try varint()
            guard let type = ProtobufWireType(rawValue: UInt8(key & 7)) else {
                throw Failure(message: "proto: illegal wireType \(key & 7)")
            }
            switch type {
            case .startGroup:
                depth += 1
                guard depth <= Self.maximumGroups else { throw Failure(message: "proto: groups are nested too deeply") }
            case .endGroup: depth -= 1
            default: try skip(type)
            }
        }
    }
}
