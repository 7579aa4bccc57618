/// The connection itself: sends what it is given with the credential it is given.
protocol AuthenticatingTransport: Sendable {
    func send(_ request: APIRequest, with credential: Credential) async throws -> APIResponse
}

/// Adds credentials, and obtains new ones once when the cluster answers 401.
struct CredentialsTransport: Transport {
    let next: any AuthenticatingTransport
    let cache: CredentialCache
    let server: String

    func send(_ request: APIRequest) async throws -> APIResponse {
        let credential = try await credential(for: request)
        let response = try await next.send(request, with: credential)
        guard response.status == 401 else { return response }
        await cache.invalidate(credential)
        // With the same credential the answer would be the same.
        let renewed = try await self.credential(for: request)
        guard renewed != credential else { return response }
        _ = try? await response.collect(upTo: 65536)
        return try await next.send(request, with: renewed)
    }

    private func credential(for request: APIRequest) async throws -> Credential {
        do {
            return try await cache.credential()
        } catch let failure as CredentialFailure {
            throw KubernetesError(
                .credentials, target: RequestTarget.description(of: request, at: server), cause: failure.cause)
        }
    }
}
