internal import KubernetesAPI
internal import OrderedJSON

/// A run's place among the runs of its environment, which it has from its arrival to its end.
public struct QueueTicket: Sendable, Hashable {
    /// Names the run: a UUID.
    let run: String
    /// `user@host`.
    public let who: String
    /// What is run.
    public let operation: String
    /// When the run arrived, by the clock of the cluster, as RFC 3339 writes it.
    public let since: String

    /// Whose it is, since when, doing what.
    public var summary: String { "\(who) since \(since): \(operation)" }
}

/// The runs of an environment in the order in which they arrived. The first has its turn, the others wait for it.
///
/// It stands on the environment's run Lease, so that the Role needs to grant nothing more, and is changed by compare-and-swap
/// of that Lease. A ticket that its run does not renew counts no longer.
struct RunQueue: Sendable, Equatable {
    struct Place: Sendable, Equatable {
        let ticket: QueueTicket
        /// By the clock of the cluster, as RFC 3339 writes it.
        var renewed: String
    }

    /// The annotations of an object have an end, and so has what it is worth to wait for.
    static let limit = 100
    private static let annotation = "stowage-queue"
    private static let longestText = 120

    /// In the order of their arrival.
    private(set) var places: [Place]

    /// - Parameter lease: the run Lease. What on it is no ticket of ours counts for nothing.
    init(_ lease: JSON) {
        let json = lease.objectAnnotations[Self.annotation].flatMap { try? JSON(parsing: $0) }
        places = (json?.array ?? []).compactMap { Place($0) }
    }

    /// Writes the queue on the run Lease.
    func write(on lease: inout JSON) {
        lease.setAnnotation(Self.annotation, places.isEmpty ? nil : JSON.array(places.map(\.json)).text)
    }

    func ahead(of run: String) -> [QueueTicket] { places.prefix { $0.ticket.run != run }.map(\.ticket) }

    func contains(_ run: String) -> Bool { places.contains { $0.ticket.run == run } }

    /// - Returns: false where too many wait already.
    mutating func join(_ run: String, who: String, operation: String, at time: String) -> Bool {
        guard places.count < Self.limit else { return false }
        let ticket = QueueTicket(
            run: run, who: String(who.prefix(Self.longestText)), operation: String(operation.prefix(Self.longestText)),
            since: time)
        places.append(Place(ticket: ticket, renewed: time))
        return true
    }

    mutating func leave(_ run: String) { places.removeAll { $0.ticket.run == run } }

    mutating func renew(_ run: String, at time: String) {
        for index in places.indices where places[index].ticket.run == run { places[index].renewed = time }
    }

    /// Leaves out the tickets of runs that are gone. One that holds the lock is judged as its lock is: by the Lease that it
    /// renews for it.
    ///
    /// - Parameter now: by the clock of the cluster; nil where it does not tell, and nobody is left out.
    mutating func dropDead(_ lease: RunLease, now: Double?) {
        guard let now else { return }
        places.removeAll { place in
            let renewed = lease.run == place.ticket.run ? lease.renewTime : RFC3339.seconds(place.renewed)
            guard let renewed else { return true }
            let tolerance = LockVerdict.clockTolerance
            return !(-tolerance...Double(RunLease.duration) + tolerance ~= now - renewed)
        }
    }
}

extension RunQueue.Place {
    fileprivate init?(_ json: JSON) {
        guard let run = json["run"]?.string, let who = json["who"]?.string, let operation = json["operation"]?.string,
            let since = json["since"]?.string, let renewed = json["renewed"]?.string
        else { return nil }
        ticket = QueueTicket(run: run, who: who, operation: operation, since: since)
        self.renewed = renewed
    }

    fileprivate var json: JSON {
        [
            "run": .string(ticket.run), "who": .string(ticket.who), "operation": .string(ticket.operation),
            "since": .string(ticket.since), "renewed": .string(renewed),
        ]
    }
}
