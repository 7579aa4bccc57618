public import OrderedJSON
public import StateStorage

/// What became of a deployment, as its run writes it down.
public struct DeploymentResult: Sendable, Hashable {
    /// Why a run failed, by who failed.
    public enum ErrorCode: String, Sendable, Hashable {
        /// The engine said so: the configuration, a provider, a resource.
        case diagnostic = "TF_DIAGNOSTIC_ERROR"
        /// The engine did not come to an end of its own.
        case command = "IAC_COMMAND_ERROR"
        /// Anything around the engine.
        case runner = "RUNNER"
    }

    /// Why it did not end well.
    public struct Failure: Sendable, Hashable {
        /// In a word that programs may rely on.
        public let code: ErrorCode
        /// In a sentence, for people; secrets are masked.
        public let message: String
    }

    /// Which deployment it is of.
    public let deployment: DeploymentID
    /// Whose state it worked on.
    public let environment: EnvironmentID
    /// What it was asked to do.
    public let mode: JobManifest.Mode
    /// When it began, as RFC 3339 writes it.
    public let startedAt: String
    /// When it ended, as RFC 3339 writes it; empty until then.
    public internal(set) var endedAt = ""
    /// Of the whole work, in milliseconds.
    public internal(set) var milliseconds = 0
    /// How long it waited for its turn, in milliseconds; nil where it did not come to that.
    public internal(set) var waitedMilliseconds: Int?
    /// nil where all went well, or nothing is over yet.
    public internal(set) var failure: Failure?
    /// The program's.
    public internal(set) var exitStatus: Int32 = 0
    /// What the engine changed, or would; nil where it did not say.
    public internal(set) var counts: ResourceCounts?
    /// The state's serial before it; nil where there was no state.
    public internal(set) var serialBefore: UInt64?
    /// The state's serial after it; nil where there was no state, or it is not known.
    public internal(set) var serialAfter: UInt64?
    /// Where its state is that could be saved nowhere else, see `StateStore.unsavedStates(of:)`.
    public internal(set) var unsavedSecrets: [String] = []
    /// With their values, sensitive ones included.
    public internal(set) var outputs: [(name: String, value: JSON, isSensitive: Bool)] = []
    /// The last lines of the log, masked.
    public internal(set) var lines: [String] = []

    /// A Secret holds a mebibyte.
    private static let largestContent = 1_000_000

    public static func == (left: DeploymentResult, right: DeploymentResult) -> Bool { left.json == right.json }

    public func hash(into hasher: inout Hasher) { hasher.combine(json) }

    /// What a list shows: nothing that is secret.
    public var summary: JSON {
        var json: JSON = [
            "deployment": .string("\(deployment)"), "environment": .string("\(environment)"),
            "mode": .string(mode.rawValue), "status": failure == nil ? "success" : "failure",
            "exitStatus": .number(JSONNumber(Int(exitStatus))), "startedAt": .string(startedAt),
            "endedAt": .string(endedAt), "milliseconds": .number(JSONNumber(milliseconds)),
        ]
        if let waitedMilliseconds { json["waitedMilliseconds"] = .number(JSONNumber(waitedMilliseconds)) }
        if let failure {
            json["error"] = [
                "error": .string(failure.code.rawValue), "message": .string(String(failure.message.prefix(2000))),
            ]
        }
        if let counts {
            json["counts"] = [
                "added": .number(JSONNumber(counts.added)), "changed": .number(JSONNumber(counts.changed)),
                "removed": .number(JSONNumber(counts.destroyed)),
            ]
        }
        if !unsavedSecrets.isEmpty { json["unsavedSecrets"] = .array(unsavedSecrets.map(JSON.string)) }
        json["serialBefore"] = serialBefore.flatMap { try? JSON(parsing: "\($0)") } ?? .null
        json["serialAfter"] = serialAfter.flatMap { try? JSON(parsing: "\($0)") } ?? .null
        return json
    }

    /// All of it.
    public var json: JSON {
        var json = summary
        json["outputs"] = .object(
            JSONObject(
                outputs.map { output in
                    (output.name, ["value": output.value, "sensitive": .bool(output.isSensitive)])
                }))
        json["log"] = .array(lines.map(JSON.string))
        return json
    }

    /// As it is kept: what is too large for a Secret is left out, and said to be.
    var content: [UInt8] {
        var json = json
        for (member, note) in [("log", "logLeftOut"), ("outputs", "outputsLeftOut")] {
            let bytes = json.bytes
            if bytes.count <= Self.largestContent { return bytes }
            json[member] = nil
            json[note] = true
        }
        return json.bytes
    }
}
