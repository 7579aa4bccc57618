internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// One remembered state of an environment's history.
public struct StateVersion: Sendable, Hashable {
    /// Counts the versions of the environment up; a number is never used again while the history lasts.
    public internal(set) var number: Int
    /// The serial that the state had.
    public let serial: UInt64
    /// The lineage that the state had.
    public let lineage: String
    /// In bytes, as a state file.
    public let size: Int
    /// Of the state file's bytes.
    public let sha256: String
    /// nil where OpenTofu encrypted the state.
    public let counts: StateCounts?
    /// When it was kept for the write that replaced it, as RFC 3339 writes it.
    public internal(set) var time: String
    /// Who replaced it: the writer of the state that came after it, not of this one.
    public internal(set) var who: String
    /// Why, where that was said.
    public internal(set) var why: String
    /// In the cluster, in bytes.
    public internal(set) var storedSize: Int
    /// False where it is kept as its difference to a state that the history does not have any more.
    public internal(set) var isRestorable = true
    /// The numbers of the Secrets that hold it beyond its slot, in order.
    var parts: [Int] = []
    /// The SHA-256 of the next newer state, where this one is kept as its difference to that.
    var dictionary: String?
    /// How it is stored, where it is kept whole.
    var encoding = Encoding.zstandard
    /// How many versions the environment keeps from this one on, where that was said for it.
    var historyLength: Int?

    /// Numbers beyond are nobody's: what has one was not written by us.
    private static let highestNumber = 1 << 53

    enum Encoding: String, Sendable {
        case zstandard
        /// As it stood in the state's own Secrets.
        case gzip
    }

    init(number: Int, _ facts: StateFacts, who: String, why: String, storedSize: Int) {
        self.number = number
        serial = facts.serial
        lineage = facts.lineage
        size = facts.size
        sha256 = facts.sha256
        counts = facts.counts
        time = Timestamp.now()
        self.who = who
        self.why = why
        self.storedSize = storedSize
    }

    /// - Parameter text: the annotation; nil for anything that we did not write.
    init?(parsing text: String) {
        guard let json = try? JSON(parsing: text), let number = json["number"]?.int,
            let serial = json["serial"]?.string.flatMap({ UInt64($0) }), let lineage = json["lineage"]?.string,
            let size = json["size"]?.int, size >= 0, let digest = json["sha256"]?.string,
            let storedSize = json["storedSize"]?.int, 0...(1 << 40) ~= storedSize,
            1...Self.highestNumber ~= number
        else { return nil }
        self.number = number
        self.serial = serial
        self.lineage = lineage
        self.size = size
        sha256 = digest
        counts = json["resources"]?.int.map { resources in
            var counts = StateCounts()
            counts.resources = resources
            counts.dataSources = json["dataSources"]?.int ?? 0
            counts.instances = json["instances"]?.int ?? 0
            counts.outputs = json["outputs"]?.int ?? 0
            return counts
        }
        time = json["time"]?.string ?? ""
        who = json["who"]?.string ?? ""
        why = json["why"]?.string ?? ""
        self.storedSize = storedSize
        parts = json["parts"]?.array?.compactMap(\.int) ?? []
        dictionary = json["dictionary"]?.string
        if let name = json["encoding"]?.string {
            guard let encoding = Encoding(rawValue: name) else { return nil }
            self.encoding = encoding
        }
        historyLength = json["keep"]?.int
    }

    var text: String {
        var json: JSON = [
            "number": .number(JSONNumber(number)), "serial": .string("\(serial)"), "lineage": .string(lineage),
            "size": .number(JSONNumber(size)), "sha256": .string(sha256),
        ]
        if let counts {
            json["resources"] = .number(JSONNumber(counts.resources))
            json["dataSources"] = .number(JSONNumber(counts.dataSources))
            json["instances"] = .number(JSONNumber(counts.instances))
            json["outputs"] = .number(JSONNumber(counts.outputs))
        }
        json["time"] = .string(time)
        json["who"] = .string(who)
        json["why"] = .string(why)
        json["storedSize"] = .number(JSONNumber(storedSize))
        if !parts.isEmpty { json["parts"] = .array(parts.map { .number(JSONNumber($0)) }) }
        if let dictionary { json["dictionary"] = .string(dictionary) }
        if encoding != .zstandard { json["encoding"] = .string(encoding.rawValue) }
        if let historyLength { json["keep"] = .number(JSONNumber(historyLength)) }
        return json.text
    }
}
