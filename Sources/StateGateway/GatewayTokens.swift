public import KubernetesAPI
internal import OrderedJSON
public import StateStorage

/// The gateway's tokens of a namespace, those of each environment in one Secret of its own: `stowage-gateway-{uuid}`.
///
/// Within the documented Role: nothing is deleted, and every change is a compare-and-swap.
public struct GatewayTokens: Sendable {
    private static let dataKey = "tokens"

    private let client: KubernetesClient
    private let namespace: String

    public init(client: KubernetesClient, namespace: String) {
        self.client = client
        self.namespace = namespace
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - lifetime: nil for one that stays until it is revoked.
    ///   - creator: who makes it, as `user@host`.
    /// - Returns: the token, and the credential, which is not kept anywhere.
    public func create(
        for environment: EnvironmentID, scope: GatewayScope, lifetime: Duration?, creator: String
    ) async throws -> (token: GatewayToken, credential: String) {
        let credential = GatewayCredential()
        let token = GatewayToken(
            name: credential.name, scope: scope, created: Timestamp.now(),
            expires: lifetime.map { Timestamp.after($0) }, creator: creator, secret: credential.secret)
        try await change(environment) { tokens in
            let now = Timestamp.now()
            tokens.removeAll { $0.isExpired(at: now) }
            tokens.append(token)
        }
        return (token, credential.text)
    }

    /// The tokens of an environment, the oldest first, those that are over included.
    public func list(_ environment: EnvironmentID) async throws -> [GatewayToken] {
        try await secret(environment).map(Self.tokens) ?? []
    }

    /// Takes a token back. Gateways notice within ``TokenAuthority/memory``.
    ///
    /// - Returns: false where there is none of that name.
    public func revoke(_ name: String, of environment: EnvironmentID) async throws -> Bool {
        var isFound = false
        try await change(environment) { tokens in
            isFound = tokens.contains { $0.name == name }
            tokens.removeAll { $0.name == name }
        }
        return isFound
    }

    private func change(_ environment: EnvironmentID, _ body: (inout [GatewayToken]) -> Void) async throws {
        while true {
            let existing = try await secret(environment)
            var tokens = existing.map(Self.tokens) ?? []
            let before = tokens
            body(&tokens)
            if tokens == before { return }
            var secret: JSON =
                existing ?? [
                    "apiVersion": "v1", "kind": "Secret",
                    "metadata": [
                        "name": .string(Self.name(environment)), "namespace": .string(namespace),
                        "labels": [
                            "stowage-environment": .string("\(environment)"), "stowage-content": "gateway-tokens",
                            "app.kubernetes.io/managed-by": "stowage",
                        ],
                    ],
                    "type": "Opaque",
                ]
            secret["data"] = [Self.dataKey: .string(Base64.encode(JSON.array(tokens.map(\.json)).bytes))]
            do {
                _ =
                    existing == nil
                    ? try await client.create(.secret, namespace: namespace, secret)
                    : try await client.update(.secret, namespace: namespace, secret)
                return
            } catch let error as KubernetesError where error.code == .conflict || error.code == .alreadyExists {
                // Somebody else changed it: again, from what is there now.
                try await Task.sleep(for: .milliseconds(20) * Double.random(in: 0..<1))
            }
        }
    }

    private func secret(_ environment: EnvironmentID) async throws -> JSON? {
        do {
            return try await client.get(.secret, namespace: namespace, name: Self.name(environment))
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    private static func name(_ environment: EnvironmentID) -> String { "stowage-gateway-\(environment)" }

    private static func tokens(in secret: JSON) -> [GatewayToken] {
        guard let text = secret["data"]?[dataKey]?.string, let bytes = try? Base64.decode(text),
            let json = try? JSON(parsing: bytes)
        else { return [] }
        return (json.array ?? []).compactMap { GatewayToken($0) }
    }
}
