public import KubernetesAPI
internal import OrderedJSON

/// Makes the state storage of a namespace what was asked for, and says of each object what that took.
///
/// Everything is read and decided before anything is written, so that a refusal leaves all as it was. A Role that is there
/// and grants something else is somebody's decision, and is changed only where that was asked for.
public struct StorageSetup: Sendable {
    private let client: KubernetesClient
    private let request: SetupRequest
    private let replaces: Bool
    private let isDryRun: Bool

    /// - Parameters:
    ///   - replaces: whether a Role of that name may come to grant something else, and a binding of that name to bind
    ///     another Role.
    ///   - isDryRun: nothing is changed; the cluster checks the changes where what they are made in is there.
    public init(client: KubernetesClient, request: SetupRequest, replaces: Bool = false, isDryRun: Bool = false) {
        self.client = client
        self.request = request
        self.replaces = replaces
        self.isDryRun = isDryRun
    }

    /// - Throws: `SetupError` where nothing was changed because of what is there; `KubernetesError`.
    public func run() async throws -> SetupResult {
        let hasNamespace = try await namespaceExists()
        guard hasNamespace || request.createsNamespace else {
            throw SetupError(
                .namespaceMissing,
                "namespace \(request.namespace) does not exist; make it with --create-namespace, or pass the right one "
                    + "with --namespace")
        }
        var plans: [(object: SetupObject, plan: SetupPlan, bound: [JSON])] = []
        for object in request.objects {
            let current = try await current(object)
            plans.append(
                (object, SetupPlan(object, current: current, replaces: replaces), current?["subjects"]?.array ?? []))
        }
        try refuse(plans.map { ($0.object, $0.plan) })
        var notes = request.notes
        if try await accountIsMissing() {
            notes.append(
                "ServiceAccount \(request.serviceAccount) does not exist yet; --create-service-account makes it")
        }
        for (object, plan, bound) in plans where plan == .leave {
            guard case .binding(let account, let namespace) = object.content else { continue }
            let others = bound.filter { ServiceAccountReference($0, in: namespace) != account }
            if !others.isEmpty { notes.append("\(object.text) is for others too: \(others.count) more subjects") }
        }
        if let role = try await widerRole() {
            notes.append("RoleBinding \(role) binds \(request.serviceAccount) too, and with it every state can be read")
        }
        var steps: [SetupStep] = []
        // What a change is made in must be there for the cluster to check it.
        let isCheckable = hasNamespace && !plans.contains { $0.object.isRole && $0.plan.isCreation }
        for (object, plan, _) in plans {
            steps.append(try await carryOut(plan, object, isCheckable: object.isCheckable(hasNamespace, isCheckable)))
        }
        return SetupResult(steps: steps, notes: notes, isDryRun: isDryRun)
    }

    private func refuse(_ plans: [(SetupObject, SetupPlan)]) throws {
        let refusals = plans.compactMap { object, plan in
            if case .refuse(let differences) = plan {
                "\(object.text) is there, and not what was asked for; to make it that would change\n"
                    + differences.map { "  \($0)" }.joined(separator: "\n")
            } else {
                nil
            }
        }
        guard !refusals.isEmpty else { return }
        throw SetupError(
            .differs,
            refusals.joined(separator: "\n")
                + "\nNothing was changed. If that is what you want, pass --replace.")
    }

    // MARK: - Reading

    private func namespaceExists() async throws -> Bool {
        do {
            _ = try await client.get(.namespace, namespace: nil, name: request.namespace)
            return true
        } catch let error as KubernetesError where error.code == .notFound {
            return false
        } catch let error as KubernetesError where error.code == .forbidden {
            // Whoever rules over a namespace may not be able to look at it. The next request tells.
            return true
        }
    }

    private func accountIsMissing() async throws -> Bool {
        if request.createsServiceAccount { return false }
        let account = request.serviceAccount
        do {
            _ = try await client.get(.serviceAccount, namespace: account.namespace, name: account.name)
            return false
        } catch let error as KubernetesError where error.code == .notFound {
            return true
        } catch let error as KubernetesError where error.code == .forbidden {
            return false
        }
    }

