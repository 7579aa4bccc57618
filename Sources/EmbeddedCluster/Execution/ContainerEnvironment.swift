internal import KubernetesAPI
internal import OrderedJSON

/// The variables of a container's process.
///
/// Source: k8s.io/kubernetes/pkg/kubelet (`makeEnvironmentVariables`).
struct ContainerEnvironment: Sendable {
    let pod: JSON
    let container: JSON
    let sources: PodSources

    /// - Parameter base: what the process has in any case; the container's own variables come before it.
    /// - Throws: `ConfigurationFailure`.
    func variables(over base: [String: String]) async throws -> [String: String] {
        var variables: [String: String] = [:]
        for source in container.elements("envFrom") {
            let prefix = source["prefix"]?.string ?? ""
            let kind: PodSources.Kind = source["secretRef"] == nil ? .configMap : .secret
            let reference = source["secretRef"] ?? source["configMapRef"] ?? [:]
            for (key, value) in try await sources.values(kind, reference) ?? [:] {
                variables[prefix + key] = String(decoding: value, as: UTF8.self)
            }
        }
        for variable in container.elements("env") {
            let name = variable["name"]?.string ?? ""
            if let source = variable["valueFrom"] {
                guard let value = try await value(source) else { continue }
                variables[name] = value
            } else {
                variables[name] = VariableExpansion.expand(
                    variable["value"]?.string ?? "", base.merging(variables) { $1 })
            }
        }
        if let (name, _) = variables.first(where: { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }) {
            throw ConfigurationFailure(message: "the variable \(name) holds a NUL byte")
        }
        return base.merging(variables) { $1 }
    }

    /// nil for what is optional and not there.
    private func value(_ source: JSON) async throws -> String? {
        if let path = source["fieldRef"]?["fieldPath"]?.string {
            guard let value = FieldPath.value(path, of: pod) else {
                throw ConfigurationFailure(message: "unsupported fieldPath: \(path)")
            }
            return value
        }
        if let reference = source["resourceFieldRef"] { return try resource(reference) }
        for (field, kind) in [("secretKeyRef", PodSources.Kind.secret), ("configMapKeyRef", .configMap)] {
            guard let reference = source[field] else { continue }
            let key = reference["key"]?.string ?? ""
            guard let values = try await sources.values(kind, reference) else { return nil }
            if let value = values[key] { return String(decoding: value, as: UTF8.self) }
            if reference["optional"]?.bool == true { return nil }
            let place = "\(pod.objectNamespace ?? "")/\(reference["name"]?.string ?? "")"
            let word = kind == .secret ? "Secret" : "ConfigMap"
            throw ConfigurationFailure(message: "couldn't find key \(key) in \(word) \(place)")
        }
        throw ConfigurationFailure(message: "a variable has a source that this cluster does not know")
    }

    /// A limit that is not set is that of the machine, which this cluster does not look at: 0.
    private func resource(_ reference: JSON) throws -> String {
        let containers = (pod["spec"]?.elements("containers") ?? []) + (pod["spec"]?.elements("initContainers") ?? [])
        let named = reference["containerName"].flatMap { name in containers.first { $0["name"] == name } }
        let path = (reference["resource"]?.string ?? "").split(separator: ".").map(String.init)
        guard path.count == 2, ["limits", "requests"].contains(path[0]) else {
            throw ConfigurationFailure(message: "unsupported container resource: \(path.joined(separator: "."))")
        }
        let resources = (named ?? container)["resources"] ?? [:]
        guard let amount = resources[path[0]]?[path[1]]?.string.flatMap(Quantity.init) else { return "0" }
        let divisor = reference["divisor"]?.string.flatMap(Quantity.init)?.nanos ?? 0
        let unit = divisor == 0 ? 1_000_000_000 : divisor
        return String(amount.nanos / unit + (amount.nanos % unit == 0 ? 0 : 1))
    }
}
