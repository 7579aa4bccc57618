/// Something that answers requests: the connection itself, or a decorator around another transport.
///
/// Any status is an answer. `send` throws ``KubernetesError`` only when there is no answer at all.
public protocol Transport: Sendable {
    /// Carries one request and waits for the head of its answer; the body may still be on its way.
    func send(_ request: APIRequest) async throws -> APIResponse
}
