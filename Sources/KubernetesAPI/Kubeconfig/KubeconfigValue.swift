internal import OrderedJSON

/// A value of a kubeconfig with the file, line and key where it stands.
struct KubeconfigValue: Sendable {
    struct Mark: Sendable, Hashable {
        let line: Int
        let column: Int
    }

    indirect enum Content: Sendable {
        case null
        case scalar(String)
        case mapping([String: KubeconfigValue])
        case sequence([KubeconfigValue])
    }

    let file: String
    let mark: Mark?
    /// The key, from the root: `users[name=admin].user.token`.
    let path: String
    let content: Content
    /// A scalar that YAML reads as a number or a truth value, where it is written like one.
    var isLiteral = false

    /// File, line and column.
    var place: String { mark.map { "\(file):\($0.line):\($0.column)" } ?? file }

    func error(_ code: KubeconfigError.Code, _ message: String) -> KubeconfigError {
        KubeconfigError(code, file: place, key: path.isEmpty ? nil : path, message)
    }

    /// The member of that name; nil when there is none, or when it is null or an empty string, as client-go sees it.
    func member(_ key: String) throws(KubeconfigError) -> KubeconfigValue? {
        let members: [String: KubeconfigValue]
        switch content {
        case .null: return nil
        case .mapping(let mapping): members = mapping
        default: throw error(.invalid, "expected a mapping")
        }
        guard let member = members[key] else { return nil }
        switch member.content {
        case .null, .scalar(""): return nil
        default: return member
        }
    }

    func required(_ key: String) throws(KubeconfigError) -> KubeconfigValue {
        guard let member = try member(key) else { throw error(.invalid, "'\(key)' is missing") }
        return member
    }

    var isMapping: Bool { if case .mapping = content { true } else { false } }

    /// The value as JSON, for what is handed on as it is.
    var json: JSON {
        switch content {
        case .null: .null
        case .scalar(let text): isLiteral ? (try? JSON(parsing: text)) ?? .string(text) : .string(text)
        case .mapping(let members):
            .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
        case .sequence(let elements): .array(elements.map(\.json))
        }
    }

    func string() throws(KubeconfigError) -> String {
        guard case .scalar(let text) = content else { throw error(.invalid, "expected a string") }
        return text
    }

    func string(_ key: String) throws(KubeconfigError) -> String? {
        guard let member = try member(key) else { return nil }
        return try member.string()
    }

    func bool(_ key: String) throws(KubeconfigError) -> Bool {
        guard let member = try member(key) else { return false }
        switch try member.string() {
        case "true": return true
        case "false": return false
        default: throw member.error(.invalid, "expected true or false")
        }
    }

    func elements(_ key: String) throws(KubeconfigError) -> [KubeconfigValue] {
        guard let member = try member(key) else { return [] }
        guard case .sequence(let elements) = member.content else { throw member.error(.invalid, "expected a list") }
        return elements
    }

    func strings(_ key: String) throws(KubeconfigError) -> [String] {
        var strings: [String] = []
        for element in try elements(key) { strings.append(try element.string()) }
        return strings
    }

    func members(_ key: String) throws(KubeconfigError) -> [String: KubeconfigValue] {
        guard let member = try member(key) else { return [:] }
        guard case .mapping(let members) = member.content else { throw member.error(.invalid, "expected a mapping") }
        return members
    }

    /// A path in the file system, which is relative to the folder of the kubeconfig that it stands in.
    func filePath() throws(KubeconfigError) -> String {
        let path = try string()
        guard !path.hasPrefix("/") else { return path }
        return "\(folder)/\(path)"
    }

    var folder: String { file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "." }

    /// The content of `key-data` as base64, or of the file that `key` names.
    ///
    /// - Throws: ``KubeconfigError`` also when both are given.
    func data(_ key: String) throws(KubeconfigError) -> (bytes: [UInt8], source: KubeconfigValue)? {
        let inline = try member("\(key)-data")
        let file = try member(key)
        if let inline {
            guard file == nil else {
                throw inline.error(.contradiction, "given together with '\(key)'; remove one of the two")
            }
            do {
                return (try Base64.decode(try inline.string()), inline)
            } catch let failure as Base64Error {
                throw inline.error(.invalid, "\(failure)")
            } catch {
                throw inline.error(.invalid, "expected base64")
            }
        }
        guard let file else { return nil }
        return (try KubeconfigFile.read(try file.filePath(), key: file), file)
    }
}
