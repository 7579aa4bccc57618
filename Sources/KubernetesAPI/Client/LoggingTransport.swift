internal import Logging

/// Says at debug level what was asked, what was answered and how long it took; never headers or bodies.
struct LoggingTransport: Transport {
    let next: any Transport
    let logger: Logger

    init(_ next: any Transport, logger: Logger) {
        self.next = next
        self.logger = logger
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        guard logger.logLevel <= .debug else { return try await next.send(request) }
        var logger = logger
        logger[metadataKey: "request"] = "\(String(UInt32.random(in: 0 ... .max), radix: 16))"
        logger[metadataKey: "verb"] = "\(request.verb.rawValue)"
        logger[metadataKey: "path"] = "\(Self.loggable(request.path))"
        let start = ContinuousClock.now
        do {
            let response = try await next.send(request)
            logger.debug(
                "request answered",
                metadata: ["status": "\(response.status)", "duration": "\(ContinuousClock.now - start)"])
            return response
        } catch {
            let cause = (error as? KubernetesError)?.cause ?? "\(type(of: error))"
            logger.debug(
                "request failed", metadata: ["cause": "\(cause)", "duration": "\(ContinuousClock.now - start)"])
            throw error
        }
    }

    /// The path with the names in its query and without their values, which can be continuation tokens and the like.
    static func loggable(_ path: String) -> String {
        let halves = path.split(separator: "?", maxSplits: 1)
        guard halves.count == 2 else { return path }
        let names = halves[1].split(separator: "&").map { $0.prefix { $0 != "=" } }
        return "\(halves[0])?\(names.joined(separator: "&"))"
    }
}
