internal import OrderedJSON

/// Where the states of a backup come from.
public struct BackupOrigin: Sendable, Hashable {
    /// The address of the cluster's API server.
    public let server: String
    /// The namespace that the states were read from.
    public let namespace: String
    /// When the backup was begun, as RFC 3339 writes it.
    public let startedAt: String

    private static let format = "stowage-backup"
    private static let version = 1

    init(server: String, namespace: String, startedAt: String) {
        self.server = server
        self.namespace = namespace
        self.startedAt = startedAt
    }

    /// - Throws: `ManifestFault`.
    init(_ json: JSON) throws(ManifestFault) {
        guard json["format"]?.string == Self.format else {
            throw ManifestFault("'format' is not \(Self.format)")
        }
        let version = try json.member("formatVersion", of: \.int)
        guard version == Self.version else {
            throw ManifestFault("it has format version \(version), and this program knows \(Self.version) only")
        }
        server = try json.member("server", of: \.string)
        namespace = try json.member("namespace", of: \.string)
        startedAt = try json.member("startedAt", of: \.string)
    }

    var json: JSON {
        [
            "format": .string(Self.format), "formatVersion": .number(JSONNumber(Self.version)),
            "server": .string(server), "namespace": .string(namespace), "startedAt": .string(startedAt),
        ]
    }

    /// Whether both are of the same states.
    func isSamePlace(as other: BackupOrigin) -> Bool { server == other.server && namespace == other.namespace }
}

/// A state that is not in the backup.
public struct UnreadableState: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// Why it could not be read, for people.
    public let reason: String
}

/// What a backup holds: the last file in it, `manifest.json`.
public struct BackupManifest: Sendable, Hashable {
    /// The name of the manifest in the archive.
    public static let fileName = "manifest.json"

    /// Where and when the states were read.
    public let origin: BackupOrigin
    /// When it was whole, as RFC 3339 writes it.
    public let finishedAt: String
    /// The version of Stowage that wrote it.
    public let programVersion: String
    /// In the order of the environments' names.
    public let states: [BackedUpState]
    /// The environments whose state could not be read.
    public let unreadable: [UnreadableState]

    init(
        origin: BackupOrigin, programVersion: String, states: [BackedUpState], unreadable: [UnreadableState]
    ) {
        self.origin = origin
        finishedAt = Timestamp.now()
        self.programVersion = programVersion
        self.states = states.sorted { "\($0.environment)" < "\($1.environment)" }
        self.unreadable = unreadable.sorted { "\($0.environment)" < "\($1.environment)" }
    }

    /// - Throws: `ManifestFault` that names what is wrong, and where.
    init(_ bytes: [UInt8]) throws(ManifestFault) {
        let json: JSON
        var parser = JSONParser(bytes)
        do throws(JSONError) {
            json = try parser.parse()
        } catch {
            throw ManifestFault("it is not JSON: \(error)")
        }
        if let twice = parser.duplicateKeys.first { throw ManifestFault("'\(twice)' stands in it twice") }
        origin = try BackupOrigin(json)
        finishedAt = try json.member("finishedAt", of: \.string)
        programVersion = try json.member("stowageVersion", of: \.string)
        states = try Self.list("environments", of: json) { element throws(ManifestFault) in try BackedUpState(element) }
        unreadable = try Self.list("unreadable", of: json) { element throws(ManifestFault) in
            do throws(EnvironmentIDError) {
                let environment = try EnvironmentID(element["environment"]?.string ?? "")
                return UnreadableState(environment: environment, reason: element["reason"]?.string ?? "")
            } catch {
                throw ManifestFault("\(error)")
            }
        }
    }

    private static func list<T>(
        _ name: String, of json: JSON, _ element: (JSON) throws(ManifestFault) -> T
    ) throws(ManifestFault) -> [T] {
        var list: [T] = []
        for (index, json) in try json.member(name, of: \.array).enumerated() {
            do throws(ManifestFault) {
                list.append(try element(json))
            } catch {
                throw ManifestFault("\(name)[\(index)]: \(error.explanation)")
            }
        }
        return list
    }

    var bytes: [UInt8] {
        var json = origin.json
        json["finishedAt"] = .string(finishedAt)
        json["stowageVersion"] = .string(programVersion)
        json["environments"] = .array(states.map(\.json))
        json["unreadable"] = .array(
            unreadable.map { ["environment": .string("\($0.environment)"), "reason": .string($0.reason)] })
        return Array(json.prettyText.utf8)
    }
}
