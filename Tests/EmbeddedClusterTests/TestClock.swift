@testable import EmbeddedCluster
import TestScopes

/// A time of day that goes on when it is told to.
final class TestClock: Sendable {
    private let start: Timestamp
    private let steps = SteppedClock()

    init(_ start: Timestamp = Timestamp(seconds: 1_800_000_000)) { self.start = start }

    var clock: ClusterClock {
        ClusterClock(
            now: { self.start + self.steps.now.offset },
            sleep: {
                try await self.steps.sleep(
                    until: SteppedClock.Instant(offset: .microseconds($0.microseconds - self.start.microseconds)),
                    tolerance: nil)
            })
    }

    func advance(by duration: Duration) { steps.advance(by: duration) }
}
