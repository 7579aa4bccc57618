internal import StateStorage
internal import Synchronization

/// How often somebody may show what does not open an environment.
///
/// What does open it is let in whatever was tried before, from the same address too, so that nobody can lock others out.
final class GuessLimit: Sendable {
    private let counts = Mutex(GuessCounts())

    /// Notes a credential that did not open an environment.
    ///
    /// - Returns: nil while that is not too often; else when to come again.
    func noteFailure(from peer: String, at environment: EnvironmentID) -> Duration? {
        counts.withLock { $0.noteFailure(.init(peer: peer, environment: environment), at: ContinuousClock.now) }
    }
}

/// What was tried in vain lately. Knows no clock.
struct GuessCounts: Sendable {
    struct Place: Hashable, Sendable {
        let peer: String
        let environment: EnvironmentID
    }

    /// Attempts in a ``window`` that are answered as what they are.
    static let allowed = 20
    static let window = Duration.seconds(60)
    /// Places that are remembered; a guesser who has more of them is not counted, and fills no memory.
    static let capacity = 4096

    private var attempts: [Place: (count: Int, since: ContinuousClock.Instant)] = [:]

    mutating func noteFailure(_ place: Place, at now: ContinuousClock.Instant) -> Duration? {
        if let known = attempts[place], now - known.since < Self.window {
            attempts[place]?.count += 1
            return known.count < Self.allowed ? nil : Self.window - (now - known.since)
        }
        if attempts.count >= Self.capacity { attempts = attempts.filter { now - $0.value.since < Self.window } }
        if attempts.count < Self.capacity { attempts[place] = (1, now) }
        return nil
    }
}
