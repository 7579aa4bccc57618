internal import OrderedJSON

/// What became of a container so far.
struct ContainerRecord: Sendable {
    struct Ended: Sendable {
        let exitCode: Int32
        var signal: Int32?
        let reason: String
        var message: String?
        var startedAt: Timestamp?
        var finishedAt: Timestamp?

        init(
            exitCode: Int32, signal: Int32? = nil, reason: String, message: String? = nil, startedAt: Timestamp?,
            finishedAt: Timestamp?
        ) {
            self.exitCode = exitCode
            self.signal = signal
            self.reason = reason
            self.message = message
            self.startedAt = startedAt
            self.finishedAt = finishedAt
        }

        init(_ exit: ContainerProcess.Exit, startedAt: Timestamp, finishedAt: Timestamp) {
            switch exit {
            case .exited(let status):
                self.init(
                    exitCode: status, reason: status == 0 ? "Completed" : "Error", startedAt: startedAt,
                    finishedAt: finishedAt)
            case .signalled(let signal):
                self.init(
                    exitCode: 128 + signal, signal: signal, reason: "Error", startedAt: startedAt,
                    finishedAt: finishedAt)
            }
        }
    }

    enum State: Sendable {
        case waiting(reason: String, message: String?)
        case running(since: Timestamp)
        case ended(Ended)
    }

    let name: String
    let image: String
    var state: State
    var last: Ended?
    /// How often it was started again, which also names the run.
    var restarts = 0

    init(_ container: JSON, waitingFor reason: String) {
        name = container["name"]?.string ?? ""
        image = container["image"]?.string ?? ""
        state = .waiting(reason: reason, message: nil)
    }

    var isRunning: Bool { if case .running = state { true } else { false } }

    /// How it ended, if it does not run any more.
    var ended: Ended? {
        switch state {
        case .ended(let ended): ended
        case .waiting: last
        case .running: nil
        }
    }
}

extension ContainerRecord {
    /// As the status of a Pod has it.
    func json(_ uid: String, isReady: Bool) -> JSON {
        var status: JSON = [
            "name": .string(name), "state": state.json(identifier(uid)),
            "lastState": last.map { ["terminated": $0.json(identifier(uid, run: restarts - 1))] } ?? [:],
            "ready": .bool(isReady), "restartCount": .number(JSONNumber(restarts)), "image": .string(image),
            "imageID": "",
        ]
        if case .waiting = state {} else { status["containerID"] = .string(identifier(uid)) }
        status["started"] = .bool(isRunning)
        return status
    }

    private func identifier(_ uid: String, run: Int? = nil) -> String { "stowage://\(uid)/\(name)/\(run ?? restarts)" }

    /// What a status says of a container, for a server that comes after the one that started it.
    mutating func adopt(_ status: JSON, now: Timestamp) {
        restarts = status["restartCount"]?.int ?? 0
        last = status["lastState"]?["terminated"].map(Ended.init)
        if let ended = status["state"]?["terminated"] {
            state = .ended(Ended(ended))
        } else if let running = status["state"]?["running"] {
            // In the words of a kubelet whose containers went away behind its back.
            state = .ended(
                Ended(
                    exitCode: 137, reason: "ContainerStatusUnknown",
                    message: "The container could not be located when the server was started again",
                    startedAt: running.time("startedAt"), finishedAt: now))
        } else if let last {
            // It waited to be started again.
            state = .ended(last)
        }
    }
}

extension ContainerRecord.State {
    fileprivate func json(_ identifier: String) -> JSON {
        switch self {
        case .waiting(let reason, let message):
            var waiting: JSON = ["reason": .string(reason)]
            if let message { waiting["message"] = .string(message) }
            return ["waiting": waiting]
        case .running(let since): return ["running": ["startedAt": .string(since.text)]]
        case .ended(let ended): return ["terminated": ended.json(identifier)]
        }
    }
}

extension ContainerRecord.Ended {
    fileprivate func json(_ identifier: String) -> JSON {
        var json: JSON = ["exitCode": .number(JSONNumber(Int(exitCode)))]
        if let signal { json["signal"] = .number(JSONNumber(Int(signal))) }
        json["reason"] = .string(reason)
        if let message { json["message"] = .string(message) }
        if let startedAt { json["startedAt"] = .string(startedAt.text) }
        if let finishedAt { json["finishedAt"] = .string(finishedAt.text) }
        json["containerID"] = .string(identifier)
        return json
    }

    fileprivate init(_ json: JSON) {
        self.init(
            exitCode: Int32(clamping: json["exitCode"]?.int ?? 0),
            signal: json["signal"]?.int.map { Int32(clamping: $0) },
            reason: json["reason"]?.string ?? "", message: json["message"]?.string, startedAt: json.time("startedAt"),
            finishedAt: json.time("finishedAt"))
    }
}
