internal import GuardedHTTP
internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import NIOHTTP1
internal import OrderedJSON

enum RequestBodyLimit {
    static let bytes = 3_145_728
}

extension ServerRequest {
    /// The body, which is refused before it is read when it says that it is too large.
    func bodyBytes() async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > RequestBodyLimit.bytes {
            throw Status.bodyTooLarge
        }
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                guard bytes.count + buffer.readableBytes <= RequestBodyLimit.bytes else { throw Status.bodyTooLarge }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch let status as Status {
            throw status
        } catch is RequestBodyTimeout {
            throw Status.timeout("request did not complete within requested timeout")
        } catch {
            // The client is gone, or sent what is no HTTP; nothing that is wrong with the cluster.
            throw Status.badRequest(error as? HTTPParserError == .invalidEOFState ? "unexpected EOF" : "\(error)")
        }
        return bytes
    }

    /// The body as JSON, whatever it was sent as.
    ///
    /// - Parameters:
    ///   - kind: the kind that is expected, for the message.
    ///   - type: its type.
    func objectBody(expecting kind: String, _ type: ObjectType) async throws
        -> (json: JSON, duplicateFields: [String])
    {
        let contentType = MediaType(headers[.contentType] ?? AnswerMediaType.json.rawValue)
        switch AnswerMediaType(rawValue: contentType.name) {
        case .json: return try Self.json(try await bodyBytes(), expecting: kind)
        case .yaml: return try Self.yaml(try await bodyBytes(), expecting: kind)
        case .protobuf: return (try Self.protobuf(try await bodyBytes(), kind, type), [])
        case nil: throw Status.unsupportedMediaType
        }
    }

    private static func json(_ bytes: [UInt8], expecting kind: String) throws
        -> (json: JSON, duplicateFields: [String])
    {
        var parser = JSONParser(bytes)
        switch Result(catching: { () throws(JSONError) in try parser.parse() }) {
        case .success(let json): return (json, parser.duplicateKeys)
        case .failure(let error):
            throw unrecognized(
                bytes, kind, "couldn't get version/kind; json parse error: \(error.goText(in: bytes))")
        }
    }

    private static func yaml(_ bytes: [UInt8], expecting kind: String) throws
        -> (json: JSON, duplicateFields: [String])
    {
        do throws(YAMLReader.Failure) {
            return (try YAMLReader.json(bytes), [])
        } catch {
            throw unrecognized(bytes, kind, error.message)
        }
    }

    /// Of a message of another kind only the kind is read.
    private static func protobuf(_ bytes: [UInt8], _ kind: String, _ type: ObjectType) throws -> JSON {
        let document: ProtobufDocument
        do throws(ProtobufReader.Failure) {
            document = try ProtobufDocument(parsing: bytes)
        } catch {
            throw unrecognized(bytes, kind, error.message)
        }
        var object: JSON = [:]
        if document.kind.isEmpty || document.kind == kind {
            do throws(ProtobufReader.Failure) {
                object = try ProtobufDecoder.object(document.message[...], type)
            } catch {
                let version = document.apiVersion.split(separator: "/").last ?? "v1"
                throw Status.badRequest(
                    "\(kind) in version \"\(version)\" cannot be handled as a \(kind): \(error.message)")
            }
        }
        if !document.kind.isEmpty { object["kind"] = .string(document.kind) }
        if !document.apiVersion.isEmpty { object["apiVersion"] = .string(document.apiVersion) }
        return object
    }

    private static func unrecognized(_ bytes: [UInt8], _ kind: String, _ reason: String) -> Status {
        .badRequest("the object provided is unrecognized (must be of type \(kind)): \(reason) (\(summary(of: bytes)))")
    }

    /// Source: k8s.io/apiserver/pkg/endpoints/handlers/rest.go `summarizeData`.
    private static func summary(of bytes: [UInt8]) -> String {
        let limit = 30
        guard let first = bytes.first else { return "<empty>" }
        let head = bytes.prefix(limit)
        let more = bytes.count > limit ? " ..." : ""
        if first == UInt8(ascii: "{") { return String(decoding: head, as: UTF8.self) + more }
        return head.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + more
    }
}

extension JSONError {
    /// What Go's JSON package says about the same document.
    func goText(in bytes: [UInt8]) -> String {
        guard code != .unexpectedEnd, offset < bytes.count else { return "unexpected end of JSON input" }
        if code == .tooDeep { return "exceeded max depth" }
        let byte = bytes[offset]
        let character =
            switch byte {
            case UInt8(ascii: "'"): #"'\''"#
            case UInt8(ascii: "\n"): #"'\n'"#
            case UInt8(ascii: "\t"): #"'\t'"#
            case 0..<0x20: "'\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))'"
            default: "'\(Character(Unicode.Scalar(byte)))'"
            }
        return "invalid character \(character) \(goPlace)"
    }

    private var goPlace: String {
        switch expectation {
        case "the name of a member": "looking for beginning of object key string"
        case "':'": "after object key"
        case "',' or '}'": "after object key:value pair"
        case "',' or ']'": "after array element"
        case "the end of the document": "after top-level value"
        case "a digit": "in numeric literal"
        case _ where code == .invalidText: "in string literal"
        case _ where expectation.hasPrefix("'"): "in literal \(expectation.filter { $0 != "'" })"
        default: "looking for beginning of value"
        }
    }
}
