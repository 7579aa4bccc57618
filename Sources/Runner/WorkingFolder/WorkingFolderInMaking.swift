internal import LocalFiles
internal import Synchronization

/// A run's folder, which is made while the run waits for the cluster, and removed while it ends its turn.
final class WorkingFolderInMaking: Sendable {
    private let path: String
    private let making: Task<WorkingFolder, any Error>
    private let removal = Mutex(Removal.due)

    private enum Removal {
        case due
        case begun(Task<Void, Never>)
        /// What could not be rescued from the folder is worth more than a tidy disk.
        case leftOut
    }

    init(_ path: String, _ make: @Sendable @escaping () throws -> WorkingFolder) {
        self.path = path
        making = Task { try await offloading(make) }
    }

    /// Gives the folder to the body as soon as it is made; after it, it is on its way to be removed.
    func use<T: Sendable>(_ body: (WorkingFolder) async throws -> T) async throws -> T {
        let folder = try await making.value
        do {
            let result = try await body(folder)
            remove()
            return result
        } catch {
            if error is UnrescuedStateError { removal.withLock { $0 = .leftOut } }
            throw error
        }
    }

    /// Returns when nothing is done with the folder any more, which is gone then if it may be.
    func end() async {
        _ = await making.result
        remove()
        if case .begun(let task) = removal.withLock({ $0 }) { await task.value }
    }

    private func remove() {
        let path = path
        removal.withLock { removal in
            guard case .due = removal else { return }
            // A folder that cannot be removed does not undo a run; the next run tries again.
            removal = .begun(Task { try? await offloading { try FolderTree.remove(path) } })
        }
    }
}
