internal import OrderedJSON

extension Store {
    /// Changes an object as it is now; again, when somebody else was faster.
    ///
    /// - Parameter uid: another object of the same name is left alone.
    /// - Returns: the object as it is afterwards; nil when it is gone.
    @discardableResult
    func change(
        _ key: ObjectKey, uid: String, isolation: isolated (any Actor)? = #isolation, _ body: (inout JSON) -> Void
    ) async throws -> JSON? {
        while true {
            guard let stored = try await object(key) else { return nil }
            let old = try stored.json()
            guard old["metadata"]?["uid"]?.string == uid else { return nil }
            var new = old
            body(&new)
            let draft = ObjectDraft(new)
            if draft.content == stored.content, draft.metadataBytes(at: stored.revision) == stored.metadata {
                return old
            }
            do {
                return try await apply([.update(key, from: stored.revision, draft)]).first?.json()
            } catch StoreConflict.changed, StoreConflict.missing {
                continue
            }
        }
    }

    /// Removes an object for good, unless something still holds on to it.
    func remove(_ key: ObjectKey, uid: String) async throws {
        while true {
            guard let stored = try await object(key) else { return }
            var object = try stored.json()
            guard object["metadata"]?["uid"]?.string == uid else { return }
            do {
                if object["metadata"]?.elements("finalizers").isEmpty == false {
                    // Whoever takes the last finalizer away removes it.
                    guard object["metadata"]?["deletionGracePeriodSeconds"]?.int != 0 else { return }
                    object.markDeleted(after: 0, clock.now())
                    try await apply([.update(key, from: stored.revision, ObjectDraft(object))])
                } else {
                    try await apply([.delete(key, from: stored.revision)])
                }
                return
            } catch StoreConflict.changed, StoreConflict.missing {
                continue
            }
        }
    }
}

extension JSON {
    /// Says when the object is to be gone at the latest.
    mutating func markDeleted(after seconds: Int, _ now: Timestamp) {
        var metadata = self["metadata"] ?? [:]
        metadata["deletionTimestamp"] = .string((now + .seconds(seconds)).text)
        metadata["deletionGracePeriodSeconds"] = .number(JSONNumber(seconds))
        self["metadata"] = Schema.metadata.ordered(metadata)
    }

    /// A moment in a field.
    func time(_ field: String) -> Timestamp? { self[field]?.string.flatMap(Timestamp.init(parsing:)) }
}
