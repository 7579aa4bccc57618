internal import KubernetesAPI
internal import OrderedJSON

extension StateNames {
    /// The Lease that the run which holds the environment's lock renews. One for each environment rather than for each run,
    /// since the Role cannot delete.
    var runLease: String { "stowage-run-\(environment)" }
}

/// The Lease that a run renews while it holds an environment's lock: it tells of the lock, the lock itself decides.
struct RunLease: Sendable {
    /// For how long a renewal counts, in seconds.
    static let duration = 60
    /// Which lock the run holds, or held.
    private static let lockAnnotation = "stowage-lock"

    /// nil when the run has ended.
    let run: String?
    let lockID: String?
    /// When it was renewed, or ended, in seconds since 1970 by the clock of the cluster.
    let renewTime: Double?
    /// For how long a renewal counts, in seconds.
    let duration: Double

    init(_ object: JSON) {
        let lease = Lease(object: object)
        run = lease.holderIdentity
        lockID = object.objectAnnotations[Self.lockAnnotation]
        renewTime = lease.renewTime
        duration = Double(lease.leaseDurationSeconds.map { max($0, 1) } ?? Self.duration)
    }

    /// - Parameter current: as the cluster has it; nil where there is none yet.
    /// - Returns: the Lease as the run writes it.
    static func renewed(
        _ current: JSON?, _ names: StateNames, namespace: String, run: String, lockID: String, at time: String
    ) -> JSON {
        var lease = current ?? new(names, namespace: namespace)
        if RunLease(lease).lockID != lockID || RunLease(lease).run == nil {
            lease["spec", "acquireTime"] = .string(time)
        }
        lease.setAnnotation(lockAnnotation, lockID)
        lease["spec", "holderIdentity"] = .string(run)
        lease["spec", "renewTime"] = .string(time)
        lease["spec", "leaseDurationSeconds"] = .number(JSONNumber(duration))
        renewTicket(of: run, on: &lease, at: time)
        return lease
    }

    /// - Returns: the Lease of an environment that no run has held the lock of yet.
    static func new(_ names: StateNames, namespace: String) -> JSON {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": .string(names.runLease), "namespace": .string(namespace),
                "labels": [
                    OwnSecrets.environmentLabel: .string("\(names.environment)"),
                    "app.kubernetes.io/managed-by": "stowage",
                ],
            ],
        ]
    }

    /// - Returns: the Lease as a run leaves it at its end: which lock it held stays there.
    static func ended(_ current: JSON, at time: String) -> JSON {
        var lease = current
        if let run = RunLease(current).run { renewTicket(of: run, on: &lease, at: time) }
        lease["spec", "holderIdentity"] = nil
        lease["spec", "renewTime"] = .string(time)
        return lease
    }

    /// A run that renews its Lease lives, and so does its place in the queue.
    private static func renewTicket(of run: String, on lease: inout JSON, at time: String) {
        var queue = RunQueue(lease)
        guard queue.contains(run) else { return }
        queue.renew(run, at: time)
        queue.write(on: &lease)
    }
}

/// What a run writes on the lock that it takes. Engines leave it there when they give the lock back and take it again, so it
/// counts for the lock that it names only.
struct RunNote: Sendable, Hashable {
    static let annotation = "stowage-run"

    let run: String
    let lockID: String
    /// When the lock was taken, by the clock of the cluster; nil where the lock's Lease was made by taking it, and tells.
    let time: String?

    init(run: String, lockID: String, time: String?) {
        self.run = run
        self.lockID = lockID
        self.time = time
    }

    init?(parsing text: String) {
        guard let json = try? JSON(parsing: text), let run = json["run"]?.string, let lock = json["lock"]?.string
        else { return nil }
        self.init(run: run, lockID: lock, time: json["time"]?.string)
    }

    var text: String {
        var json: JSON = ["run": .string(run), "lock": .string(lockID)]
        if let time { json["time"] = .string(time) }
        return json.text
    }
}
