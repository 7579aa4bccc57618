internal import OrderedJSON

/// RFC 7396: what the patch says replaces what is there, member by member; null removes.
enum MergePatch {
    static func merged(_ original: JSON?, _ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var members = original?.object ?? [:]
        var removed: Set<String> = []
        for (key, change) in changes {
            if change.isNull {
                removed.insert(key)
            } else {
                members[key] = merged(members[key], change)
            }
        }
        // All at once: what goes one by one costs as much each time as there are members.
        if !removed.isEmpty {
            members = JSONObject(members.filter { !removed.contains($0.key) }.map { ($0.key, $0.value) })
        }
        return .object(members)
    }
}
