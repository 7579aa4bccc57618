/// Types written as text, which is short, is read by people, and costs the compiler nothing:
///
/// ```
/// package io.k8s.api.core.v1
/// Secret: Holds secret data.
///   1 metadata ObjectMeta!
///   5 immutable bool? -- Whether the data may no longer change.
///   2 data {bytes}
/// ```
///
/// A line of a field: its protobuf number, or, where JSON has the fields of an embedded message among those of the
/// message around it, the numbers that lead there (`2.1`); its name; its type; how it is merged; after ` -- ` what it is.
///
/// | type | is |
/// |---|---|
/// | `string int32 int64 bool time microTime bytes quantity intOrString any` | a plain value |
/// | `[T]` `{T}` | a list, a map with strings as keys |
/// | `Name` | an object of that type, of any package |
/// | `T` | left out where empty |
/// | `T?` | left out where not given |
/// | `T!` | always written, as zero where not given |
/// | `T?!` | always written, as null where not given |
///
/// | merging | is |
/// |---|---|
/// | `merge=KEY`, `merge` | patches merge the list's elements by that member, or as a set |
/// | `retain` | patches may say which members stay |
/// | `map=KEY,KEY` | apply tells elements apart by these members; without it by the one of `merge` |
/// | `set`, `atomic` | apply takes the list as a set, the value as a whole |
///
/// Order, numbers, presence and merging are facts of the Kubernetes API (its `types.go`).
struct SchemaText {
    private struct Draft {
        let package: String
        let description: String
        var lines: [Substring] = []
    }

    private var drafts: [String: Draft] = [:]
    private(set) var names: [String] = []
    private var types: [String: ObjectType] = [:]

    /// Why a text is none of types. Texts are ours, so this is seen by tests only.
    struct Failure: Error { let message: String }

    init(_ texts: [String]) throws(Failure) {
        for text in texts { try read(text) }
        for name in names { _ = try type(name) }
    }

    /// The types by name.
    var all: [String: ObjectType] { types }

    private mutating func read(_ text: String) throws(Failure) {
        var (package, name) = ("", "")
        for line in text.split(separator: "\n") {
            if line.hasPrefix("package ") {
                package = String(line.dropFirst(8))
            } else if line.hasPrefix("  ") {
                guard drafts[name] != nil else { throw Failure(message: "a field before any type: \(line)") }
                drafts[name]?.lines.append(line)
            } else {
                let parts = line.split(separator: ":", maxSplits: 1)
                name = parts.first.map(String.init) ?? ""
                guard drafts[name] == nil else { throw Failure(message: "type \(name) is there twice") }
                let description = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
                drafts[name] = Draft(package: package, description: description)
                names.append(name)
            }
        }
    }

    private mutating func type(_ name: String) throws(Failure) -> ObjectType {
        if let known = types[name] { return known }
        guard let draft = drafts[name] else { throw Failure(message: "no type \(name)") }
        var fields: [Field] = []
        for line in draft.lines { fields.append(try field(line)) }
        let type = ObjectType(name: name, package: draft.package, description: draft.description, fields: fields)
        types[name] = type
        return type
    }

    private mutating func field(_ line: Substring) throws(Failure) -> Field {
        let halves = line.firstRange(of: " -- ").map { (line[..<$0.lowerBound], line[$0.upperBound...]) } ?? (line, "")
        let words = halves.0.split(separator: " ")
        guard words.count >= 3 else { throw Failure(message: "no field: \(line)") }
        let path = words[0].split(separator: ".").compactMap { Int($0) }
        guard !path.isEmpty else { throw Failure(message: "no number: \(line)") }
        let (presence, typeText) = Self.presence(words[2])
        let type = try fieldType(typeText)
        return Field(
            name: String(words[1]), path: path, type: type, presence: presence,
            merging: try Self.merging(words.dropFirst(3), type), description: String(halves.1))
    }

    private static func presence(_ text: Substring) -> (Field.Presence, Substring) {
        if text.hasSuffix("?!") { return (.alwaysOrNull, text.dropLast(2)) }
        if text.hasSuffix("?") { return (.whenGiven, text.dropLast()) }
        if text.hasSuffix("!") { return (.always, text.dropLast()) }
        return (.unlessEmpty, text)
    }

    private mutating func fieldType(_ text: Substring) throws(Failure) -> FieldType {
        if text.hasPrefix("[") { return .list(try fieldType(text.dropFirst().dropLast())) }
        if text.hasPrefix("{") { return .map(try fieldType(text.dropFirst().dropLast())) }
        return switch text {
        case "string": .string
        case "int32": .int32
        case "int64": .int64
        case "bool": .boolean
        case "time": .time
        case "microTime": .microTime
        case "bytes": .bytes
        case "quantity": .quantity
        case "intOrString": .intOrString
        case "any": .any
        default: .object(try type(String(text)))
        }
    }

    private static func merging(_ words: ArraySlice<Substring>, _ type: FieldType) throws(Failure) -> Merging {
        var merging = Merging()
        for word in words {
            let pair = word.split(separator: "=").map(String.init)
            switch (pair[0], pair.count) {
            case ("merge", 1):
                merging.patchKey = ""
                merging.isSet = true
            case ("merge", 2):
                merging.patchKey = pair[1]
                merging.mapKeys = [pair[1]]
            case ("retain", 1): merging.retainsKeys = true
            case ("map", 2): merging.mapKeys = pair[1].split(separator: ",").map(String.init)
            case ("set", 1): merging.isSet = true
            case ("atomic", 1): merging.isAtomic = true
            default: throw Failure(message: "no merging: \(word)")
            }
        }
        // Lists that nobody says more about have one owner as a whole.
        if case .list = type, merging.mapKeys.isEmpty, !merging.isSet { merging.isAtomic = true }
        return merging
    }
}
