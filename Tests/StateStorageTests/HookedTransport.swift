import KubernetesAPI

/// Requests as a test wants them answered.
struct HookedTransport: Transport {
    let answer: @Sendable (APIRequest) async throws -> APIResponse

    func send(_ request: APIRequest) async throws -> APIResponse { try await answer(request) }
}
