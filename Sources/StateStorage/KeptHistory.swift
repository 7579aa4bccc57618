internal import KubernetesAPI
internal import OrderedJSON

/// A version and the Secret that it begins in.
struct KeptVersion: Sendable {
    var version: StateVersion
    /// The Secret's metadata.
    var metadata: JSON

    var name: String { metadata["name"]?.string ?? "" }
    var resourceVersion: String { metadata["resourceVersion"]?.string ?? "" }
}

/// A further part of a version that is too large for one Secret.
///
/// Such Secrets are used again, because the Role cannot delete them. A part belongs to the version that names it. One that no
/// version names is being written for a slot as that was when the write began, so it may be taken when the slot is of another
/// resourceVersion by now: the write that it was for can never be completed any more.
struct VersionPart: Sendable {
    let number: Int
    /// The Secret's metadata.
    let metadata: JSON
    /// The slot and the version of it that the part was written for; nil where it is empty.
    let claim: String?

    static func claim(slot: String, resourceVersion: String?) -> String { "\(slot)@\(resourceVersion ?? "")" }
}

/// What the Secrets of an environment's history say together, by their metadata alone.
struct KeptHistory: Sendable {
    /// The newest first.
    private(set) var versions: [KeptVersion] = []
    private(set) var parts: [VersionPart] = []
    /// Slots that hold nothing: the Secrets' metadata, by slot.
    private(set) var emptied: [Int: JSON] = [:]
    /// Every slot that has a Secret, whatever is in it.
    private(set) var slots: Set<Int> = []
    private var takenParts: Set<Int> = []
    private var slotVersions: [String: String] = [:]
    /// Whether it was read by name, for want of a right to list: then it has no more Secrets than a Role can name.
    let isByName: Bool

    init(_ listed: [JSON], _ names: StateNames, isByName: Bool = false) {
        self.isByName = isByName
        for object in listed {
            let (name, annotations) = (object.objectName ?? "", object.objectAnnotations)
            let metadata = object["metadata"] ?? [:]
            if let slot = names.historySlot(name) {
                slots.insert(slot)
                slotVersions[name] = object.resourceVersion
                let text = annotations[OwnSecrets.versionAnnotation]
                if text == OwnSecrets.nothing {
                    emptied[slot] = metadata
                } else if let version = text.flatMap({ StateVersion(parsing: $0) }) {
                    versions.append(KeptVersion(version: version, metadata: metadata))
                }
                // Anything else is somebody's doing, and stays as it is.
            } else if let number = names.historyPartNumber(name) {
                takenParts.insert(number)
                guard let claim = annotations[OwnSecrets.versionPartAnnotation] else { continue }
                parts.append(
                    VersionPart(
                        number: number, metadata: metadata, claim: claim == OwnSecrets.nothing ? nil : claim))
            }
        }
        sort()
        for index in versions.indices {
            versions[index].version.isRestorable = chain(from: versions[index]) != nil
        }
    }

    /// The versions that are needed to restore one, beginning with the one that is kept whole; nil where one is missing.
    func chain(from version: KeptVersion) -> [KeptVersion]? {
        var chain = [version]
        while let needed = chain.last?.version.dictionary {
            let found = versions.filter { $0.version.sha256 == needed }
            guard let next = found.first(where: { $0.version.dictionary == nil }) ?? found.first,
                chain.count <= versions.count
            else { return nil }
            chain.append(next)
        }
        return chain.reversed()
    }

    /// The parts that no version needs and no write can complete any more, the empty ones first.
    func unusedParts() -> [VersionPart] {
        unnamedParts.filter { claimedSlot($0) == nil }.sorted { $0.claim == nil && $1.claim != nil }
    }

    private var unnamedParts: [VersionPart] {
        let named = Set(versions.flatMap(\.version.parts))
        return parts.filter { !named.contains($0.number) }
    }

    /// The name of the slot that a part may yet become a version in; nil where that cannot happen any more.
    private func claimedSlot(_ part: VersionPart) -> String? {
        guard let claim = part.claim else { return nil }
        let slot = String(claim.prefix { $0 != "@" })
        return claim == VersionPart.claim(slot: slot, resourceVersion: slotVersions[slot]) ? slot : nil
    }

    /// Numbers that no further part has yet.
    ///
    /// - Returns: an endless sequence for each of that many parts, which share no number.
    func freshParts(_ count: Int) -> [some Sequence<Int> & Sendable] {
        let first = (takenParts.max() ?? -1) + 1
        return (0..<count).map { stride(from: first + $0, to: first + 64 * count, by: count) }
    }

    /// Where the next version goes: over the oldest one when there are enough, else to a slot that is free.
    ///
    /// - Parameter blocked: slots that turned out to be unusable.
    /// - Returns: nil where a Role that is limited to names leaves none.
    func nextSlot(keeping length: Int, blocked: Set<Int>, _ names: StateNames) -> (slot: Int, metadata: JSON?)? {
        let length = isByName ? min(length, StateNames.slotsByName - blocked.count) : length
        // A free slot that parts are claimed for comes first: whoever claimed them died or is told by the cluster that somebody
        // else was faster, and they can be used again.
        let claimed = unnamedParts.compactMap { claimedSlot($0).flatMap(names.historySlot) }.min()
        if let claimed, !slots.contains(claimed) || emptied[claimed] != nil, !blocked.contains(claimed),
            !isByName || claimed < StateNames.slotsByName
        {
            return (claimed, emptied[claimed])
        }
        // What others need is not the oldest, whatever its number says.
        let needed = Set(versions.compactMap(\.version.dictionary))
        if versions.count >= length,
            let oldest = versions.last(where: { !needed.contains($0.version.sha256) }),
            let slot = names.historySlot(oldest.name), !blocked.contains(slot)
        {
            return (slot, oldest.metadata)
        }
        if let free = emptied.filter({ !blocked.contains($0.key) }).min(by: { $0.key < $1.key }) {
            return (free.key, free.value)
        }
        let limit = isByName ? StateNames.slotsByName : Int.max
        return (0..<limit).first { !slots.contains($0) && !blocked.contains($0) }.map { ($0, nil) }
    }

    /// The versions that are too many or cost too much, the oldest first.
    func surplus(keeping length: Int, budget: Int) -> [KeptVersion] {
        let limit = max(budget, 3 * (versions.map(\.version.storedSize).max() ?? 0))
        var (count, cost) = (0, 0)
        let kept = versions.prefix { version in
            count += 1
            cost += version.version.storedSize
            return count == 1 || count <= length && cost <= limit
        }
        let needed = Set(kept.compactMap(\.version.dictionary))
        return versions.dropFirst(kept.count).filter { !needed.contains($0.version.sha256) }.reversed()
    }

    /// Notes that a slot was written.
    mutating func note(_ written: KeptVersion) {
        versions.removeAll { $0.name == written.name }
        versions.append(written)
        sort()
        slotVersions[written.name] = written.resourceVersion
    }

    /// Notes that a slot was emptied.
    mutating func noteEmptied(_ name: String) { versions.removeAll { $0.name == name } }

    /// Whether no slot was written between two lists.
    func isUnchanged(since other: KeptHistory) -> Bool { slotVersions == other.slotVersions }

    private mutating func sort() {
        versions.sort { ($0.version.number, $0.version.time, $0.name) > ($1.version.number, $1.version.time, $1.name) }
    }
}
