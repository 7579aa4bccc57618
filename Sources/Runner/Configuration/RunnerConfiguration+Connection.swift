public import KubernetesAPI
internal import OrderedJSON

extension RunnerConfiguration {
    /// The cluster that the configuration names, with the state storage's namespace as its default.
    ///
    /// `kubernetes` says all of it itself. For `kubernetes-gke` and `kubernetes-eks` the provider's own commands are asked:
    /// for the address now, for tokens as they are needed. `kubernetes-agent` is the cluster that this process runs in.
    ///
    /// - Parameters:
    ///   - environment: that commands are run in, and that tells whether we are in a cluster.
    ///   - file: the configuration's name, for messages.
    /// - Throws: ``ProviderCommandError``, `KubeconfigError`, `CancellationError`.
    public func connection(environment: [String: String], file: String) async throws -> ClusterConnection {
        switch runner {
        case .kubernetes(let cluster):
            return try cluster.connection(namespace: stateStorage.namespace, description: "the cluster of \(file)")
        case .gke(let cluster):
            return try await GKEProvider(cluster: cluster, environment: environment)
                .connection(namespace: stateStorage.namespace, file: file)
        case .eks(let cluster):
            return try await EKSProvider(cluster: cluster, environment: environment)
                .connection(namespace: stateStorage.namespace, file: file)
        case .agent:
            do {
                return try ClusterConnection.inCluster(environment: environment)
            } catch let error as KubeconfigError where error.code == .notInCluster {
                throw RunnerClusterError(
                    "the runner of \(file) is a kubernetes-agent, which is the cluster that this process runs in, and "
                        + "this process runs in none; pass --kubeconfig FILE with a way to that cluster")
            }
        }
    }
}

/// A configuration whose cluster cannot be chosen from here.
public struct RunnerClusterError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension KubernetesClusterSettings {
    fileprivate func connection(namespace: String, description: String) throws -> ClusterConnection {
        let identity: ClusterIdentity =
            switch authentication {
            case .clientCertificate(let certificate, let key):
                .clientCertificate(certificate: Array(certificate.utf8), key: Array(key.value.utf8))
            case .serviceAccountToken(let token): .token(token.value)
            }
        return try ClusterConnection(
            server: server, certificateAuthority: Array(certificateAuthority.utf8), proxy: proxyURL?.value,
            identity: identity, defaultNamespace: namespace, description: description)
    }
}

/// What a provider's command told of a cluster.
struct DescribedCluster {
    let server: String
    let certificateAuthority: [UInt8]

    /// - Parameter authority: base64 of PEM certificates.
    init(command: String, server: String?, authority: String?) throws(ProviderCommandError) {
        guard let server, !server.isEmpty, let authority else {
            throw ProviderCommandError(
                "the command '\(command)' told no address and certificate authority of the cluster; it may still be starting"
            )
        }
        guard let certificates = try? Base64.decode(authority), ConnectionParts.areCertificates(certificates) else {
            throw ProviderCommandError(
                "the command '\(command)' told a certificate authority that is not base64 of PEM")
        }
        self.server = server
        certificateAuthority = certificates
    }
}
