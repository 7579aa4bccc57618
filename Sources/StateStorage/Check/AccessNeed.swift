public import KubernetesAPI

/// A verb on a kind of resource in a namespace.
public struct Access: Sendable, Hashable, CustomStringConvertible {
    /// The verb of the Role's rule, such as `get`.
    public let verb: String
    /// What it is done to.
    public let kind: ResourceKind
    /// The part of the object, such as `log` of a Pod; nil for all of it.
    public let subresource: String?

    public init(_ verb: String, _ kind: ResourceKind, subresource: String? = nil) {
        self.verb = verb
        self.kind = kind
        self.subresource = subresource
    }

    /// As it stands in a Role: `pods/log`.
    public var resource: String { kind.resource + (subresource.map { "/\($0)" } ?? "") }

    /// `secrets: list`.
    public var description: String { "\(resource): \(verb)" }
}

/// An access, who needs it, and what breaks without it.
public struct AccessNeed: Sendable, Hashable {
    /// Whose right it must be.
    public enum Holder: Sendable, Hashable {
        /// The account that runs work with, in the namespace of the states.
        case runner
        /// Whoever submits deployments, in the namespace of the Jobs.
        case submitter
    }

    /// What has to be allowed.
    public let access: Access
    /// Who needs it.
    public let holder: Holder
    /// What breaks for whom without it.
    public let breaks: [Consumer: String]
    /// What is worse without it, where nothing breaks: nobody needs it.
    public let optional: String?

    fileprivate init(
        _ verb: String, _ kind: ResourceKind, subresource: String? = nil, _ holder: Holder = .runner,
        _ breaks: [Consumer: String] = [:], optional: String? = nil
    ) {
        access = Access(verb, kind, subresource: subresource)
        self.holder = holder
        self.breaks = breaks
        self.optional = optional
    }

    /// Of consumers of which one must be able to work.
    public func isNeeded(by consumers: Set<Consumer>) -> Bool { breaks.keys.contains { consumers.contains($0) } }
}

// What breaks is what broke: Terraform 1.11.4 and this program were run with each of the seven documented verbs taken away in
// turn, for a new environment and for one with a state. OpenTofu's is read in its backend's source, which reads and writes
// the state by name and lists only for the names of workspaces.
extension AccessNeed {
    /// The documented Role.
    public static let documented: [AccessNeed] = [
        AccessNeed(
            "create", .secret, .runner,
            [
                .terraform: "init of a new environment fails, and a state that grows by a part cannot be saved",
                .tofu: "init of a new environment fails",
                .run:
                    "a new environment cannot get its first state, and an apply is refused where what it replaces cannot be kept",
                .state: "push and rollback fail, because what is replaced cannot be kept in the history",
            ]),
        AccessNeed(
            "get", .secret, .runner,
            [
                .terraform:
                    "apply changes infrastructure and then cannot save the state; init of a new environment fails",
                .tofu: "every command fails, because the state is read by its name",
                .run: "every run is refused before an engine starts",
                .state: "no state can be read or written",
            ]),
        AccessNeed(
            "list", .secret, .runner,
            [
                .terraform:
                    "every command fails, init, plan, apply, output and force-unlock, because the state is found by "
                    + "a list of labels",
                .tofu: "init fails, because workspaces are found by a list of labels",
                .state: "list and locks fail; the others go by name, and do not see copies of a state",
            ]),
        AccessNeed(
            "update", .secret, .runner,
            [
                .terraform:
                    "apply changes infrastructure and then cannot save the state; init of a new environment fails",
                .tofu: "apply changes infrastructure and then cannot save the state; init of a new environment fails",
                .run: "apply changes infrastructure and then cannot save the state, which is kept in a file",
                .state: "push and rollback fail",
            ]),
        AccessNeed(
            "create", .lease, .runner,
            [
                .terraform: "init of a new environment fails, because its lock cannot be made",
                .tofu: "init of a new environment fails, because its lock cannot be made",
                .run: "a new environment cannot be locked, and every run of it fails",
                .state: "an environment that was never locked cannot be locked, so push and rollback of it fail",
            ]),
        AccessNeed(
            "get", .lease, .runner,
            [
                .terraform: "plan, apply and force-unlock fail, because the lock cannot be looked at",
                .tofu: "plan, apply and force-unlock fail, because the lock cannot be looked at",
                .run: "every run fails at the lock",
                .state: "push, rollback, lock, unlock and locks fail",
            ]),
        AccessNeed(
            "update", .lease, .runner,
            [
                .terraform: "init of a new environment leaves its lock held; plan, apply and force-unlock fail",
                .tofu: "init of a new environment leaves its lock held; plan, apply and force-unlock fail",
                .run: "every run fails at the lock, and that of a new environment leaves it held",
                .state: "a lock that was once given back cannot be taken again, and none can be given back",
            ]),
    ]

    /// What nobody needs, and what is worse without it.
    public static let optional: [AccessNeed] = [
        AccessNeed(
            "delete", .secret,
            optional:
                "terraform cannot save a state that shrinks by a part; Secrets that are no longer needed are emptied "
                + "instead of removed"),
        AccessNeed(
            "delete", .lease, optional: "the Leases of environments that are gone stay, as does that of check --probe"),
        AccessNeed(
            "list", .lease,
            optional: "stowage state locks asks lock by lock, and does not find that of an environment without a state"),
        AccessNeed("watch", .secret, optional: "kubectl get --watch and dashboards are not told of changes"),
        AccessNeed("watch", .lease, optional: "who waits for a lock asks again and again"),
        AccessNeed("patch", .secret, optional: "kubectl label, annotate and apply fail; nothing of Stowage needs it"),
        AccessNeed("patch", .lease, optional: "kubectl annotate and apply fail; nothing of Stowage needs it"),
    ]

    /// What submitting and following a deployment takes.
    public static let submitting: [AccessNeed] = [
        AccessNeed("create", .job, .submitter, [.deploy: "no deployment can be submitted"]),
        AccessNeed("get", .job, .submitter, [.deploy: "it is not known how a deployment ended"]),
        AccessNeed(
            "list", .job, .submitter,
            [.deploy: "deployments cannot be listed, nor be kept one at a time an environment"]),
        AccessNeed(
            "list", .pod, .submitter, [.deploy: "the pod of a deployment, and with it its result, is not found"]),
        AccessNeed("list", .event, .submitter, [.deploy: "why a pod is not scheduled is not told"]),
        AccessNeed("get", .pod, subresource: "log", .submitter, [.deploy: "the log cannot be followed"]),
        AccessNeed("create", .secret, .submitter, [.deploy: "the module cannot be sent to a deployment's pod"]),
    ]

    /// Everything that is asked for, in the order in which it is told.
    public static let all = documented + optional + submitting
}
