internal import NIOSSL

/// How to reach one cluster and as whom: all that a kubeconfig's context says, checked and read.
public struct ClusterConnection: Sendable, CustomStringConvertible {
    /// `https://host:port[/path]`.
    public let server: String
    /// The context's namespace; nil when it names none.
    public let defaultNamespace: String?
    /// For messages: `context 'x' of /path/config`, or `in-cluster`.
    public let description: String

    let address: ServerAddress
    let tls: TLSSettings
    let proxy: ProxySettings?
    let credentials: any CredentialSource
    let impersonation: [(name: String, value: String)]
    /// Credentials were given that will not be sent, because the connection is not encrypted.
    let withholdsCredentials: Bool

    init(
        address: ServerAddress, defaultNamespace: String?, description: String, tls: TLSSettings = TLSSettings(),
        proxy: ProxySettings? = nil, credentials: any CredentialSource = FixedCredentialSource(credential: .none),
        impersonation: [(name: String, value: String)] = [], withholdsCredentials: Bool = false
    ) {
        server = address.text()
        self.defaultNamespace = defaultNamespace
        self.description = description
        self.address = address
        self.tls = tls
        self.proxy = proxy
        self.credentials = credentials
        self.impersonation = impersonation
        self.withholdsCredentials = withholdsCredentials
    }

    /// A cluster that is known without a kubeconfig, such as one that this process started.
    ///
    /// - Parameters:
    ///   - server: `https://host:port[/path]`. Over `http://` the token is not sent.
    ///   - certificateAuthority: PEM certificates; nil trusts the system's.
    ///   - token: a bearer token.
    /// - Throws: ``KubeconfigError`` when the address or the certificates are not usable.
    public init(
        server: String, certificateAuthority: [UInt8]? = nil, token: String? = nil, defaultNamespace: String? = nil,
        description: String
    ) throws {
        guard let address = ServerAddress(server, schemes: Self.schemes), address.userInformation == nil else {
            throw KubeconfigError(.invalid, file: nil, key: nil, "\(description): the server address is not a URL")
        }
        var tls = TLSSettings()
        if let certificateAuthority {
            guard let certificates = try? NIOSSLCertificate.fromPEMBytes(certificateAuthority), !certificates.isEmpty
            else {
                throw KubeconfigError(
                    .invalid, file: nil, key: nil, "\(description): the certificate authority is not a PEM certificate")
            }
            tls.trust = .certificates(certificates)
        }
        let isEncrypted = address.scheme == "https"
        self.init(
            address: address, defaultNamespace: defaultNamespace, description: description, tls: tls,
            credentials: FixedCredentialSource(credential: isEncrypted ? token.map { .bearer($0) } ?? .none : .none),
            withholdsCredentials: !isEncrypted && token != nil)
    }

    static let schemes = ["https": 443, "http": 80]

    /// The URL to ask for. With `tls-server-name` it bears that name, and the HTTP client connects to the server all the same.
    func requestURL(path: String) -> String { address.text(host: tls.serverName) + path }

    /// The host that the server knows itself by, where the URL bears another.
    var hostHeader: String? { tls.serverName == nil ? nil : "\(address.bracketedHost):\(address.port)" }
}
