internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// A lock that is held.
public struct HeldLock: Sendable, Hashable {
    /// Whose state it locks.
    public let environment: EnvironmentID
    /// What must be named to give it back.
    public let id: String
    /// What the holder wrote down; nil where that is nothing, or nothing that can be read.
    public let info: LockInfo?
    /// The run of ours that took it; nil where it was taken by something that renews no Lease.
    let note: RunNote?
    /// The move of the state that holds it; nil where that is not what it is held for. A move's lock is nobody's to give
    /// back but that move's, which goes on when it is started again, and a signpost stays.
    public let move: MoveNote?

    /// Who holds it, since when, doing what.
    public var summary: String {
        guard let info else { return "lock \(id), which does not say whose it is" }
        let who = info.who.isEmpty ? "somebody" : info.who
        let doing = [info.operation, info.info].filter { !$0.isEmpty }.joined(separator: ", ")
        return
            "\(who)\(info.created.isEmpty ? "" : " since \(info.created)")\(doing.isEmpty ? "" : ": \(doing)") (ID \(id))"
    }

    /// - Parameter lease: nil is returned where nobody holds it.
    init?(_ lease: JSON, _ environment: EnvironmentID) {
        guard let holder = Lease(object: lease).holderIdentity else { return nil }
        self.environment = environment
        id = holder
        info = lease.objectAnnotations[StateLease.infoAnnotation].flatMap { LockInfo(parsing: $0) }
        note = lease.objectAnnotations[RunNote.annotation].flatMap { RunNote(parsing: $0) }
            .flatMap { $0.lockID == holder ? $0 : nil }
        move = MoveNote(on: lease)
    }
}

enum StateLease {
    static let infoAnnotation = "app.terraform.io/lock-info"

    /// A Lease as the engines create it, held by nobody.
    static func new(_ names: StateNames, namespace: String) -> JSON {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": .string(names.lease), "namespace": .string(namespace), "labels": JSON(sorted: names.labels),
            ],
        ]
    }
}
