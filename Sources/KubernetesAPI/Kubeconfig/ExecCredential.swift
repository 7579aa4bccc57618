internal import OrderedJSON

/// What a credential plug-in answers: an `ExecCredential` with a token, a certificate and its key, or both.
enum ExecCredential {
    /// - Parameter apiVersion: the version that the plug-in was asked for; it must answer in it.
    /// - Throws: ``CredentialFailure``, which repeats nothing of the answer but its version.
    static func issued(_ output: [UInt8], apiVersion: String) throws(CredentialFailure) -> IssuedCredential {
        guard let answer = try? JSON(parsing: output), answer.object != nil else { throw CredentialFailure("not JSON") }
        guard answer["kind"]?.string == "ExecCredential" else { throw CredentialFailure("not an ExecCredential") }
        guard answer["apiVersion"]?.string == apiVersion else {
            let version = answer["apiVersion"]?.string.map { String($0.prefix(80)) } ?? "none"
            throw CredentialFailure("the kubeconfig asks for apiVersion \(apiVersion), the answer is of \(version)")
        }
        guard let status = answer["status"], status.object != nil else { throw CredentialFailure("it has no status") }
        var credential = Credential()
        if let token = text(status, "token") {
            guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw CredentialFailure("its token holds characters that no token has")
            }
            credential = .bearer(token)
        }
        switch (text(status, "clientCertificateData"), text(status, "clientKeyData")) {
        case (nil, nil): break
        case (let certificate?, let key?):
            credential.identity = try ClientIdentity(certificatePEM: Array(certificate.utf8), keyPEM: Array(key.utf8))
        default: throw CredentialFailure("it has one of clientCertificateData and clientKeyData without the other")
        }
        guard credential != .none else { throw CredentialFailure("it has neither a token nor a certificate") }
        return IssuedCredential(credential: credential, expiry: try expiry(status))
    }

    private static func text(_ status: JSON, _ key: String) -> String? {
        status[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func expiry(_ status: JSON) throws(CredentialFailure) -> Double? {
        guard let value = status["expirationTimestamp"], !value.isNull else { return nil }
        guard let seconds = value.string.flatMap(RFC3339.seconds) else {
            throw CredentialFailure("its expirationTimestamp is not an RFC 3339 time")
        }
        return seconds
    }
}
