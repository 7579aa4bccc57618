@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON

/// One exchange with a real kube-apiserver 1.36.2, a line of a file in `Recordings`.
struct RecordedExchange: Sendable {
    /// Which exchange it is, for messages.
    let title: String
    /// The command that was typed, or the case that was tried.
    let step: String
    let sender: String
    let method: String
    let path: String
    let requestHeaders: [String: String]
    let requestBody: Text?
    let status: Int
    let responseHeaders: [String: String]
    let responseBody: Text

    /// A body as it stands in the recording, which cuts long ones off.
    struct Text: Sendable {
        let bytes: [UInt8]
        /// How long it was, where it is cut.
        var fullLength: Int?
        var isCut: Bool { fullLength != nil }

        init(_ text: String) {
            if text.hasPrefix("base64:") {
                bytes = (try? Base64.decode(String(text.dropFirst(7)))) ?? []
            } else if let start = text.lastIndex(of: "…"),
                text.hasSuffix(" characters in all)") || text.hasSuffix(" bytes)")
            {
                bytes = Array(text[..<start].utf8)
                fullLength = Int(text[start...].filter(\.isNumber))
            } else {
                bytes = Array(text.utf8)
            }
        }

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    init(_ line: JSON, title: String) {
        step = line["step"]?.string ?? line["case"]?.string ?? ""
        self.title = "\(title) \(step)"
        sender = line["as"]?.string ?? "admin"
        method = line["method"]?.string ?? ""
        path = line["path"]?.string ?? ""
        requestHeaders = Self.headers(line["requestHeaders"])
        requestBody = line["requestBody"]?.string.flatMap { $0.isEmpty ? nil : Text($0) }
        status = line["status"]?.int ?? 0
        responseHeaders = Self.headers(line["responseHeaders"])
        responseBody = Text(line["responseBody"]?.string ?? "")
    }

    private static func headers(_ json: JSON?) -> [String: String] {
        Dictionary((json?.strings ?? [:]).map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    }

    /// All exchanges of a file, in their order.
    static func all(of file: String, folder: String = #filePath) throws -> [RecordedExchange] {
        let tests = folder.split(separator: "/").dropLast(2).joined(separator: "/")
        let text = String(decoding: try PrivateFile.read("/\(tests)/Recordings/\(file)"), as: UTF8.self)
        return try text.split(separator: "\n").enumerated().map { index, line in
            RecordedExchange(try JSON(parsing: String(line)), title: "\(file) #\(index)")
        }
    }
}

/// A JSON document of which the end is missing, closed so that it can be read.
struct CutJSON {
    let json: JSON
    /// What was put at the end.
    let closing: String

    init?(_ bytes: [UInt8]) {
        var (stack, isInString, isEscaped) = ([UInt8](), false, false)
        // Where a document of whole members ends.
        var whole: (end: Int, stack: [UInt8]) = (0, [])
        for (index, byte) in bytes.enumerated() {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                stack.append(byte + 2)
                whole = (index + 1, stack)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = stack.popLast()
                whole = (index + 1, stack)
            case UInt8(ascii: ","): whole = (index, stack)
            default: break
            }
        }
        let closed = "\"" + String(decoding: stack.reversed(), as: UTF8.self)
        if isInString, !isEscaped, let json = try? JSON(parsing: bytes + Array(closed.utf8)) {
            (self.json, closing) = (json, closed)
            return
        }
        closing = String(decoding: whole.stack.reversed(), as: UTF8.self)
        guard let json = try? JSON(parsing: bytes[..<whole.end] + Array(closing.utf8)) else { return nil }
        self.json = json
    }
}
