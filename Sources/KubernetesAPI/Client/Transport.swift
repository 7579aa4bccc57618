/// Something that answers requests: the connection itself, or a decorator around another transport.
///
/// Any status is an answer. `send` throws ``KubernetesError`` only when there is no answer at all.
public protocol Transport: Sendable {
    func send(_ request: APIRequest) async throws -> APIResponse
}
