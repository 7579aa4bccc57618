internal import KubernetesAPI
internal import OrderedJSON

/// A kubeconfig, as YAML, for somebody who has a bearer token.
///
/// - Parameters:
///   - server: the address, `https://127.0.0.1:PORT`.
///   - pem: the certificate of the authority that signed the server's, as PEM.
///   - user: a name for the entry; the server goes by the token alone.
///   - namespace: what commands use that name none.
public func kubeconfig(
    server: String, certificateAuthority pem: String, user: String, token: String, namespace: String?
) -> String {
    let namespaceLine = namespace.map { "\n    namespace: \(JSON.string($0).text)" } ?? ""
    return """
        apiVersion: v1
        kind: Config
        current-context: stowage
        clusters:
        - name: stowage
          cluster:
            server: \(server)
            certificate-authority-data: \(Base64.encode(Array(pem.utf8)))
        contexts:
        - name: stowage
          context:
            cluster: stowage
            user: \(JSON.string(user).text)\(namespaceLine)
        users:
        - name: \(JSON.string(user).text)
          user:
            token: \(JSON.string(token).text)

        """
}

/// The token in a kubeconfig that `kubeconfig(server:…)` wrote; nil for what somebody else wrote or changed.
func token(inKubeconfig text: String) -> String? {
    for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count == 2, words[0] == "token:", words[1].hasPrefix("\"") else { continue }
        return (try? JSON(parsing: String(words[1])))?.string
    }
    return nil
}
