/// One thing that is granted: a verb on a resource, of any name or of one. `*` stands for all.
///
/// Source: Kubernetes reference, "Using RBAC Authorization".
public struct Grant: Sendable, Hashable {
    /// The API group; empty for the core group.
    public let group: String
    /// With its subresource: `pods/log`.
    public let resource: String
    /// What may be done, such as `get`.
    public let verb: String
    /// nil for objects of any name.
    public let name: String?

    public init(group: String, resource: String, verb: String, name: String? = nil) {
        self.group = group
        self.resource = resource
        self.verb = verb
        self.name = name
    }

    /// Whether whoever has this may do all that the other one grants.
    public func covers(_ other: Grant) -> Bool {
        (group == "*" || group == other.group) && (verb == "*" || verb == other.verb) && coversResource(of: other)
            && (name == nil || name == other.name)
    }

    private func coversResource(of other: Grant) -> Bool {
        if resource == "*" || resource == other.resource { return true }
        // `*/scale` is that subresource of everything.
        return resource.hasPrefix("*/") && other.resource.hasSuffix(resource.dropFirst())
    }
}

/// All that rules grant together. Two ways to write the same rights are equal; rules only ever add.
public struct Grants: Sendable {
    private let all: Set<Grant>

    public init(_ rules: [PolicyRule]) {
        var all: Set<Grant> = []
        for rule in rules {
            let names = rule.names.isEmpty ? [nil] : rule.names.map(Optional.some)
            for group in rule.groups {
                for resource in rule.resources {
                    for verb in rule.verbs {
                        for name in names {
                            all.insert(Grant(group: group, resource: resource, verb: verb, name: name))
                        }
                    }
                }
            }
        }
        self.all = all
    }

    public init(_ grants: some Sequence<Grant>) { all = Set(grants) }

    /// Whether nothing is granted.
    public var isEmpty: Bool { all.isEmpty }

    /// Whether it is granted, by itself or by something wider, such as `*`.
    public func covers(_ grant: Grant) -> Bool { all.contains(grant) || all.contains { $0.covers(grant) } }

    /// What these grant and the others do not.
    public func subtracting(_ others: Grants) -> Grants { Grants(all.filter { !others.covers($0) }) }

    /// What is granted, a line a resource: `secrets: create, get`; `leases.coordination.k8s.io: watch`.
    public var lines: [String] {
        var verbs: [String: Set<String>] = [:]
        let named = Dictionary(grouping: all) { grant in
            Grant(group: grant.group, resource: grant.resource, verb: grant.verb, name: nil)
        }
        for (grant, same) in named {
            let resource = grant.group.isEmpty ? grant.resource : "\(grant.resource).\(grant.group)"
            let names = same.contains { $0.name == nil } ? [] : same.compactMap(\.name).sorted()
            verbs["\(resource)\(Self.text(of: names))", default: []].insert(grant.verb)
        }
        return verbs.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.sorted().joined(separator: ", "))" }
    }

    private static func text(of names: [String]) -> String {
        guard let first = names.first else { return "" }
        return names.count == 1 ? " \(first)" : " \(first) and \(names.count - 1) more"
    }
}

extension Grants: Equatable {
    public static func == (left: Grants, right: Grants) -> Bool {
        left.subtracting(right).isEmpty && right.subtracting(left).isEmpty
    }
}
