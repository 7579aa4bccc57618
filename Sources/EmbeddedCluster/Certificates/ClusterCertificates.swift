internal import Crypto
internal import FoundationEssentials
internal import LocalFiles
internal import SwiftASN1
internal import X509

/// The cluster's own certificate authority, and the server's certificate, as they lie in the folder. Made on first
/// start.
struct ClusterCertificates: Sendable {
    /// PEM.
    let authority: String
    let server: String
    let serverKey: String

    private static let authorityLifetime = Duration.seconds(3650 * 86400)
    private static let serverLifetime = Duration.seconds(365 * 86400)
    /// A certificate is replaced when less than this is left of it.
    private static let renewal = Duration.seconds(90 * 86400)

    /// Reads what is there, and makes what is missing or about to expire.
    static func load(_ folder: ClusterFolder, now: Timestamp) throws -> ClusterCertificates {
        do {
            let authority = try Authority.load(folder, now: now)
            if let existing = try? existing(folder, authority, now) { return existing }
            let key = P256.Signing.PrivateKey()
            let certificate = try authority.sign(
                key.publicKey, commonName: "kube-apiserver", from: now, lifetime: serverLifetime)
            let made = ClusterCertificates(
                authority: try authority.certificate.serializeAsPEM().pemString,
                server: try certificate.serializeAsPEM().pemString, serverKey: key.pemRepresentation)
            // The key first: a certificate is found only beside the key that it is for.
            try PrivateFile.write(made.serverKey, to: folder.serverKeyPath)
            try PrivateFile.write(made.server, to: folder.serverCertificatePath)
            return made
        } catch let error as FileError {
            throw EmbeddedClusterError.folderUnusable(folder.path, error)
        } catch let error as EmbeddedClusterError {
            throw error
        } catch {
            throw EmbeddedClusterError.certificates(folder.certificateAuthorityPath, error)
        }
    }

    /// nil where the server's certificate is about to expire, or is not of this authority and key.
    private static func existing(_ folder: ClusterFolder, _ authority: Authority, _ now: Timestamp) throws -> Self? {
        let serverText = try text(folder.serverCertificatePath)
        let keyText = try text(folder.serverKeyPath)
        let certificate = try Certificate(pemEncoded: serverText)
        let key = try P256.Signing.PrivateKey(pemRepresentation: keyText)
        guard certificate.publicKey == Certificate.PublicKey(key.publicKey),
            authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate),
            certificate.notValidAfter > (now + renewal).date
        else { return nil }
        return Self(
            authority: try authority.certificate.serializeAsPEM().pemString, server: serverText, serverKey: keyText)
    }

    fileprivate static func text(_ path: String) throws -> String {
        String(decoding: try PrivateFile.read(path), as: UTF8.self)
    }

    /// Who signs.
    private struct Authority {
        let certificate: Certificate
        let key: P256.Signing.PrivateKey

        static func load(_ folder: ClusterFolder, now: Timestamp) throws -> Authority {
            let names = try FolderTree.entries(of: folder.path)
            guard names.contains("ca.key"), names.contains("ca.crt") else { return try make(folder, now) }
            let key: P256.Signing.PrivateKey
            let certificate: Certificate
            do {
                key = try P256.Signing.PrivateKey(pemRepresentation: text(folder.certificateAuthorityKeyPath))
                certificate = try Certificate(pemEncoded: text(folder.certificateAuthorityPath))
            } catch {
                throw EmbeddedClusterError.certificates(folder.certificateAuthorityPath, error)
            }
            guard certificate.publicKey == Certificate.PublicKey(key.publicKey),
                certificate.notValidAfter > (now + renewal).date
            else { return try make(folder, now) }
            return Authority(certificate: certificate, key: key)
        }

        private static func make(_ folder: ClusterFolder, _ now: Timestamp) throws -> Authority {
            let key = P256.Signing.PrivateKey()
            let name = try DistinguishedName { CommonName("stowage-cluster-ca") }
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey),
                notValidBefore: (now - .seconds(300)).date, notValidAfter: (now + authorityLifetime).date, issuer: name,
                subject: name, signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                    SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
                }, issuerPrivateKey: Certificate.PrivateKey(key))
            try PrivateFile.write(key.pemRepresentation, to: folder.certificateAuthorityKeyPath)
            try PrivateFile.write(try certificate.serializeAsPEM().pemString, to: folder.certificateAuthorityPath)
            return Authority(certificate: certificate, key: key)
        }

        func sign(
            _ publicKey: P256.Signing.PublicKey, commonName: String, from now: Timestamp, lifetime: Duration
        ) throws -> Certificate {
            let names: [GeneralName] = [
                .dnsName("localhost"), .dnsName("kubernetes.default.svc"),
                .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                .ipAddress(ASN1OctetString(contentBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
            ]
            return try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(publicKey),
                notValidBefore: (now - .seconds(300)).date, notValidAfter: (now + lifetime).date,
                issuer: certificate.subject, subject: try DistinguishedName { CommonName(commonName) },
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    try ExtendedKeyUsage([.serverAuth])
                    SubjectAlternativeNames(names)
                    AuthorityKeyIdentifier(
                        keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
                }, issuerPrivateKey: Certificate.PrivateKey(key))
        }
    }
}

extension Timestamp {
    fileprivate var date: Date { Date(timeIntervalSince1970: Double(seconds)) }
}
