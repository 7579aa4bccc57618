/// How long a container that ended waits before it is started again.
///
/// Source: k8s.io/kubernetes/pkg/kubelet: at once the first time, then 10 s, doubled up to 5 min, forgotten after a run
/// of 10 min.
struct CrashBackoff: Sendable {
    static let initial = Duration.seconds(10)
    static let maximum = Duration.seconds(300)
    static let forgotten = Duration.seconds(600)

    private var next = Duration.zero

    /// - Returns: how long to wait after a run of that length.
    mutating func delay(afterRunning duration: Duration) -> Duration {
        if duration >= Self.forgotten { next = .zero }
        defer { next = next == .zero ? Self.initial : min(next * 2, Self.maximum) }
        return next
    }
}
