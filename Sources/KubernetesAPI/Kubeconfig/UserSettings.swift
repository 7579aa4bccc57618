internal import OrderedJSON

/// What a user of a kubeconfig says about who we are.
struct UserSettings {
    let user: KubeconfigValue
    let cluster: KubeconfigValue
    let environment: [String: String]

    /// The bearer token, password or plug-in, of which a user has one; as in client-go a fixed one goes before a plug-in.
    func credentials() throws(KubeconfigError) -> any CredentialSource {
        if let key = try user.member("auth-provider") {
            throw key.error(.unsupported, "auth-provider was replaced by exec plug-ins; set 'exec' in its place")
        }
        let token = try user.member("token")
        let tokenFile = try user.member("tokenFile")
        var password = try user.member("username")
        if password == nil { password = try user.member("password") }
        if let password, let other = token ?? tokenFile {
            throw password.error(.contradiction, "given together with '\(lastKey(other))'; remove one of the two")
        }
        let plugin = try user.member("exec")
        let source = try plugin.map { (value) throws(KubeconfigError) in try execPlugin(value) }
        // Given both, client-go sends what is in the file.
        if let tokenFile {
            let path = try tokenFile.filePath()
            _ = try KubeconfigFile.read(path, key: tokenFile)
            return TokenFileSource(path: path)
        }
        if let token {
            let text = try token.string()
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw token.error(.invalid, "holds characters that no token has")
            }
            return FixedCredentialSource(credential: .bearer(text))
        }
        if password != nil {
            return FixedCredentialSource(
                credential: .basic(
                    username: try user.string("username") ?? "", password: try user.string("password") ?? ""))
        }
        return source ?? FixedCredentialSource(credential: .none)
    }

    func identity() throws(KubeconfigError) -> ClientIdentity? {
        let certificate = try user.data("client-certificate")
        let key = try user.data("client-key")
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, nil):
            throw certificate.source.error(.contradiction, "a certificate without 'client-key' or 'client-key-data'")
        case (nil, let key?):
            throw key.source.error(.contradiction, "a key without 'client-certificate' or 'client-certificate-data'")
        case (let certificate?, let key?):
            do {
                return try ClientIdentity(certificatePEM: certificate.bytes, keyPEM: key.bytes)
            } catch {
                let source = error.cause.contains("key") ? key.source : certificate.source
                throw source.error(.invalid, error.cause)
            }
        }
    }

    /// The headers that ask to be treated as somebody else.
    func impersonation() throws(KubeconfigError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        let name = try user.string("as")
        if let name { headers.append(("Impersonate-User", name)) }
        if let uid = try user.string("as-uid") { headers.append(("Impersonate-Uid", uid)) }
        for group in try user.strings("as-groups") { headers.append(("Impersonate-Group", group)) }
        for (key, values) in try user.members("as-user-extra").sorted(by: { $0.key < $1.key }) {
            guard case .sequence(let elements) = values.content else { throw values.error(.invalid, "expected a list") }
            for element in elements { headers.append(("Impersonate-Extra-\(escaped(key))", try element.string())) }
        }
        guard name != nil || headers.isEmpty else {
            throw user.error(.contradiction, "as-uid, as-groups and as-user-extra need 'as'")
        }
        guard headers.allSatisfy({ $0.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else {
            throw user.error(.invalid, "'as' or what belongs to it holds control characters")
        }
        return headers
    }

    /// A header's name: what is no token character of HTTP, and `%`, is percent-encoded, as in client-go.
    private func escaped(_ key: String) -> String {
        var escaped: [UInt8] = []
        for byte in key.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                escaped.append(byte)
            case _ where "!#$&'*+-.^_`|~".utf8.contains(byte):
                escaped.append(byte)
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped.append(contentsOf: "%\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    private func lastKey(_ value: KubeconfigValue) -> Substring { value.path.split(separator: ".").last ?? "" }
}
