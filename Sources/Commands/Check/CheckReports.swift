internal import OrderedJSON
internal import StateStorage

/// What a check prints.
enum CheckReports {
    static func text(_ result: CheckResult) throws -> String {
        let findings = Report(
            json: .null, columns: ["Topic", "Result", "Says"],
            rows: result.findings.map { [$0.topic.rawValue, $0.level.rawValue, $0.text] })
        var sections = [try findings.rendered(.table), try rights(result)]
        if !result.missing.isEmpty { sections.append(missing(result)) }
        for repair in result.repairs {
            sections.append("To close the gap: \(repair.explanation).\n" + ManifestYAML.text(of: repair.objects))
        }
        if let probe = result.probe { sections.append(text(probe)) }
        return sections.joined(separator: "\n")
    }

    /// - Throws: `CommandError`, unless all that is needed is there.
    static func finish(_ result: CheckResult) throws {
        // The last word is an error's, also where both go to one place.
        flushStandardOutput()
        let missing = result.missing
        if !missing.isEmpty {
            let list = missing.map { "\($0.need.access)" }.joined(separator: "; ")
            throw CommandError(
                status: .permission,
                description: missing.count == 1
                    ? "a right that is needed is missing: \(list)"
                    : "\(missing.count) rights that are needed are missing: \(list)")
        }
        if let error = result.probe?.error { throw error }
        if let problem = result.findings.first(where: { $0.level == .problem }) {
            throw CommandError(status: .data, description: "\(problem.topic.rawValue): \(problem.text)")
        }
    }

    // MARK: - Rights

    private static let shown: [Consumer] = [.terraform, .tofu, .run, .state, .deploy]

    /// Three tables: what those who keep states need, what nobody needs, and what deployments need.
    private static func rights(_ result: CheckResult) throws -> String {
        let keepers: [Consumer] = [.terraform, .tofu, .run, .state]
        let kept = result.accesses.filter { $0.need.holder == .runner && $0.need.optional == nil }
        let needed = Report(
            json: .null, columns: ["Right"] + keepers.map(\.rawValue) + ["Granted"],
            rows: kept.map { access in
                [access.need.access.description] + keepers.map { access.need.breaks[$0] == nil ? "-" : "needed" }
                    + [granted(access)]
            })
        let optional = Report(
            json: .null, columns: ["Optional right", "Granted", "Without it"],
            rows: result.accesses.compactMap { access in
                access.need.optional.map { [access.need.access.description, granted(access), $0] }
            })
        let submitting = Report(
            json: .null, columns: ["Right", "Granted", "Without it"],
            rows: result.accesses.compactMap { access in
                access.need.breaks[.deploy].map { [access.need.access.description, granted(access), $0] }
            })
        let (runner, submitter) = (
            result.runner.name ?? "the credentials in use", result.submitter ?? "the credentials in use"
        )
        let jobs = result.accesses.last?.namespace ?? ""
        return "Rights of \(runner) to keep states, asked by \(result.runner.way.rawValue):\n"
            + (try needed.rendered(.table)) + "\n" + (try optional.rendered(.table))
            + "\nRights of \(submitter) to submit deployments in namespace \(jobs) (stowage deploy):\n"
            + (try submitting.rendered(.table))
    }

    private static func granted(_ access: CheckedAccess) -> String { access.isGranted ? "yes" : "no" }

    private static func missing(_ result: CheckResult) -> String {
        let lines = result.missing.flatMap { access -> [String] in
            let breaks = shown.compactMap { consumer in
                access.need.breaks[consumer].map { "  \(consumer.rawValue): \($0)" }
            }
            let reason = access.reason.isEmpty ? "" : " (the cluster says: \(access.reason))"
            return ["Missing: \(access.need.access) in namespace \(access.namespace)\(reason)"] + breaks
        }
        return lines.map { "\($0)\n" }.joined()
    }

    // MARK: - The probe

    private static func text(_ probe: ProbeResult) -> String {
        let steps = probe.steps.map { step in
            let milliseconds = step.duration / .milliseconds(1)
            return "Probe: \(step.name) \(step.failure.map { "failed: \($0)" } ?? "worked") (\(Int(milliseconds)) ms)"
        }
        return (steps + probe.leftovers.map { "Probe: \($0)" }).map { "\($0)\n" }.joined()
    }

    // MARK: - JSON

    static func json(_ result: CheckResult) -> JSON {
        var json: JSON = [
            "findings": .array(
                result.findings.map {
                    [
                        "topic": .string($0.topic.rawValue), "level": .string($0.level.rawValue),
                        "text": .string($0.text),
                    ]
                }),
            "askedFor": result.runner.name.map(JSON.string) ?? .null, "askedBy": .string(result.runner.way.rawValue),
            "consumers": .array(result.consumers.map(\.rawValue).sorted().map(JSON.string)),
            "rights": .array(result.accesses.map { right($0, result) }),
            "missing": .array(result.missing.map { .string("\($0.need.access)") }),
            "repair": .array(result.repairs.flatMap(\.objects)),
        ]
        if let probe = result.probe {
            json["probe"] = [
                "steps": .array(
                    probe.steps.map {
                        [
                            "name": .string($0.name),
                            "milliseconds": .number(JSONNumber(Int($0.duration / .milliseconds(1)))),
                            "failure": $0.failure.map(JSON.string) ?? .null,
                        ]
                    }), "leftovers": .array(probe.leftovers.map(JSON.string)),
            ]
        }
        return json
    }

    private static func right(_ access: CheckedAccess, _ result: CheckResult) -> JSON {
        let need = access.need
        return [
            "right": .string("\(need.access)"), "namespace": .string(access.namespace),
            "granted": .bool(access.isGranted), "needed": .bool(need.isNeeded(by: result.consumers)),
            "breaks": .object(
                JSONObject(
                    shown.compactMap { consumer in
                        need.breaks[consumer].map { (consumer.rawValue, .string($0)) }
                    })),
            "without": need.optional.map(JSON.string) ?? .null, "reason": .string(access.reason),
        ]
    }
}
