import OrderedJSON
import StateStorage
import Testing

@testable import StateGateway

@Suite struct GatewayRequestTests {
    private static let environment = "4b41bf32-b337-93a4-ad65-1d565c5e25be"

    @Test(arguments: [
        ("GET", "state", GatewayRequest.Operation.read), ("POST", "state", .write), ("PUT", "state", .write),
        ("DELETE", "state", .delete), ("LOCK", "state", .lock), ("UNLOCK", "state", .unlock), ("LOCK", "lock", .lock),
        ("PUT", "lock", .lock), ("POST", "lock", .lock), ("UNLOCK", "lock", .unlock), ("DELETE", "lock", .unlock),
    ])
    func knowsTheMethods(_ method: String, _ what: String, _ operation: GatewayRequest.Operation) throws {
        let request = try GatewayRequest(method: method, path: "/v1/environments/\(Self.environment)/\(what)")
        #expect(request.operation == operation)
        #expect("\(request.environment)" == Self.environment)
    }

    @Test(arguments: [
        ("GET", "/v1/environments/4b41bf32-b337-93a4-ad65-1d565c5e25be/lock", 405),
        ("PATCH", "/v1/environments/4b41bf32-b337-93a4-ad65-1d565c5e25be/state", 405),
        ("GET", "/v1/environments/4B41bf32-b337-93a4-ad65-1d565c5e25be/state", 400),
        ("GET", "/v1/environments/x/state", 400), ("GET", "/v1/environments//state", 400), ("GET", "/", 400),
        ("GET", "/v1/environments/4b41bf32-b337-93a4-ad65-1d565c5e25be/state/", 400),
        ("GET", "/v2/environments/4b41bf32-b337-93a4-ad65-1d565c5e25be/state", 400), ("GET", "", 400),
    ])
    func refusesTheRest(_ method: String, _ path: String, _ status: Int) {
        let failure = #expect(throws: GatewayFailure.self) { try GatewayRequest(method: method, path: path) }
        #expect(failure?.status == status)
    }

    @Test func anEmptyLockIsNone() throws {
        let path = "/v1/environments/\(Self.environment)/state"
        #expect(try GatewayRequest(method: "POST", path: path, lockID: "").lockID == nil)
        #expect(try GatewayRequest(method: "POST", path: path, lockID: "x").lockID == "x")
    }
}

@Suite struct GatewayTokenTests {
    @Test func keepsNothingThatCouldBeShown() throws {
        let credential = GatewayCredential()
        let token = GatewayToken(
            name: credential.name, scope: .read, created: "c", expires: "2026-01-01T00:00:00Z", creator: "jane@laptop",
            secret: credential.secret)
        #expect(!token.json.text.contains(credential.secret))
        #expect(GatewayToken(token.json) == token)
        #expect(token.hasSecret(credential.secret))
        #expect(!token.hasSecret(GatewayCredential().secret))
        #expect(!token.hasSecret(""))
        #expect(token.isExpired(at: "2026-01-01T00:00:00Z") && !token.isExpired(at: "2025-12-31T23:59:59Z"))
        #expect(GatewayCredential(parsing: credential.text) == credential)
    }

    @Test(arguments: ["", "stowage", "stowage__", "stowage_a_", "stowage__b", "other_a_b", "stowage_a_b_c"])
    func refusesWhatIsNoCredential(_ text: String) { #expect(GatewayCredential(parsing: text) == nil) }

    @Test func aRunsCredentialIsForItsEnvironment() async throws {
        let environment = try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be")
        let authority = RunAuthority(environment: environment)
        #expect(try await authority.caller(presenting: authority.credential, for: environment)?.scope == .write)
        #expect(try await authority.caller(presenting: "x", for: environment) == nil)
        let other = try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25bf")
        #expect(try await authority.caller(presenting: authority.credential, for: other) == nil)
    }
}
