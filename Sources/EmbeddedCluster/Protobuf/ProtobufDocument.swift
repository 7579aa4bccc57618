internal import OrderedJSON

/// What a body of the media type `application/vnd.kubernetes.protobuf` is: four bytes that say so, and an envelope with
/// the kind of the message in it.
///
/// Source: k8s.io/apimachinery/pkg/runtime/generated.proto `Unknown`.
struct ProtobufDocument: Sendable, Hashable {
    typealias Failure = ProtobufReader.Failure

    static let mediaType = "application/vnd.kubernetes.protobuf"
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0]

    let apiVersion: String
    let kind: String
    let message: [UInt8]

    init(apiVersion: String, kind: String, message: [UInt8]) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.message = message
    }

    init(parsing bytes: [UInt8]) throws(Failure) {
        guard !bytes.isEmpty else { throw Failure(message: "empty data") }
        guard bytes.starts(with: Self.magic) else {
            throw Failure(
                message: "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
        }
        guard bytes.count > Self.magic.count else { throw Failure(message: "empty body") }
        var reader = ProtobufReader(bytes[Self.magic.count...])
        var (apiVersion, kind, message) = ("", "", ArraySlice<UInt8>())
        while let tag = try reader.tag(in: "Unknown") {
            guard 1...4 ~= tag.number else {
                try reader.skip(tag.type)
                continue
            }
            guard tag.type == .lengthDelimited else {
                let field = ["TypeMeta", "Raw", "ContentEncoding", "ContentType"][tag.number - 1]
                throw Failure(message: "proto: wrong wireType = \(tag.type.rawValue) for field \(field)")
            }
            let content = try reader.content()
            switch tag.number {
            case 1: (apiVersion, kind) = try Self.typeMeta(content)
            case 2: message = content
            default: break
            }
        }
        self.init(apiVersion: apiVersion, kind: kind, message: Array(message))
    }

    private static func typeMeta(_ bytes: ArraySlice<UInt8>) throws(Failure) -> (apiVersion: String, kind: String) {
        var reader = ProtobufReader(bytes)
        var (apiVersion, kind) = ("", "")
        while let tag = try reader.tag(in: "TypeMeta") {
            switch (tag.number, tag.type) {
            case (1, .lengthDelimited): apiVersion = String(decoding: try reader.content(), as: UTF8.self)
            case (2, .lengthDelimited): kind = String(decoding: try reader.content(), as: UTF8.self)
            default: try reader.skip(tag.type)
            }
        }
        return (apiVersion, kind)
    }

    var bytes: [UInt8] {
        var envelope = ProtobufWriter()
        envelope.message(1) { type in
            type.string(1, apiVersion)
            type.string(2, kind)
        }
        envelope.message(2, message)
        envelope.string(3, "")
        envelope.string(4, "")
        return Self.magic + envelope.bytes
    }
}

extension ProtobufDocument {
    /// An answer, a list or a single object, of a type that the schema has.
    ///
    /// - Returns: nil for kinds that have no protobuf form, such as `Table`.
    init?(_ answer: JSON) {
        guard let kind = answer["kind"]?.string else { return nil }
        // What tells of the group without a name leaves it out.
        let apiVersion = answer["apiVersion"]?.string ?? "v1"
        if let type = Schema.known(kind) {
            self.init(apiVersion: apiVersion, kind: kind, message: ProtobufEncoder.message(answer, type))
        } else if kind.hasSuffix("List"), let item = Schema.known(String(kind.dropLast(4))),
            let items = answer["items"]?.array
        {
            let list = ProtobufList(metadata: answer["metadata"] ?? [:], items: items.map { ($0, item) })
            self.init(apiVersion: apiVersion, kind: kind, message: list.message)
        } else {
            return nil
        }
    }
}

/// A list as it grows: its metadata, and message after message.
struct ProtobufList: Sendable {
    private var writer = ProtobufWriter()

    init(metadata: JSON, items: [(JSON, ObjectType)] = []) {
        writer.message(1, ProtobufEncoder.message(metadata, Schema.type("ListMeta")))
        for (item, type) in items { append(item, type) }
    }

    mutating func append(_ item: JSON, _ type: ObjectType) { writer.message(2, ProtobufEncoder.message(item, type)) }

    var message: [UInt8] { writer.bytes }
}