    /// The documented RoleBinding, where it gives the account all that Roles for one environment are to keep from it.
    private func widerRole() async throws -> String? {
        guard !request.environments.isEmpty else { return nil }
        let object = SetupObject(
            .binding(request.serviceAccount, namespace: request.namespace), StorageRights.roleName)
        let subjects = try await current(object)?["subjects"]?.array ?? []
        let isBound = subjects.contains {
            ServiceAccountReference($0, in: request.namespace) == request.serviceAccount
        }
        return isBound ? StorageRights.roleName : nil
    }

    private func current(_ object: SetupObject) async throws -> JSON? {
        do {
            return try await client.get(object.kind, namespace: object.namespace, name: object.name)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        } catch let error as KubernetesError where error.code == .forbidden && object.content == .namespace {
            return [:]
        }
    }

    // MARK: - Writing

    private func carryOut(_ plan: SetupPlan, _ object: SetupObject, isCheckable: Bool) async throws -> SetupStep {
        let (action, differences): (SetupStep.Action, [String])
        switch plan {
        case .leave, .refuse: return SetupStep(object: object, action: .unchanged, differences: [])
        case .create: (action, differences) = (.created, SetupPlan.novelties(of: object))
        case .update(_, let lines): (action, differences) = (.changed, lines)
        case .recreate(_, _, let lines): (action, differences) = (.replaced, lines)
        }
        var step = SetupStep(object: object, action: action, differences: differences)
        if isDryRun {
            step.isCheckedByCluster = isCheckable ? try await check(plan, object) : false
        } else {
            try await write(plan, object)
        }
        return step
    }

    /// - Returns: false for what the cluster cannot check: a creation of something that is there until then.
    private func check(_ plan: SetupPlan, _ object: SetupObject) async throws -> Bool {
        switch plan {
        case .create(let wanted):
            _ = try await client.create(object.kind, namespace: object.namespace, wanted, dryRun: true)
        case .update(let wanted, _):
            _ = try await client.update(object.kind, namespace: object.namespace, wanted, dryRun: true)
        case .recreate, .leave, .refuse: return false
        }
        return true
    }

    private func write(_ plan: SetupPlan, _ object: SetupObject) async throws {
        switch plan {
        case .create(let wanted): try await settle(wanted, object)
        case .update(let wanted, _): try await settle(wanted, object)
        case .recreate(let old, let wanted, _): try await recreate(old, wanted, object)
        case .leave, .refuse: break
        }
    }

    private func settle(_ wanted: JSON, _ object: SetupObject) async throws {
        _ = try await client.settle(object.kind, namespace: object.namespace, wanted) { current in
            ["rules", "roleRef", "subjects"].allSatisfy { current[$0] == wanted[$0] }
        }
    }

    /// Deletes and creates, and puts the old object back where the new one is refused.
    private func recreate(_ old: JSON, _ wanted: JSON, _ object: SetupObject) async throws {
        try await client.delete(
            object.kind, namespace: object.namespace, name: object.name, resourceVersion: old.resourceVersion,
            uid: old["metadata"]?["uid"]?.string)
        do {
            try await settle(wanted, object)
        } catch {
            var restored = old
            var metadata = old["metadata"] ?? [:]
            for field in ["resourceVersion", "uid", "creationTimestamp", "managedFields"] { metadata[field] = nil }
            restored["metadata"] = metadata
            _ = try? await client.create(object.kind, namespace: object.namespace, restored)
            throw error
        }
    }
}

extension SetupObject {
    fileprivate var isRole: Bool {
        if case .role = content { true } else { false }
    }

    /// - Parameter hasRoles: whether every Role that is to be bound is there.
    fileprivate func isCheckable(_ hasNamespace: Bool, _ hasRoles: Bool) -> Bool {
        switch content {
        case .namespace: true
        case .binding: hasRoles
        default: hasNamespace
        }
    }
}

extension SetupPlan {
    fileprivate var isCreation: Bool {
        if case .create = self { true } else { false }
    }
}
