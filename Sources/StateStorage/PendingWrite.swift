internal import KubernetesAPI
internal import OrderedJSON

/// A write of several parts that is past its commit point: an annotation on part 0 that names the staged parts.
///
/// It holds only while part 0 still has the payload that it was put on: an engine that overwrites the state keeps foreign
/// annotations, and what it wrote is then the truth.
struct PendingWrite: Sendable, Hashable {
    let identifier: String
    /// The SHA-256 of part 0's payload at the commit.
    let over: String
    /// The SHA-256 of the whole new payload.
    let payload: String
    /// The staged Secrets' own identifiers, in the order of the parts.
    let staged: [String]
    /// The lock that the writer held: while it is held, nobody but the writer is at work, dead or alive.
    let lock: String?

    init(identifier: String, over: String, payload: String, staged: [String], lock: String?) {
        self.identifier = identifier
        self.over = over
        self.payload = payload
        self.staged = staged
        self.lock = lock
    }

    /// - Parameter text: the annotation; nil for anything that we did not write.
    init?(parsing text: String) {
        guard let json = try? JSON(parsing: text), let identifier = json["id"]?.string,
            let over = json["over"]?.string, let payload = json["payload"]?.string,
            let staged = json["staged"]?.array?.compactMap(\.string), !staged.isEmpty
        else { return nil }
        self.init(
            identifier: identifier, over: over, payload: payload, staged: staged, lock: json["lock"]?.string)
    }

    /// What is pending on a part 0; nil where nothing is, or where part 0 was overwritten since.
    init?(on part: StatePart) {
        guard let text = part.secret.objectAnnotations[OwnSecrets.writeAnnotation],
            let write = PendingWrite(parsing: text), write.over == sha256(part.payload)
        else { return nil }
        self = write
    }

    var text: String {
        var json: JSON = [
            "id": .string(identifier), "over": .string(over), "payload": .string(payload),
            "staged": .array(staged.map(JSON.string)),
        ]
        if let lock { json["lock"] = .string(lock) }
        return json.text
    }
}
