internal import OrderedJSON
internal import StateStorage
internal import TerraformState

extension StateReports {
    static func backup(_ result: BackupResult) -> Report {
        let manifest = result.manifest
        var json: JSON = ["file": .string(result.path)]
        json.add(manifest)
        json["resumed"] = .number(JSONNumber(result.resumedCount))
        return Report(
            json: json, columns: ["File", "States", "Bytes", "Unreadable", "Resumed"],
            rows: [
                [
                    result.path, "\(manifest.states.count)", "\(manifest.states.reduce(0) { $0 + $1.size })",
                    "\(manifest.unreadable.count)", "\(result.resumedCount)",
                ]
            ])
    }

    static func verification(_ verification: BackupVerification) -> Report {
        var json: JSON = ["file": .string(verification.path), "sound": .bool(verification.problems.isEmpty)]
        if let manifest = verification.manifest { json.add(manifest) }
        json["problems"] = .array(
            verification.problems.map {
                ["file": $0.file.map(JSON.string) ?? .null, "problem": .string($0.explanation)]
            })
        let problems = Dictionary(grouping: verification.problems) { $0.file ?? "" }
        let manifest = verification.manifest
        let states = (manifest?.states ?? []).map { state in
            [
                "\(state.environment)", "\(state.serial)", state.counts.map { "\($0.instances)" } ?? "-",
                "\(state.size)", state.engineVersion ?? (state.isEncrypted ? "encrypted" : "-"), state.readAt,
                problems[state.fileName] == nil ? "sound" : "unsound",
            ]
        }
        let unreadable = (manifest?.unreadable ?? []).map {
            ["\($0.environment)", "-", "-", "-", "-", "-", "not in it: \($0.reason)"]
        }
        return Report(
            json: json, columns: ["Environment", "Serial", "Instances", "Bytes", "Engine", "Read at", ""],
            rows: states + unreadable)
    }

    static func restore(_ outcomes: [RestoreOutcome]) -> Report {
        Report(
            json: .array(outcomes.map(\.json)), columns: ["Environment", "Action", "Serial", "Replaced", "Kept as"],
            rows: outcomes.map { outcome in
                [
                    "\(outcome.environment)", outcome.action.rawValue, "\(outcome.serial)",
                    outcome.replacedSerial.map { "\($0)" } ?? "-",
                    outcome.keptVersion.map { "version \($0)" } ?? "-",
                ]
            })
    }
}

extension RestoreOutcome {
    fileprivate var json: JSON {
        [
            "environment": .string("\(environment)"), "action": .string(action.rawValue),
            "serial": JSON(serial: serial), "replacedSerial": replacedSerial.map { JSON(serial: $0) } ?? .null,
            "keptVersion": keptVersion.map { .number(JSONNumber($0)) } ?? .null,
            "error": error.map { .string("\($0)") } ?? .null,
        ]
    }
}

extension BackedUpState {
    fileprivate var json: JSON {
        [
            "environment": .string("\(environment)"), "serial": JSON(serial: serial), "lineage": .string(lineage),
            "engineVersion": engineVersion.map(JSON.string) ?? .null, "encrypted": .bool(isEncrypted),
            "bytes": .number(JSONNumber(size)), "sha256": .string(sha256),
            "instances": counts.map { .number(JSONNumber($0.instances)) } ?? .null, "readAt": .string(readAt),
        ]
    }
}

extension JSON {
    /// A serial is a number of 64 bits, which JSON spells as it is.
    fileprivate init(serial: UInt64) { self = (try? JSON(parsing: "\(serial)")) ?? .null }

    /// What a manifest says.
    fileprivate mutating func add(_ manifest: BackupManifest) {
        self["namespace"] = .string(manifest.origin.namespace)
        self["server"] = .string(manifest.origin.server)
        self["startedAt"] = .string(manifest.origin.startedAt)
        self["finishedAt"] = .string(manifest.finishedAt)
        self["environments"] = .array(manifest.states.map(\.json))
        self["unreadable"] = .array(
            manifest.unreadable.map { ["environment": .string("\($0.environment)"), "reason": .string($0.reason)] })
    }
}
