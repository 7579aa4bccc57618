internal import KubernetesAPI
internal import OrderedJSON
internal import StateStorage

/// What the relay does with each request of an engine: the least that its `kubernetes` backend needs for one environment.
struct RelayPolicy {
    enum Decision: Equatable {
        /// Answer with an empty list: the engine looks for names of workspaces, and there is one.
        case emptyList
        case pass
        case refuse(String)
    }

    let namespace: String
    let names: StateNames

    /// - Parameters:
    ///   - path: percent-decoded, without the relay's prefix and without the query.
    ///   - labelSelector: percent-decoded; nil where the query has none.
    ///   - body: of a POST or PUT.
    func decision(verb: HTTPVerb, path: String, labelSelector: String?, body: [UInt8]) -> Decision {
        let secrets = ResourceKind.secret.path(namespace: namespace)
        let leases = ResourceKind.lease.path(namespace: namespace)
        switch path {
        case secrets where verb == .get: return list(labelSelector)
        case secrets where verb == .post: return create(body, names.isStateSecret)
        case leases where verb == .post: return create(body) { $0 == names.lease }
        default: break
        }
        if path.hasPrefix("\(secrets)/") {
            return object(verb, String(path.dropFirst(secrets.count + 1)), names.isStateSecret)
        }
        if path.hasPrefix("\(leases)/") {
            return object(verb, String(path.dropFirst(leases.count + 1))) { $0 == names.lease }
        }
        return .refuse("\(verb.rawValue) \(path) is nothing that a state backend needs")
    }

    private func list(_ labelSelector: String?) -> Decision {
        guard let labelSelector, let selector = try? LabelSelector(parsing: labelSelector) else {
            return .refuse("a list of Secrets without a label selector would read other environments")
        }
        let everyState = StateNames.everyStateLabel
        if selector == LabelSelector(requirements: [.isIn(key: everyState.key, values: [everyState.value])]) {
            return .emptyList
        }
        let asked = selector.equalities
        let isOwn = ["tfstateSecretSuffix", "tfstateWorkspace"].allSatisfy { asked[$0] == names.labels[$0] }
        return isOwn ? .pass : .refuse("a list of Secrets by '\(labelSelector)' would read other environments")
    }

    /// The selector of a request that lists this environment's own Secrets; nil for every other request.
    func ownList(verb: HTTPVerb, path: String, _ labelSelector: String?) -> LabelSelector? {
        guard verb == .get, path == ResourceKind.secret.path(namespace: namespace), let labelSelector,
            list(labelSelector) == .pass
        else { return nil }
        return try? LabelSelector(parsing: labelSelector)
    }

    private func create(_ body: [UInt8], _ isOwn: (String) -> Bool) -> Decision {
        var parser = JSONParser(body)
        // A name given twice could be one for us and another for the cluster.
        guard let name = (try? parser.parse())?.objectName, parser.duplicateKeys.isEmpty else {
            return .refuse("the object has no name, or more than one")
        }
        return isOwn(name) ? .pass : .refuse("'\(name)' belongs to another environment")
    }

    private func object(_ verb: HTTPVerb, _ name: String, _ isOwn: (String) -> Bool) -> Decision {
        guard isOwn(name) else { return .refuse("'\(name)' belongs to another environment") }
        switch verb {
        case .get, .put: return .pass
        // Terraform removes parts that a smaller state no longer needs; the state itself is never removed by a run.
        case .delete where name != names.secret && name != names.lease: return .pass
        default: return .refuse("a run does not \(verb.rawValue) '\(name)'")
        }
    }
}
