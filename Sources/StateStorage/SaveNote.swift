internal import KubernetesAPI
internal import OrderedJSON

/// On part 0: which state was saved under which lock, where an engine saves again and again while it works.
///
/// What such a save replaces is no version of its own when it was saved under the same lock: ten versions would be used up by one
/// apply. It names the state, because whoever else writes over it may leave the annotation there.
struct SaveNote: Sendable, Hashable {
    static let annotation = "stowage-saved"

    let lockID: String
    /// Of the state file.
    let sha256: String

    init(lockID: String, sha256: String) {
        self.lockID = lockID
        self.sha256 = sha256
    }

    /// - Returns: nil where there is none.
    init?(on part: StatePart) {
        guard let text = part.secret.objectAnnotations[Self.annotation], let json = try? JSON(parsing: text),
            let lockID = json["lock"]?.string, let sha256 = json["sha256"]?.string
        else { return nil }
        self.init(lockID: lockID, sha256: sha256)
    }

    var text: String {
        let json: JSON = ["lock": .string(lockID), "sha256": .string(sha256)]
        return json.text
    }
}
