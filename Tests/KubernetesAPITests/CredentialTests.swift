import Synchronization
import Testing

@testable import KubernetesAPI

@Suite struct CredentialTests {
    @Test func isObtainedOnceForAllWhoWait() async throws {
        let source = CountingSource()
        let cache = CredentialCache(source)
        let credentials = try await withThrowingTaskGroup(of: Credential.self) { group in
            for _ in 0..<50 { group.addTask { try await cache.credential() } }
            await source.waitUntilAsked()
            source.open()
            return try await group.reduce(into: Set<Credential>()) { $0.insert($1) }
        }
        #expect(credentials == [.bearer("token-1")])
        #expect(source.count == 1)
    }

    @Test func isObtainedAgainWhenItExpires() async throws {
        let time = Mutex(1000.0)
        let source = CountingSource(expiry: 1060, isOpen: true)
        let cache = CredentialCache(source) { time.withLock { $0 } }
        #expect(try await cache.credential() == .bearer("token-1"))
        time.withLock { $0 = 1059 }
        #expect(try await cache.credential() == .bearer("token-1"))
        time.withLock { $0 = 1060 }
        #expect(try await cache.credential() == .bearer("token-2"))
    }

    @Test func survivesTheCancellationOfWhoeverCameFirst() async throws {
        let source = CountingSource()
        let cache = CredentialCache(source)
        let first = Task { try await cache.credential() }
        await source.waitUntilAsked()
        let second = Task { try await cache.credential() }
        // The second must have joined before the first leaves.
        while await cache.waiterCount < 2 { await Task.yield() }
        first.cancel()
        source.open()
        #expect(try await second.value == .bearer("token-1"))
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(source.count == 1)
    }

    @Test func isRenewedOnceAfter401() async throws {
        let http = ScriptedConnection { $0.authorization == "Bearer token-2" ? 200 : 401 }
        let source = CountingSource(isOpen: true)
        let transport = CredentialsTransport(next: http, cache: CredentialCache(source), server: "https://x")
        #expect(try await transport.send(APIRequest(.get, "/")).status == 200)
        #expect(source.count == 2)
        #expect(http.count == 2)
        #expect(try await transport.send(APIRequest(.get, "/")).status == 200)
        #expect(source.count == 2)
    }

    @Test func isRenewedNoMoreThanOnce() async throws {
        let http = ScriptedConnection { _ in 401 }
        let source = CountingSource(isOpen: true)
        let transport = CredentialsTransport(next: http, cache: CredentialCache(source), server: "https://x")
        #expect(try await transport.send(APIRequest(.get, "/")).status == 401)
        #expect(source.count == 2)
        #expect(http.count == 2)
    }

    @Test func isNotTriedAgainWhenItIsTheSame() async throws {
        let http = ScriptedConnection { _ in 401 }
        let transport = CredentialsTransport(
            next: http, cache: CredentialCache(FixedCredentialSource(credential: .bearer("x"))), server: "https://x")
        #expect(try await transport.send(APIRequest(.get, "/")).status == 401)
        #expect(http.count == 1)
    }

    @Test func failuresNameTheRequestAndAreNotKept() async throws {
        let path = "/tmp/stowage-no-such-token"
        let transport = CredentialsTransport(
            next: ScriptedConnection { _ in 200 }, cache: CredentialCache(TokenFileSource(path: path)),
            server: "https://x")
        let error = await #expect(throws: KubernetesError.self) {
            try await transport.send(APIRequest(.get, "/api/v1/namespaces/n/secrets/s"))
        }
        #expect(error?.code == .credentials)
        #expect(error?.target == "GET secrets/s in namespace n at https://x")
        #expect(error?.cause.contains(path) == true)
    }

    @Test func tokenFilesAreReadAgain() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write("first\n", to: "token")
            let cache = CredentialCache(TokenFileSource(path: path))
            #expect(try await cache.credential() == .bearer("first"))
            try folder.write("second\n", to: "token")
            #expect(try await cache.credential() == .bearer("first"))
            await cache.invalidate(.bearer("first"))
            #expect(try await cache.credential() == .bearer("second"))
            try folder.write("  \n", to: "token")
            await cache.invalidate(.bearer("second"))
            await #expect(throws: CredentialFailure.self) { try await cache.credential() }
        }
    }

    @Test func isNeverPrinted() {
        #expect(!"\(Credential.bearer("hunter2"))".contains("hunter2"))
        #expect(Credential.basic(username: "a", password: "b").authorization == "Basic YTpi")
    }
}

/// Hands out token-1, token-2, ... once it is opened.
final class CountingSource: CredentialSource, Sendable {
    private struct State {
        var count = 0
        var isOpen: Bool
    }

    private let state: Mutex<State>
    private let expiry: Double?

    init(expiry: Double? = nil, isOpen: Bool = false) {
        self.expiry = expiry
        state = Mutex(State(isOpen: isOpen))
    }

    var count: Int { state.withLock { $0.count } }
    func open() { state.withLock { $0.isOpen = true } }
    func waitUntilAsked() async { while count == 0 { await Task.yield() } }

    func issue() async throws -> IssuedCredential {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        while !state.withLock({ $0.isOpen }) {
            try Task.checkCancellation()
            await Task.yield()
        }
        return IssuedCredential(credential: .bearer("token-\(number)"), expiry: expiry)
    }
}

final class ScriptedConnection: AuthenticatingTransport, Sendable {
    private let status: @Sendable (Credential) -> Int
    private let sent = Mutex(0)

    init(_ status: @escaping @Sendable (Credential) -> Int) { self.status = status }

    var count: Int { sent.withLock { $0 } }

    func send(_ request: APIRequest, with credential: Credential) async throws -> APIResponse {
        sent.withLock { $0 += 1 }
        return APIResponse(status: status(credential))
    }
}
