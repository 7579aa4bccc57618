internal import OrderedJSON
internal import Runner
internal import StateStorage
internal import Synchronization
internal import SystemPackage

/// Prints what happens in a run, each event as one line of JSON.
///
/// A reader that goes away does not stop the run: an engine at work is not to be interrupted by that.
final class RunEventPrinter: Sendable {
    private let isGone = Mutex(false)

    /// Takes events.
    var report: @Sendable (RunEvent) -> Void { { self.print(line: $0.json) } }

    func print(line: JSON) {
        isGone.withLock { isGone in
            guard !isGone else { return }
            do {
                _ = try FileDescriptor.standardOutput.writeAll(line.bytes + [UInt8(ascii: "\n")])
            } catch {
                isGone = true
            }
        }
    }
}

extension RunEvent {
    fileprivate var json: JSON {
        var json: JSON
        switch self {
        case .phase(let phase): json = ["type": "phase", "phase": .string(phase.rawValue)]
        case .resource(let address, let action, let progress):
            json = [
                "type": "resource", "address": .string(address), "action": .string(action),
                "progress": .string(progress.rawValue),
            ]
        case .engine(let line): return ["type": "engine", "event": line]
        case .notice(let notice):
            json = ["type": "notice", "kind": .string(notice.kind), "message": .string(notice.message)]
        case .text(let text): json = ["type": "engine", "text": .string(text)]
        }
        json["time"] = .string(Timestamp.now())
        return json
    }
}
