internal import KubernetesAPI

/// Certificates and keys as files hold them.
enum KeyMaterial {
    static let certificates = "base64 of one or more PEM certificates, as in a kubeconfig"
    static let privateKey = "base64 of an unencrypted PEM key, as in a kubeconfig"

    /// Why the text is not base64 of what the check accepts; nil when it is.
    static func fault(_ text: String, is what: String, _ check: ([UInt8]) -> Bool) -> String? {
        if text.contains("-----BEGIN") { return "is PEM itself; encode it: base64 -w0 FILE" }
        guard let bytes = try? Base64.decode(text) else { return "is not base64" }
        return check(bytes) ? nil : "is base64, but not of \(what)"
    }

    static func certificatesFault(_ text: String) -> String? {
        fault(text, is: "a PEM certificate", ConnectionParts.areCertificates)
    }

    static func privateKeyFault(_ text: String) -> String? {
        fault(text, is: "an unencrypted PEM key", ConnectionParts.isPrivateKey)
    }

    /// The text that was encoded; PEM is ASCII.
    static func decoded(_ text: String) -> String {
        String(decoding: (try? Base64.decode(text)) ?? [], as: UTF8.self)
    }

    static func belongTogether(_ certificate: String, _ key: String) -> Bool {
        ConnectionParts.belongTogether(certificate: Array(certificate.utf8), key: Array(key.utf8))
    }

    static let publicKey = "an Ed25519 public key as PEM (-----BEGIN PUBLIC KEY-----)"

    /// What stands before the 32 bytes of an Ed25519 key. Source: RFC 8410, section 4.
    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// Why the text is not an Ed25519 public key; nil when it is.
    static func publicKeyFault(_ text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
            .map { line in String(line.reversed().trimmingPrefix(while: \.isWhitespace).reversed()) }
            .filter { !$0.isEmpty }
        if text.contains("PRIVATE KEY") { return "is a private key; only its public half belongs here" }
        guard lines.first == "-----BEGIN PUBLIC KEY-----", lines.last == "-----END PUBLIC KEY-----", lines.count > 2
        else {
            return lines.count == 1 && text.contains("-----BEGIN")
                ? "lost its line breaks; write it as a block, after 'key: |'" : "is not a PEM public key"
        }
        guard let bytes = try? Base64.decode(lines.dropFirst().dropLast().joined()) else {
            return "is not base64 between its first and last line"
        }
        guard bytes.count == ed25519Prefix.count + 32, bytes.starts(with: ed25519Prefix) else {
            return "is a public key, but not an Ed25519 one"
        }
        return nil
    }
}
