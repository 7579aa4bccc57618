internal import OrderedJSON
internal import Runner
internal import StateStorage
internal import TerraformState

/// What a run says last: what it did, or what happened, to which environment, and what to do next.
struct RunReport {
    let request: RunRequest
    let outcome: RunOutcome

    /// - Throws: `CommandError`, unless the run succeeded.
    func finish() throws {
        guard let status = outcome.cause.exitStatus else { return }
        throw CommandError(
            status: status, description: [explanation, erroredState].compactMap(\.self).joined(separator: "\n"))
    }

    /// One line on a run that succeeded.
    var summary: String {
        let counts = outcome.counts.map { ": \($0.text(isPlan: request.operation == .plan))" } ?? ""
        return
            (["\(request.operation) of environment \(request.environment) succeeded\(counts)"]
            + [serials, request.planFile.map { "saved to \($0)" }].compactMap(\.self) + [outcome.duration.inSeconds])
            .joined(separator: "; ")
    }

    /// The facts of the last line of JSON. No value of an output, and none of a variable.
    var json: JSON {
        var json: JSON = ["namespace": .string(request.namespace)]
        if let counts = outcome.counts {
            json["counts"] = [
                "added": .number(JSONNumber(counts.added)), "changed": .number(JSONNumber(counts.changed)),
                "removed": .number(JSONNumber(counts.destroyed)),
            ]
        }
        if request.detailsExitStatus { json["hasChanges"] = .bool(outcome.hasChanges) }
        json["serialBefore"] = outcome.before.flatMap { try? JSON(parsing: "\($0.serial)") } ?? .null
        json["serialAfter"] = outcome.after.flatMap { try? JSON(parsing: "\($0.serial)") } ?? .null
        json["lineage"] = (outcome.after ?? outcome.before).map { .string($0.lineage) } ?? .null
        json["milliseconds"] = .number(JSONNumber(Int(outcome.duration / .milliseconds(1))))
        json["outputs"] = .array(outcome.outputs.map { .string($0.name) })
        if let file = request.planFile, outcome.cause == .succeeded { json["planFile"] = .string(file) }
        if case .kept(let state) = outcome.rescued { json["stateFile"] = .string(state.path) }
        return json
    }

    private var serials: String? {
        switch (outcome.before?.serial, outcome.after?.serial) {
        case (nil, nil): nil
        case (nil, let after?): "serial \(after)"
        case (let before?, nil): "serial \(before)"
        case (let before?, let after?): before == after ? "serial \(after)" : "serial \(before) -> \(after)"
        }
    }

    private var explanation: String {
        let environment = request.environment
        let lease = StateNames(environment).lease
        return switch outcome.cause {
        case .succeeded: ""
        case .engineFailed: "\(request.operation) of environment \(environment) failed; the engine says why above"
        case .lockHeld(let id):
            "the lock of environment \(environment) is held by "
                + "\(outcome.holder?.lock.summary ?? id ?? "somebody who was faster") "
                + "(Lease \(lease) in namespace \(request.namespace)); "
                + (outcome.holder?.advice ?? "wait for it with --wait 60s")
        case .lockLost(let message): message
        case .denied(let message):
            "the cluster denied what \(request.operation) of environment \(environment) needs: \(message); "
                + "the Role of the state storage grants secrets: create, get, list, update and leases: create, get, update"
        case .namespaceMissing(let namespace):
            "namespace \(namespace) does not exist, so the state of environment \(environment) has nowhere to be kept; make "
                + "it with `kubectl create namespace \(namespace)`, or pass the right one with --namespace"
        case .engineKilled(let signal):
            "the engine was ended by signal \(signal) during \(request.operation) of environment \(environment); a lock that "
                + "it left, Lease \(lease) in namespace \(request.namespace), was given back, unless `stowage state locks "
                + "\(environment)` shows it"
        case .timedOut(let limit):
            "\(request.operation) of environment \(environment) took longer than the time that it had, "
                + "\(limit.components.seconds) s (--timeout), and its engine was ended; what it did until then is in its output"
        case .unreachable(let reason):
            "the cluster stopped answering during \(request.operation) of environment \(environment): \(reason)"
        }
    }

    private var erroredState: String? { outcome.rescued?.message }
}

extension RunOutcome.Cause {
    /// nil for success.
    fileprivate var exitStatus: ExitStatus? {
        switch self {
        case .succeeded: nil
        case .engineFailed, .engineKilled: .engineFailed
        case .namespaceMissing: .data
        case .lockHeld, .lockLost: .busy
        case .denied: .permission
        case .timedOut: .timedOut
        case .unreachable: .unreachable
        }
    }
}

extension Duration {
    /// With one digit after the point, such as `3.2 s`.
    var inSeconds: String {
        let tenths = Int((self / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
