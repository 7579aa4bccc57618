internal import LocalFiles
internal import Logging
internal import NIOSSL
internal import ServiceLifecycle
internal import Synchronization

/// The server's certificate and its key, as their files had them when they were looked at last and belonged together.
final class ServerCertificate: Sendable {
    struct Pair: Sendable {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey

        /// - Throws: what NIOSSL does where a file is no PEM, or the two do not belong together.
        init(certificatePath: String, keyPath: String) throws {
            chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
            key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
            _ = try NIOSSLContext(configuration: configuration)
        }

        var configuration: TLSConfiguration {
            .makeServerConfiguration(certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        }
    }

    private let certificatePath: String
    private let keyPath: String
    private let pair: Mutex<Pair>

    init(certificatePath: String, keyPath: String) throws {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        pair = Mutex(try Pair(certificatePath: certificatePath, keyPath: keyPath))
    }

    var current: Pair { pair.withLock { $0 } }

    /// For each new connection.
    var override: NIOSSLContextConfigurationOverride {
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = current.chain.map { .certificate($0) }
        override.privateKey = .privateKey(current.key)
        return override
    }

    /// Looks at the files.
    ///
    /// - Returns: whether there is another certificate in them.
    func reload() async throws -> Bool {
        let (certificatePath, keyPath) = (certificatePath, keyPath)
        let read = try await offloading { try Pair(certificatePath: certificatePath, keyPath: keyPath) }
        return pair.withLock { pair in
            let isRenewed = pair.chain != read.chain
            pair = read
            return isRenewed
        }
    }
}

/// Takes up a certificate that was renewed.
struct CertificateRenewal: Service {
    let certificate: ServerCertificate
    let interval: Duration
    let record: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastFailure = ""
            while !Task.isCancelled {
                // Cancelled: time to end.
                try? await Task.sleep(for: interval)
                do {
                    if try await certificate.reload() { record.notice("the certificate was renewed") }
                    lastFailure = ""
                } catch {
                    // While somebody writes the two files, they do not belong together.
                    guard lastFailure != "\(error)" else { continue }
                    lastFailure = "\(error)"
                    record.warning(
                        "the files of the certificate cannot be used; the one before stays",
                        metadata: ["error": .string(lastFailure)])
                }
            }
        }
    }
}
