public import OrderedJSON

/// A command of the one who runs a cluster, such as `gcloud` or `aws`, that answers in JSON.
///
/// It is run as exec plug-ins are: without a terminal, within bounds of time and output.
public struct ProviderCommand: Sendable {
    /// The program, looked for on the `PATH` of its ``environment``.
    public let name: String
    /// What follows the program's name.
    public let arguments: [String]
    /// All of its environment.
    public var environment: [String: String]
    /// What to do where it is missing.
    public let installHint: String

    public init(_ name: String, _ arguments: [String], environment: [String: String], installHint: String) {
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
    }

    /// What it answers.
    ///
    /// - Throws: ``ProviderCommandError``, `CancellationError`.
    public func json() async throws -> JSON {
        let title = "the command '\(name)' (\(arguments.prefix { !$0.hasPrefix("-") }.joined(separator: " ")))"
        let program = BoundedProgram(
            title: title, command: name, arguments: arguments, environment: environment, installHint: installHint)
        let output: [UInt8]
        do {
            output = try await program.output()
        } catch let failure as CredentialFailure {
            throw ProviderCommandError(failure.cause)
        }
        guard let json = try? JSON(parsing: output) else {
            throw ProviderCommandError(program.failure("did not answer in JSON").cause)
        }
        return json
    }
}

/// A cloud's command that is missing, failed, or answered what cannot be used: which, why, and what to do.
public struct ProviderCommandError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Who we are to a cluster, for a connection that no kubeconfig describes.
public enum ClusterIdentity: Sendable {
    /// Nobody in particular: no credentials are sent.
    case anonymous
    /// A bearer token, sent as it is for as long as the connection lasts.
    case token(String)
    /// Both PEM.
    case clientCertificate(certificate: [UInt8], key: [UInt8])
    /// A command that answers with an `ExecCredential`, run again when its token ages.
    ///
    /// - Parameters:
    ///   - apiVersion: the version of `client.authentication.k8s.io` that it answers in.
    ///   - preparation: gives further environment variables, each time before it is run; throws ``ProviderCommandError``.
    case command(
        ProviderCommand, apiVersion: String, preparation: (@Sendable () async throws -> [String: String])? = nil)
}

extension ClusterConnection {
    /// A cluster that is known without a kubeconfig.
    ///
    /// - Parameters:
    ///   - server: `https://host[:port][/path]`.
    ///   - certificateAuthority: PEM certificates.
    ///   - proxy: as in ``ConnectionParts/isProxy(_:)``.
    /// - Throws: ``KubeconfigError`` when a part is not usable.
    public init(
        server: String, certificateAuthority: [UInt8], proxy: String?, identity: ClusterIdentity,
        defaultNamespace: String?, description: String
    ) throws {
        func failure(_ what: String) -> KubeconfigError {
            KubeconfigError(.invalid, file: nil, key: nil, "\(description): \(what)")
        }
        guard let address = ServerAddress(server, schemes: ["https": 443]), address.userInformation == nil else {
            throw failure("the server's address is not https://host[:port][/path]")
        }
        var tls = TLSSettings()
        guard let certificates = ConnectionParts.certificates(certificateAuthority) else {
            throw failure("the certificate authority is not a PEM certificate")
        }
        tls.trust = .certificates(certificates)
        let settings = try proxy.map { text in
            guard let settings = ProxySettings(text) else { throw failure("the proxy's address is not usable") }
            return settings
        }
        var source: any CredentialSource = FixedCredentialSource(credential: .none)
        switch identity {
        case .anonymous: break
        case .token(let token):
            guard ConnectionParts.isToken(token) else { throw failure("the token holds characters that no token has") }
            source = FixedCredentialSource(credential: .bearer(token))
        case .clientCertificate(let certificate, let key):
            do throws(CredentialFailure) {
                tls.identity = try ClientIdentity(certificatePEM: certificate, keyPEM: key)
            } catch {
                throw failure(error.cause)
            }
        case .command(let command, let apiVersion, let preparation):
            let plugin = ExecPlugin(
                command: command.name, arguments: command.arguments, environment: command.environment,
                apiVersion: apiVersion, installHint: command.installHint, clusterInfo: nil, place: description)
            source = PreparedPlugin(plugin: plugin, preparation: preparation)
        }
        self.init(
            address: address, defaultNamespace: defaultNamespace, description: description, tls: tls, proxy: settings,
            credentials: source)
    }
}

/// A plug-in whose environment is made each time before it is run.
private struct PreparedPlugin: CredentialSource {
    let plugin: ExecPlugin
    let preparation: (@Sendable () async throws -> [String: String])?

    func issue() async throws -> IssuedCredential {
        var plugin = plugin
        do {
            if let preparation { plugin.environment.merge(try await preparation()) { $1 } }
        } catch let error as ProviderCommandError {
            throw CredentialFailure(error.description)
        }
        return try await plugin.issue()
    }
}
