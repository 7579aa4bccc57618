/// How the Secrets are named and labelled that are the store's own: outside of what the engines look for.
enum OwnSecrets {
    /// What one of them is for.
    enum Content: String {
        /// A part of a state that is being written.
        case staged
        /// A version, or a part of one.
        case history
        /// A part that the state no longer needs, emptied, kept because the Role cannot delete.
        case retired
        /// What became of a deployment.
        case result
        /// A state that a deployment could not save, see ``UnsavedState``. Without the environment's label.
        case unsaved
    }

    static let environmentLabel = "stowage-environment"
    static let contentLabel = "stowage-content"

    /// On part 0 of a state: the write that is under way, see ``PendingWrite``.
    static let writeAnnotation = "stowage-write"
    /// On a staged part: which write, and what it was based on.
    static let stagedAnnotation = "stowage-staged"
    /// On a retired Secret: where its content was moved to, see ``MoveNote``.
    static let movedAnnotation = "stowage-moved"
    /// On a slot of the history: the version in it, see ``StateVersion``, or ``nothing``.
    static let versionAnnotation = "stowage-version"
    /// On a further part of a version: what it was written for, see ``VersionPart``, or ``nothing``.
    static let versionPartAnnotation = "stowage-version-part"
    /// Says that a Secret of the history is empty, and may be used.
    static let nothing = "none"

    static func labels(_ content: Content, _ environment: EnvironmentID) -> [String: String] {
        [
            environmentLabel: "\(environment)", contentLabel: content.rawValue,
            "app.kubernetes.io/managed-by": "stowage",
        ]
    }

    /// An identifier that no other write has.
    static func freshIdentifier() -> String { UInt64.random(in: 0 ... .max).hexadecimal }
}

extension StateNames {
    /// The Secret of part `index`; 0 is the state's own.
    func part(_ index: Int) -> String { index == 0 ? secret : "\(secret)-part-\(index)" }

    /// Which part a Secret of that name holds; nil for anything else.
    func partIndex(_ name: String) -> Int? {
        guard isStateSecret(name) else { return nil }
        return name == secret ? 0 : Int(name.dropFirst(secret.count + "-part-".count))
    }

    func staged(_ identifier: String) -> String { "stowage-staged-\(environment)-\(identifier)" }

    /// A slot of the history, which holds one version, or the first part of one.
    func history(slot: Int) -> String { "stowage-history-\(environment)-\(slot)" }

    /// Which slot of the history a Secret of that name is; nil for anything else.
    func historySlot(_ name: String) -> Int? {
        guard let slot = Int(name.dropFirst(history(slot: 0).count - 1)), slot >= 0, name == history(slot: slot) else {
            return nil
        }
        return slot
    }

    /// A further part of a version that is too large for one Secret.
    func historyPart(_ number: Int) -> String { "stowage-history-\(environment)-part-\(number)" }

    /// The number of a further part; nil where a Secret of that name is none.
    func historyPartNumber(_ name: String) -> Int? {
        guard let number = Int(name.dropFirst(historyPart(0).count - 1)), number >= 0, name == historyPart(number)
        else {
            return nil
        }
        return number
    }
}
