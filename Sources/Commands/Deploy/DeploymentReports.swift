internal import OrderedJSON
internal import Runner
internal import StateStorage

/// What commands on deployments print.
enum DeploymentReports {
    static func list(_ statuses: [DeploymentStatus]) -> Report {
        Report(
            json: .array(statuses.map { json($0, showsSensitive: false) }),
            columns: ["Deployment", "Environment", "Mode", "Status", "Created", ""],
            rows: statuses.map { status in
                [
                    "\(status.deployment)", status.environment.map { "\($0)" } ?? "-", status.mode ?? "-", status.word,
                    status.created ?? "-", cause(status) ?? counts(status) ?? "",
                ]
            })
    }

    static func one(_ status: DeploymentStatus, showsSensitive: Bool = false) -> Report {
        let json = json(status, showsSensitive: showsSensitive)
        var shown = json
        shown["log"] = nil
        return Report(json: json, columns: ["Key", "Value"], rows: RunnerReports.rows(shown))
    }

    /// - Throws: `CommandError` with the run's exit status, unless it succeeded.
    static func finish(_ status: DeploymentStatus) throws {
        guard let end = status.end, end.status != .succeeded else { return }
        let exitStatus = end.exitCode.flatMap { ExitStatus(rawValue: Int32(clamping: $0)) } ?? .engineFailed
        let cause = cause(status) ?? "its run ended with exit status \(end.exitCode ?? 1); its log says why"
        throw CommandError(
            status: exitStatus == .success ? .engineFailed : exitStatus,
            description:
                "deployment \(status.deployment) \(end.status == .cancelled ? "was cancelled" : "failed"): \(cause)")
    }

    private static func cause(_ status: DeploymentStatus) -> String? {
        if case .waiting(let why) = status.phase { return why }
        return status.end?.cause ?? status.result?["error"]?["message"]?.string
    }

    private static func counts(_ status: DeploymentStatus) -> String? {
        guard let counts = status.result?["counts"] else { return nil }
        return ["added", "changed", "removed"].map { "\(counts[$0]?.int ?? 0) \($0)" }.joined(separator: ", ")
    }

    private static func json(_ status: DeploymentStatus, showsSensitive: Bool) -> JSON {
        var json: JSON = [
            "deployment": .string("\(status.deployment)"),
            "environment": status.environment.map { .string("\($0)") } ?? .null,
            "mode": status.mode.map(JSON.string) ?? .null, "status": .string(status.word),
            "created": status.created.map(JSON.string) ?? .null,
            "submitter": status.submitter.map(JSON.string) ?? .null, "cause": cause(status).map(JSON.string) ?? .null,
            "exitCode": status.end?.exitCode.map { .number(JSONNumber($0)) } ?? .null,
        ]
        for (key, value) in status.result?.object ?? [:] where json[key] == nil {
            json[key] = key == "outputs" ? outputs(value, showsSensitive: showsSensitive) : value
        }
        return json
    }

    private static func outputs(_ outputs: JSON, showsSensitive: Bool) -> JSON {
        guard !showsSensitive, var shown = outputs.object else { return outputs }
        for (name, output) in shown where output["sensitive"]?.bool != false {
            var output = output
            output["value"] = .string(SensitiveText.hidden)
            shown[name] = output
        }
        return .object(shown)
    }
}
