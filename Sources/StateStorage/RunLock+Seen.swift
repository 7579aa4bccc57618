internal import KubernetesAPI
internal import OrderedJSON

/// What a run has seen of the Leases, and of the time.
extension RunLock {
    /// The run's Lease, to be written: as it was last seen, which is then no longer known, or as it is read.
    func takeRunLease() async throws -> DatedObject? {
        if let seen = dated(seenRunLease.take()) { return seen }
        let read = try await store.datedLease(names.runLease)
        note(read?.time)
        return read
    }

    /// - Parameter time: what the cluster told.
    func note(_ time: Double?) { told = time.map { ($0, elapsed()) } }

    /// What time it is for the cluster, in seconds since 1970; nil where it did not tell.
    var time: Double? { told.map { $0.time + (elapsed() - $0.at) / .seconds(1) } }

    /// A Lease as it was seen, with the time that it is now.
    func dated(_ seen: JSON?) -> DatedObject? { seen.map { DatedObject(object: $0, time: time) } }
}
