internal import KubernetesAPI
internal import OrderedJSON

/// What a move has written on a lock that it holds: how far it is, and where the other place is.
///
/// It holds only together with the lock of its ID: whoever gave that lock back, or took another, has ended it.
public struct MoveNote: Sendable, Hashable {
    /// How far the move is, as the lock that carries the note has it.
    public enum Phase: String, Sendable, Hashable {
        /// On the source's lock: the state is here and is being copied.
        case leaving
        /// On the source's lock, for good: a signpost. The state is at the other place.
        case left
        /// On the destination's lock: what is there is not ours, and may be in the way.
        case asking
        /// On the destination's lock: what is there is an unfinished copy.
        case arriving
    }

    /// The same on both locks of one move.
    let move: String
    let lockID: String
    /// How far the move is.
    public let phase: Phase
    /// The other place.
    public let place: StatePlace
    /// When it was written, as RFC 3339 writes it.
    public let time: String
    /// By whom, as `user@host`.
    public let who: String

    init(move: String, lockID: String, phase: Phase, place: StatePlace, time: String = Timestamp.now(), who: String) {
        self.move = move
        self.lockID = lockID
        self.phase = phase
        self.place = place
        self.time = time
        self.who = who
    }

    /// - Parameter lease: nil is returned where nobody holds it, or where its holder is no move.
    init?(on lease: JSON) {
        guard let note = lease.objectAnnotations[StateLease.moveAnnotation].flatMap({ MoveNote(parsing: $0) }),
            Lease(object: lease).holderIdentity == note.lockID
        else { return nil }
        self = note
    }

    /// - Parameter text: the annotation; nil for anything that we did not write.
    init?(parsing text: String) {
        guard let json = try? JSON(parsing: text), let move = json["move"]?.string, let lockID = json["lock"]?.string,
            let phase = json["phase"]?.string.flatMap({ Phase(rawValue: $0) }),
            let namespace = json["namespace"]?.string, let server = json["server"]?.string
        else { return nil }
        self.init(
            move: move, lockID: lockID, phase: phase, place: StatePlace(namespace: namespace, server: server),
            time: json["time"]?.string ?? "", who: json["who"]?.string ?? "")
    }

    var text: String {
        let json: JSON = [
            "move": .string(move), "lock": .string(lockID), "phase": .string(phase.rawValue),
            "namespace": .string(place.namespace), "server": .string(place.server), "time": .string(time),
            "who": .string(who),
        ]
        return json.text
    }

    /// The same move, further on.
    func turned(_ phase: Phase) -> MoveNote {
        MoveNote(move: move, lockID: lockID, phase: phase, place: place, who: who)
    }

    /// Why the lock is held whether or not the program that took it still runs.
    var standing: String {
        phase == .left
            ? "it is a signpost: the state was moved to \(place)"
            : "a move holds it, which goes on when it is started again with the same arguments"
    }

    /// For those who wait for the lock.
    var explanation: String {
        switch phase {
        case .leaving: "moving to \(place)"
        case .left: "moved to \(place)"
        case .asking, .arriving: "moving here from \(place)"
        }
    }
}

extension StateLease {
    static let moveAnnotation = "stowage-move"
}
