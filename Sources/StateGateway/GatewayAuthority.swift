public import StateStorage

/// What a caller may do with an environment's state.
public enum GatewayScope: String, Sendable, Hashable, CaseIterable {
    /// To read the state, and nothing else.
    case read
    /// Everything: write, lock and read.
    case write

    func includes(_ operation: GatewayRequest.Operation) -> Bool { self == .write || operation == .read }
}

/// Who asks: one that was let in.
public struct GatewayCaller: Sendable, Hashable {
    /// Names the credential in the record; no secret.
    public let name: String
    /// What the caller may do.
    public let scope: GatewayScope

    public init(name: String, scope: GatewayScope) {
        self.name = name
        self.scope = scope
    }
}

/// Tells whom a credential belongs to.
public protocol GatewayAuthority: Sendable {
    /// - Returns: nil where the credential is none for this environment, whatever the reason.
    /// - Throws: where that cannot be found out.
    func caller(presenting credential: String, for environment: EnvironmentID) async throws -> GatewayCaller?
}

/// One credential that is made up for one run, and gone with it.
public struct RunAuthority: GatewayAuthority {
    /// What the engine of the run presents.
    public let credential = GatewaySecret.random()
    private let environment: EnvironmentID

    public init(environment: EnvironmentID) { self.environment = environment }

    /// The run itself, for the environment of the run; nobody else.
    public func caller(presenting credential: String, for environment: EnvironmentID) async throws -> GatewayCaller? {
        guard environment == self.environment, GatewaySecret.isEqual(credential, self.credential) else { return nil }
        return GatewayCaller(name: "run", scope: .write)
    }
}

/// What credentials are made of.
enum GatewaySecret {
    /// 256 random bits, in hexadecimal digits.
    static func random() -> String {
        (0..<4).map { _ in UInt64.random(in: 0 ... .max).hexadecimal }.joined()
    }

    /// Takes as long for one that is nearly right as for one that is not.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
