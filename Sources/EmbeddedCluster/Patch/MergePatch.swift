internal import OrderedJSON

/// RFC 7396: what the patch says replaces what is there, member by member; null removes.
enum MergePatch {
    static func merged(_ original: JSON?, _ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var members = original?.object ?? [:]
        for (key, change) in changes {
            if change.isNull {
                members[key] = nil
            } else {
                members[key] = merged(members[key], change)
            }
        }
        return .object(members)
    }
}
