internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// One remembered state of an environment's history.
public struct StateVersion: Sendable, Hashable {
    /// Counts the versions of the environment up; a number is never used again while the history lasts.
    public let number: Int
    public let serial: UInt64
    public let lineage: String
    /// In bytes, as a state file.
    public let size: Int
    /// Of the state file's bytes.
    public let sha256: String
    /// nil where OpenTofu encrypted the state.
    public let counts: StateCounts?
    /// When it was kept, as RFC 3339 writes it.
    public let time: String
    /// Who replaced it.
    public let who: String
    /// Why, where that was said.
    public let why: String
    /// In the cluster, in bytes.
    public internal(set) var storedSize: Int
    /// The Secrets that it stands in.
    var parts: Int
    /// The SHA-256 of the next newer state, where this one is kept as its difference to that.
    var dictionary: String?

    init(number: Int, file: StateFile, who: String, why: String, storedSize: Int, parts: Int) {
        self.number = number
        serial = file.serial
        lineage = file.lineage
        size = file.bytes.count
        sha256 = StateStorage.sha256(file.bytes)
        counts = try? file.counts()
        time = Timestamp.now()
        self.who = who
        self.why = why
        self.storedSize = storedSize
        self.parts = parts
    }

    /// - Parameter text: the annotation; nil for anything that we did not write.
    init?(parsing text: String) {
        guard let json = try? JSON(parsing: text), let number = json["number"]?.int,
            let serial = json["serial"]?.string.flatMap({ UInt64($0) }), let lineage = json["lineage"]?.string,
            let size = json["size"]?.int, size >= 0, let digest = json["sha256"]?.string,
            let storedSize = json["storedSize"]?.int, let parts = json["parts"]?.int, 1...4096 ~= parts
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
        self.parts = parts
        dictionary = json["dictionary"]?.string
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
        json["parts"] = .number(JSONNumber(parts))
        if let dictionary { json["dictionary"] = .string(dictionary) }
        return json.text
    }
}

/// A version and the Secret that it begins in.
struct KeptVersion: Sendable {
    var version: StateVersion
    /// The Secret's metadata.
    let metadata: JSON

    var name: String { metadata["name"]?.string ?? "" }

    init?(metadata object: JSON) {
        guard
            let version = object.objectAnnotations[OwnSecrets.versionAnnotation].flatMap({ StateVersion(parsing: $0) }),
            let metadata = object["metadata"]
        else { return nil }
        self.version = version
        self.metadata = metadata
    }
}
