internal import KubernetesAPI
internal import OrderedJSON

/// What a container cannot be started without is not there, or not yet.
struct ConfigurationFailure: Error, Sendable, Hashable {
    let message: String
}

/// The ConfigMaps and Secrets that a Pod refers to.
struct PodSources: Sendable {
    enum Kind: String, Sendable {
        case secret
        case configMap

        /// As kubelets name it in messages.
        var word: String { self == .secret ? "secret" : "configmap" }
        var resource: String { self == .secret ? "secrets" : "configmaps" }
    }

    let store: Store
    let namespace: String
    /// The cluster's certificate, which every namespace of a cluster has as a ConfigMap.
    let certificateAuthority: [UInt8]

    static let certificateConfigMap = "kube-root-ca.crt"

    /// The values by their keys.
    ///
    /// - Returns: nil where there is none.
    func values(_ kind: Kind, _ name: String) async throws -> [String: [UInt8]]? {
        let key = ObjectKey(resource: kind.resource, namespace: namespace, name: name)
        guard let object = try await store.object(key)?.json() else {
            guard kind == .configMap, name == Self.certificateConfigMap else { return nil }
            return ["ca.crt": certificateAuthority]
        }
        var values: [String: [UInt8]] = [:]
        for (key, value) in object["data"]?.strings ?? [:] {
            values[key] = kind == .secret ? try Base64.decode(value) : Array(value.utf8)
        }
        for (key, value) in object["binaryData"]?.strings ?? [:] { values[key] = try Base64.decode(value) }
        return values
    }

    /// - Throws: `ConfigurationFailure` where there is none, and it is not optional.
    func values(_ kind: Kind, _ reference: JSON, nameField: String = "name") async throws -> [String: [UInt8]]? {
        let name = reference[nameField]?.string ?? ""
        if let values = try await values(kind, name) { return values }
        if reference["optional"]?.bool == true { return nil }
        throw ConfigurationFailure(message: "\(kind.word) \"\(name)\" not found")
    }
}
