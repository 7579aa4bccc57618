internal import KubernetesAPI

/// A right beyond the documented Role that something optional needs.
public enum OptionalRight: String, Sendable, Hashable, CaseIterable {
    /// To remove what is no longer needed, instead of emptying it.
    case delete
    /// To be told of changes, instead of asking again.
    case watch
    /// To change labels and annotations as `kubectl label` and `kubectl apply` do.
    case patch
    /// To list locks, instead of asking for each.
    case locks

    /// - Parameter verb: the one that it adds to a resource's rule.
    fileprivate func adds(_ verb: String, to resource: ResourceKind) -> Bool {
        switch self {
        case .delete, .watch, .patch: verb == rawValue
        case .locks: verb == "list" && resource == .lease
        }
    }
}

/// What whoever keeps states in a namespace must be allowed to do there.
public enum StorageRights {
    /// The name of the Role and of its binding on the documentation page.
    public static let roleName = "humanitec-runner-kubernetes-stage-storage"

    /// The rules of the documentation page, in its order, with what was asked for beyond.
    public static func rules(with extras: Set<OptionalRight> = []) -> [PolicyRule] {
        [
            PolicyRule(
                groups: [ResourceKind.secret.group], resources: [ResourceKind.secret.resource],
                verbs: ["create", "get", "list", "update"] + verbs(extras, on: .secret)),
            PolicyRule(
                groups: [ResourceKind.lease.group], resources: [ResourceKind.lease.resource],
                verbs: ["create", "get", "update"] + verbs(extras, on: .lease)),
        ]
    }

    /// The same for one environment, as far as names can limit it: not `create`, which knows no name yet.
    ///
    /// Names of Secrets that writes of several parts are staged in cannot be known before, so that such writes are denied.
    public static func rules(for environment: EnvironmentID, with extras: Set<OptionalRight> = []) -> [PolicyRule] {
        let names = StateNames(environment)
        let (secrets, leases) = (rules(with: extras)[0], rules(with: extras)[1])
        return [
            creating(secrets), limited(secrets, to: secretNames(names)), creating(leases),
            limited(leases, to: [names.lease, names.runLease]),
        ]
    }

    /// How many Secrets a state may take under a Role for one environment.
    public static let partsPerEnvironment = 4
    /// How many versions may be kept under a Role for one environment.
    public static let versionsPerEnvironment = StateNames.slotsByName

    private static func secretNames(_ names: StateNames) -> [String] {
        (0..<partsPerEnvironment).map { names.part($0) }
            + (0..<versionsPerEnvironment).map { names.history(slot: $0) }
            + (0..<StateNames.partsByName).map { names.historyPart($0) }
            + (0..<StateStore.resultSlots).map { names.result(slot: $0) }
    }

    private static func verbs(_ extras: Set<OptionalRight>, on resource: ResourceKind) -> [String] {
        ["delete", "list", "patch", "watch"].filter { verb in extras.contains { $0.adds(verb, to: resource) } }
    }

    private static func creating(_ rule: PolicyRule) -> PolicyRule {
        var rule = rule
        rule.verbs = ["create"]
        return rule
    }

    private static func limited(_ rule: PolicyRule, to names: [String]) -> PolicyRule {
        var rule = rule
        rule.verbs.removeAll { $0 == "create" }
        rule.names = names
        return rule
    }
}
