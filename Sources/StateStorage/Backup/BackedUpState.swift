internal import OrderedJSON
public import TerraformState

/// What a backup's manifest says of one state in it.
public struct BackedUpState: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// Counts the states of a lineage up.
    public let serial: UInt64
    /// Names the succession of states that this one belongs to.
    public let lineage: String
    /// Of the state file, in bytes.
    public let size: Int
    /// Of the state file's bytes.
    public let sha256: String
    /// The version of the engine that wrote it; nil where it does not say.
    public let engineVersion: String?
    /// Whether OpenTofu encrypted it.
    public let isEncrypted: Bool
    /// nil where OpenTofu encrypted the state.
    public let counts: StateCounts?
    /// When it was read from the cluster, as RFC 3339 writes it.
    public let readAt: String

    init(_ file: StateFile, of environment: EnvironmentID, readAt: String) {
        self.environment = environment
        serial = file.serial
        lineage = file.lineage
        size = file.bytes.count
        sha256 = StateStorage.sha256(file.bytes)
        engineVersion = file.engineVersion
        isEncrypted = file.isEncrypted
        counts = try? file.counts()
        self.readAt = readAt
    }

    /// The name of the state file in the archive.
    public var fileName: String { Self.fileName(of: environment) }

    private static let suffix = ".tfstate"

    static func fileName(of environment: EnvironmentID) -> String { "\(environment)\(suffix)" }

    /// - Returns: nil for a name that no state file in a backup has.
    static func environment(ofFile name: String) -> EnvironmentID? {
        name.hasSuffix(suffix) ? try? EnvironmentID(String(name.dropLast(suffix.count))) : nil
    }
}

// MARK: - In the manifest

extension BackedUpState {
    /// - Throws: `ManifestFault` that names the member.
    init(_ json: JSON) throws(ManifestFault) {
        let environment = try json.member("environment", of: \.string)
        do throws(EnvironmentIDError) {
            self.environment = try EnvironmentID(environment)
        } catch {
            throw ManifestFault("\(error)")
        }
        guard try json.member("file", of: \.string) == Self.fileName(of: self.environment) else {
            throw ManifestFault("'file' is not \(Self.fileName(of: self.environment))")
        }
        serial = try json.member("serial", of: \.unsigned)
        lineage = try json.member("lineage", of: \.string)
        size = try json.member("bytes", of: \.int)
        sha256 = try json.member("sha256", of: \.string)
        isEncrypted = try json.member("encrypted", of: \.bool)
        readAt = try json.member("readAt", of: \.string)
        engineVersion = json["engineVersion"]?.string
        var counts: StateCounts?
        if json["resources"] != nil {
            counts = StateCounts()
            counts?.resources = try json.member("resources", of: \.int)
            counts?.instances = try json.member("instances", of: \.int)
            counts?.dataSources = try json.member("dataSources", of: \.int)
            counts?.outputs = try json.member("outputs", of: \.int)
        }
        self.counts = counts
    }

    var json: JSON {
        var json: JSON = [
            "environment": .string("\(environment)"), "file": .string(fileName), "serial": JSON(unsigned: serial),
            "lineage": .string(lineage), "bytes": .number(JSONNumber(size)), "sha256": .string(sha256),
            "encrypted": .bool(isEncrypted), "readAt": .string(readAt),
        ]
        if let engineVersion { json["engineVersion"] = .string(engineVersion) }
        if let counts {
            json["resources"] = .number(JSONNumber(counts.resources))
            json["instances"] = .number(JSONNumber(counts.instances))
            json["dataSources"] = .number(JSONNumber(counts.dataSources))
            json["outputs"] = .number(JSONNumber(counts.outputs))
        }
        return json
    }
}

/// A member of a manifest that is missing, or is not what it should be.
struct ManifestFault: Error {
    let explanation: String

    init(_ explanation: String) { self.explanation = explanation }
}

extension JSON {
    func member<T>(_ name: String, of value: (JSON) -> T?) throws(ManifestFault) -> T {
        guard let member = self[name] else { throw ManifestFault("'\(name)' is missing") }
        guard let value = value(member) else { throw ManifestFault("'\(name)' is not what it should be") }
        return value
    }

    init(unsigned number: UInt64) { self = (try? JSON(parsing: "\(number)")) ?? .null }

    /// A number of 64 bits, without sign and fraction.
    var unsigned: UInt64? { if case .number(let number) = self { UInt64(number.text) } else { nil } }
}
