internal import CLibrary
internal import Dispatch

/// Runs work that blocks for a moment, as files do, elsewhere than on the few threads that all tasks share.
///
/// The threads that it runs on are few, too, and while all of them are busy even tasks wait, for up to a second: what waits for somebody
/// else, such as the end of a process, belongs on a thread of its own, ``onItsOwnThread(_:)``.
public func offloading<T: Sendable>(_ work: @Sendable @escaping () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
    }
}

/// Runs work that blocks for as long as it may please somebody else, on a thread of its own.
public func onItsOwnThread<T: Sendable>(_ work: @Sendable @escaping () -> T) async -> T {
    await withCheckedContinuation { continuation in
        let body = ThreadBody { continuation.resume(returning: work()) }
        guard !body.start() else { return }
        // A system without a thread to spare can still do it where others are waited for.
        DispatchQueue.global().async { body.run() }
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @Sendable @escaping () -> Void) { self.run = run }

    /// - Returns: false where the system has no thread left.
    func start() -> Bool {
        let retained = Unmanaged.passRetained(self)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let status = pthread_create(&thread, nil, runBody, retained.toOpaque())
        guard status == 0 else {
            retained.release()
            return false
        }
        #if canImport(Darwin)
            if let thread { pthread_detach(thread) }
        #else
            pthread_detach(thread)
        #endif
        return true
    }
}

#if canImport(Darwin)
    private func runBody(_ body: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<ThreadBody>.fromOpaque(body).takeRetainedValue().run()
        return nil
    }
#else
    private func runBody(_ body: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let body else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(body).takeRetainedValue().run()
        return nil
    }
#endif
