public import OrderedJSON

/// What the engines write down about a lock: who holds it, since when, doing what.
public struct LockInfo: Sendable, Hashable {
    /// Names the lock; whoever unlocks must name it too.
    public var id: String
    /// Such as `OperationTypeApply`.
    public var operation: String
    /// Free text.
    public var info: String
    /// `user@host`.
    public var who: String
    /// The version of the program that took it.
    public var version: String
    /// When, as RFC 3339 writes it.
    public var created: String
    /// Where the state is, as the engine names it; mostly empty.
    public var path: String

    public init(
        id: String, operation: String, info: String = "", who: String, version: String, created: String,
        path: String = ""
    ) {
        self.id = id
        self.operation = operation
        self.info = info
        self.who = who
        self.version = version
        self.created = created
        self.path = path
    }

    /// - Parameter text: the JSON of the annotation; nil is returned for anything else, and for lock info without an ID.
    public init?(parsing text: String) {
        guard let json = try? JSON(parsing: text), let id = json["ID"]?.string else { return nil }
        self.init(
            id: id, operation: json["Operation"]?.string ?? "", info: json["Info"]?.string ?? "",
            who: json["Who"]?.string ?? "", version: json["Version"]?.string ?? "",
            created: json["Created"]?.string ?? "", path: json["Path"]?.string ?? "")
    }

    /// As the engines write it, and can read it: what is no time is left out, for they would refuse all of it.
    public var json: JSON {
        var json: JSON = [
            "ID": .string(id), "Operation": .string(operation), "Info": .string(info), "Who": .string(who),
            "Version": .string(version), "Created": .string(created), "Path": .string(path),
        ]
        if !isCreatedKnown { json["Created"] = nil }
        return json
    }

    /// Whether the engines read it: Go's `time.Time` takes from JSON what is RFC 3339 to the letter, and a day that there is.
    private var isCreatedKnown: Bool {
        let form =
            #/([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|[+-]([0-9]{2}):([0-9]{2}))/#
        guard created.utf8.allSatisfy({ $0 < 0x80 }), let match = created.wholeMatch(of: form),
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), let hour = Int(match.4),
            let minute = Int(match.5), let second = Int(match.6), 1...12 ~= month
        else { return false }
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return 1...days ~= day && hour < 24 && minute < 60 && second < 60 && Int(match.7 ?? "0") ?? 24 < 24
            && Int(match.8 ?? "0") ?? 60 < 60
    }
}
