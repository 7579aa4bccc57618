internal import NIOSSL

/// Makes a ``ClusterConnection`` of a kubeconfig's cluster and user, and refuses what contradicts itself.
struct ConnectionBuilder {
    let cluster: KubeconfigValue
    let user: KubeconfigValue?
    let environment: [String: String]

    func connection(namespace: String?, description: String) throws(KubeconfigError) -> ClusterConnection {
        let address = try address()
        let proxy = try proxy()
        var tls = try trust()
        guard let user else {
            return ClusterConnection(
                address: address, defaultNamespace: namespace, description: description, tls: tls, proxy: proxy)
        }
        let settings = UserSettings(user: user, cluster: cluster, environment: environment)
        let credentials = try settings.credentials()
        let identity = try settings.identity()
        let impersonation = try settings.impersonation()
        // As in client-go: who we are is said over TLS only.
        guard address.scheme == "https" else {
            let isAnonymous = (credentials as? FixedCredentialSource)?.credential == Credential.none
            return ClusterConnection(
                address: address, defaultNamespace: namespace, description: description, proxy: proxy,
                withholdsCredentials: !isAnonymous || identity != nil || !impersonation.isEmpty)
        }
        tls.identity = identity
        return ClusterConnection(
            address: address, defaultNamespace: namespace, description: description, tls: tls, proxy: proxy,
            credentials: credentials, impersonation: impersonation)
    }

    private func address() throws(KubeconfigError) -> ServerAddress {
        let server = try cluster.required("server")
        guard let address = ServerAddress(try server.string(), schemes: ClusterConnection.schemes) else {
            throw server.error(.invalid, "expected an address such as https://host:6443")
        }
        guard address.userInformation == nil else {
            throw server.error(.unsupported, "an address with a user name; set username and password of the user")
        }
        return address
    }

    private func proxy() throws(KubeconfigError) -> ProxySettings? {
        guard let key = try cluster.member("proxy-url") else { return nil }
        guard let proxy = ProxySettings(try key.string()) else {
            throw key.error(.unsupported, "expected http://[user:password@]host:port or socks5://host:port")
        }
        return proxy
    }

    private func trust() throws(KubeconfigError) -> TLSSettings {
        var tls = TLSSettings()
        let authority = try cluster.data("certificate-authority")
        if try cluster.bool("insecure-skip-tls-verify") {
            if let authority {
                throw authority.source.error(
                    .contradiction, "given together with 'insecure-skip-tls-verify'; remove one of the two")
            }
            tls.trust = .anybody
        } else if let authority {
            tls.trust = .certificates(try certificates(authority.bytes, authority.source))
        }
        if let key = try cluster.member("tls-server-name") {
            let name = try key.string()
            guard !ServerAddress.isAddress(name) else {
                throw key.error(.unsupported, "an IP address; only names can be checked in place of the server's own")
            }
            guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") })
            else { throw key.error(.invalid, "expected the name of a host") }
            tls.serverName = name
        }
        return tls
    }

    private func certificates(_ bytes: [UInt8], _ key: KubeconfigValue) throws(KubeconfigError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw key.error(.invalid, "holds no PEM certificate")
        }
        return certificates
    }
}
