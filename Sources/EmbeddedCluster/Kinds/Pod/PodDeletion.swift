internal import OrderedJSON

/// How long a Pod that is deleted has to end.
///
/// Source: k8s.io/kubernetes/pkg/registry/core/pod (`CheckGracefulDelete`).
enum PodDeletion {
    /// - Parameter asked: what the client wants; nil for what the Pod says itself.
    /// - Returns: in seconds; 0: it goes at once.
    static func gracePeriod(of pod: JSON, asked: Int?) -> Int {
        // Nothing of it runs, so nothing has to end.
        if pod["spec"]?["nodeName"] == nil || pod.isFinishedPod { return 0 }
        let seconds = asked ?? pod["spec"]?["terminationGracePeriodSeconds"]?.int ?? 30
        return seconds < 0 ? 1 : seconds
    }
}
