internal import Synchronization

/// The logs of all containers: those that are being written, and, in the Pods' folders, those that were.
final class ContainerLogs: Sendable {
    private struct Run: Hashable {
        let folder: String
        let instance: Int
    }

    private let cluster: ClusterFolder
    private let written = Mutex<[Run: ContainerLog]>([:])

    init(_ cluster: ClusterFolder) { self.cluster = cluster }

    func begin(_ folder: PodFolder, _ container: String, instance: Int) throws -> ContainerLog {
        let path = folder.logs(of: container)
        let log = try ContainerLog(writing: path, instance: instance)
        // One run before this one can be asked for.
        ContainerLog.removeInstances(before: instance - 1, in: path)
        written.withLock { $0[Run(folder: path, instance: instance)] = log }
        return log
    }

    func end(_ folder: PodFolder, _ container: String, instance: Int, at now: Timestamp) {
        let run = Run(folder: folder.logs(of: container), instance: instance)
        written.withLock { $0.removeValue(forKey: run) }?.end(at: now)
    }

    /// nil where there is none.
    func log(ofPod uid: String, _ container: String, instance: Int) -> ContainerLog? {
        let run = Run(folder: PodFolder(cluster, uid: uid).logs(of: container), instance: instance)
        return written.withLock { $0[run] } ?? ContainerLog(reading: run.folder, instance: instance)
    }
}
