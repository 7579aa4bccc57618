internal import NIOSSL

extension ClusterConnection {
    /// Where a kubelet puts the service account of a Pod.
    public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"
    /// The variable that says where it is instead, for pods that are not isolated and so cannot all have it in one place.
    public static let serviceAccountVariable = "STOWAGE_SERVICE_ACCOUNT"

    /// The cluster that this process runs in, as its Pod's service account. The token is read again as it is replaced.
    ///
    /// - Parameters:
    ///   - environment: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` are read.
    ///   - folder: holds `token`, `ca.crt` and `namespace`; nil for the one that the environment names, or else a kubelet's.
    /// - Throws: ``KubeconfigError``; ``KubeconfigError/Code/notInCluster`` when a variable is missing.
    public static func inCluster(
        environment: [String: String], folder: String? = nil
    ) throws -> ClusterConnection {
        let folder = folder ?? environment[serviceAccountVariable] ?? serviceAccountFolder
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else {
            throw KubeconfigError(
                .notInCluster, file: nil, key: nil,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this process does not run in a cluster; "
                    + "pass a kubeconfig")
        }
        let text = "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        guard let address = ServerAddress(text, schemes: schemes), address.path.isEmpty else {
            throw KubeconfigError(
                .invalid, file: nil, key: nil,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not make an address: \(text)")
        }
        let authority = try KubeconfigFile.read("\(folder)/ca.crt", key: nil)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(authority), !certificates.isEmpty else {
            throw KubeconfigError(.invalid, file: "\(folder)/ca.crt", key: nil, "holds no PEM certificate")
        }
        _ = try KubeconfigFile.read("\(folder)/token", key: nil)
        // A Pod may have its service account mounted without the namespace.
        let namespace = (try? KubeconfigFile.read("\(folder)/namespace", key: nil))
            .map { String(decoding: $0, as: UTF8.self).trimmedASCII }
        return ClusterConnection(
            address: address, defaultNamespace: namespace?.isEmpty == true ? nil : namespace,
            description: "in-cluster", tls: TLSSettings(trust: .certificates(certificates)),
            credentials: TokenFileSource(path: "\(folder)/token"))
    }
}
