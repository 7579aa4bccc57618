internal import KubernetesAPI
internal import OrderedJSON
internal import StateStorage

/// What a set-up prints.
enum SetupReports {
    /// - Parameter isQuiet: leaves out what did not change, and the notes.
    static func text(_ result: SetupResult, _ isQuiet: Bool) -> String {
        let steps = result.steps.filter { !isQuiet || $0.action != .unchanged }.flatMap { step in
            ["\(step.object.text): \(words(step, result))"] + step.differences.map { "  \($0)" }
        }
        let notes = isQuiet ? [] : result.notes.map { "note: \($0)" }
        return (steps + notes).map { "\($0)\n" }.joined()
    }

    static func json(_ result: SetupResult) -> JSON {
        let steps = result.steps.map { step in
            var json: JSON = ["kind": .string(step.object.kind.kind), "name": .string(step.object.name)]
            json["namespace"] = step.object.namespace.map(JSON.string) ?? .null
            json["action"] = .string(step.action.rawValue)
            json["differences"] = .array(step.differences.map(JSON.string))
            if result.isDryRun { json["checkedByCluster"] = .bool(step.isCheckedByCluster) }
            return json
        }
        return [
            "dryRun": .bool(result.isDryRun), "objects": .array(steps), "notes": .array(result.notes.map(JSON.string)),
        ]
    }

    private static func words(_ step: SetupStep, _ result: SetupResult) -> String {
        guard result.isDryRun, step.action != .unchanged else { return step.action.rawValue }
        return "would be \(step.action.rawValue)"
            + (step.isCheckedByCluster ? " (checked by the cluster)" : " (not checked by the cluster)")
    }
}
