import Synchronization

/// What reads bytes that others wrote. A target ends well for all bytes: it refuses them, or what it read of them holds what it
/// promises. A trap, a promise that is broken (`expect`), more than 2 GiB and more than 20 seconds are what is looked for.
enum FuzzTarget: String, CaseIterable, Sendable {
    case state, gzip, lock, json, kubernetes, kubeconfig, runner, yaml, selector, protobuf, gateway, tar

    private static let choice = Mutex(FuzzTarget.state)

    static var chosen: FuzzTarget {
        get { choice.withLock { $0 } }
        set { choice.withLock { $0 = newValue } }
    }

    func run(_ bytes: [UInt8]) {
        switch self {
        case .state: Targets.state(bytes)
        case .gzip: Targets.gzip(bytes)
        case .lock: Targets.lock(bytes)
        case .json: Targets.json(bytes)
        case .kubernetes: Targets.kubernetes(bytes)
        case .kubeconfig: Targets.kubeconfig(bytes)
        case .runner: Targets.runner(bytes)
        case .yaml: Targets.yaml(bytes)
        case .selector: Targets.selector(bytes)
        case .protobuf: Targets.protobuf(bytes)
        case .gateway: Targets.gateway(bytes)
        case .tar: Targets.tar(bytes)
        }
    }
}

/// A file's targets are those of one module.
enum Targets {
    /// Ends the process, so that libFuzzer keeps the bytes that led here.
    static func expect(_ promise: Bool, _ what: String) { precondition(promise, what) }

    static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
