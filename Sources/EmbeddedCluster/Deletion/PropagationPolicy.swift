internal import OrderedJSON

/// What becomes of the dependents of an object that is deleted.
enum PropagationPolicy: String, Sendable {
    /// They are deleted after it.
    case background = "Background"
    /// They are deleted before it.
    case foreground = "Foreground"
    /// They stay, and forget that it owned them.
    case orphan = "Orphan"

    /// What holds an object until its dependents are seen to.
    var finalizer: String? {
        switch self {
        case .background: nil
        case .foreground: "foregroundDeletion"
        case .orphan: "orphan"
        }
    }
}

/// What is done to an object that is to be deleted.
enum DeletionStep: Sendable {
    /// Nothing holds it: it goes.
    case remove
    /// It stays, and says that its deletion has begun.
    case keep(JSON)
}

extension StoredKind {
    /// Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go (`deletionFinalizersForGarbageCollection`,
    /// `markAsDeleting`), k8s.io/apiserver/pkg/registry/rest/delete.go.
    ///
    /// - Parameters:
    ///   - object: the object as it is.
    ///   - policy: nil: as its finalizers say, or by default.
    ///   - asked: how many seconds it is given to end; nil: as it says itself.
    func deletionStep(
        _ object: JSON, _ policy: PropagationPolicy?, asked: Int? = nil, now: Timestamp
    ) -> DeletionStep {
        let metadata = object["metadata"] ?? [:]
        let finalizers = Self.finalizers(metadata, policy, defaultPropagation)
        let seconds = gracePeriod?(object, asked) ?? 0
        let isHeld = isHeld(object)
        guard isHeld || seconds > 0 || !finalizers.isEmpty else { return .remove }
        var marked = object
        let isBegun = metadata["deletionTimestamp"] != nil
        let earlier = metadata["deletionGracePeriodSeconds"]?.int ?? 0
        // Later wishes may only shorten the time.
        if !isBegun || (asked != nil && seconds < earlier) {
            marked.markDeleted(after: seconds, now)
            if let generation = metadata["generation"]?.int, generation > 0 { marked.setGeneration(generation + 1) }
        }
        if !isBegun { prepareDeleted(&marked) }
        var markedMetadata = marked["metadata"] ?? [:]
        if isHeld { markedMetadata["deletionGracePeriodSeconds"] = nil }
        markedMetadata["finalizers"] = finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) })
        marked["metadata"] = Schema.metadata.ordered(markedMetadata)
        return .keep(marked)
    }

    private static func finalizers(
        _ metadata: JSON, _ policy: PropagationPolicy?, _ defaultPolicy: PropagationPolicy
    ) -> [String] {
        let given = (metadata["finalizers"]?.array ?? []).compactMap(\.string)
        let own: [PropagationPolicy] = [.orphan, .foreground]
        let policy = policy ?? own.first { given.contains($0.finalizer ?? "") } ?? defaultPolicy
        let others = given.filter { finalizer in !own.contains { $0.finalizer == finalizer } }
        let wanted = others + (policy.finalizer.map { [$0] } ?? [])
        // Those that are there already keep their order.
        return Set(wanted) == Set(given) ? given : wanted
    }

    /// Whether an object was deleted and nothing holds it any more, so that it goes now.
    func isFinished(_ object: JSON) -> Bool {
        let metadata = object["metadata"] ?? [:]
        return metadata["deletionTimestamp"] != nil && metadata["finalizers"]?.array?.isEmpty != false
            && metadata["deletionGracePeriodSeconds"]?.int ?? 0 == 0 && !isHeld(object)
    }
}
