/// Which fault the n-th request meets. It depends on the seed and n alone, not on what came before or comes at the same time.
public struct FaultSchedule: Sendable {
    private let seed: UInt64
    private let rate: Double
    private let faults: [Fault]
    private let single: (fault: Fault, position: Int)?

    /// Faults at random.
    ///
    /// - Parameters:
    ///   - rate: how many of all requests meet one, between 0 and 1.
    ///   - faults: each as likely as the others.
    public init(seed: UInt64, rate: Double, faults: [Fault] = Fault.all) {
        (self.seed, self.rate, self.faults, single) = (seed, rate, faults, nil)
    }

    /// One fault, at one request.
    ///
    /// - Parameter position: 0 for the first request.
    public init(_ fault: Fault, at position: Int) {
        (seed, rate, faults, single) = (0, 0, [], (fault, position))
    }

    /// None at all.
    public static let none = FaultSchedule(seed: 0, rate: 0, faults: [])

    /// The same, and one more: it goes before the fault that would be at that request.
    public func with(_ fault: Fault, at position: Int) -> FaultSchedule {
        FaultSchedule(seed: seed, rate: rate, faults: faults, single: (fault, position))
    }

    private init(seed: UInt64, rate: Double, faults: [Fault], single: (fault: Fault, position: Int)) {
        (self.seed, self.rate, self.faults, self.single) = (seed, rate, faults, single)
    }

    /// - Returns: nil where the request passes.
    public func fault(at position: Int) -> Fault? {
        if let single, single.position == position { return single.fault }
        var random = SeededRandom(seed, UInt64(position))
        return random.happens(rate) ? faults.randomElement(using: &random) : nil
    }
}
