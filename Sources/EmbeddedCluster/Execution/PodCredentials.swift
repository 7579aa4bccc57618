internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON

/// What a Pod's processes may reach the cluster with: a token of its ServiceAccount, in files, renewed before it ends.
///
/// Clients look for them below `/var/run/secrets`, which all processes of a machine share. So they lie in the Pod's
/// folder instead, with a kubeconfig that variables point to.
struct PodCredentials: Sendable {
    let node: LocalNode
    let pod: JSON
    let folder: PodFolder

    static let lifetime = Duration.seconds(3600)
    /// Kubelets renew a token after four fifths of its time.
    static let renewal = Duration.seconds(2880)

    private var namespace: String { pod.objectNamespace ?? "" }
    private var accountName: String { pod["spec"]?["serviceAccountName"]?.string ?? "default" }

    /// A new token, written to the files; nil for a Pod that wants none.
    ///
    /// - Throws: `ConfigurationFailure` when the ServiceAccount is gone.
    func issue() async throws -> String? {
        guard let account = try await account() else { return nil }
        let token = try await Authenticator(store: node.store).issueToken(
            namespace: namespace, name: accountName, uid: account["metadata"]?["uid"]?.string ?? "",
            expires: node.clock.now() + Self.lifetime,
            bound: StoredToken.BoundObject(
                resource: ResourceKind.pod.resource, name: pod.objectName ?? "",
                uid: pod["metadata"]?["uid"]?.string ?? ""))
        let (folder, authority, namespace) = (folder.credentials, node.certificateAuthority, namespace)
        let kubeconfig = kubeconfig
        try await offloading {
            try PrivateFile.createFolder(folder)
            try PrivateFile.write(token, to: "\(folder)/token")
            try PrivateFile.write(authority, to: "\(folder)/ca.crt")
            try PrivateFile.write(namespace, to: "\(folder)/namespace")
            try PrivateFile.write(kubeconfig, to: "\(folder)/kubeconfig")
        }
        return token
    }

    private func account() async throws -> JSON? {
        if pod["spec"]?["automountServiceAccountToken"]?.bool == false { return nil }
        let key = ObjectKey(
            resource: ResourceKind.serviceAccount.qualifiedResource, namespace: namespace, name: accountName)
        guard let account = try await node.store.object(key)?.json() else {
            throw ConfigurationFailure(message: "serviceaccounts \"\(accountName)\" not found")
        }
        let isWanted = pod["spec"]?["automountServiceAccountToken"]?.bool
        return isWanted == nil && account["automountServiceAccountToken"]?.bool == false ? nil : account
    }

    /// With the token in a file, which clients read again when it was renewed.
    private var kubeconfig: String {
        """
        apiVersion: v1
        kind: Config
        current-context: stowage
        clusters:
        - name: stowage
          cluster:
            server: \(node.server)
            certificate-authority: \(JSON.string("\(folder.credentials)/ca.crt").text)
        contexts:
        - name: stowage
          context:
            cluster: stowage
            user: serviceaccount
            namespace: \(JSON.string(namespace).text)
        users:
        - name: serviceaccount
          user:
            tokenFile: \(JSON.string("\(folder.credentials)/token").text)

        """
    }
}
