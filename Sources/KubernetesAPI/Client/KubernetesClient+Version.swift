internal import OrderedJSON

/// What a server says about itself.
public struct ServerVersion: Sendable, Hashable {
    /// `v1.36.2`, with whatever a distribution adds.
    public let text: String
    /// How far the server's clock is ahead of this machine's, in seconds; nil where it does not tell the time.
    public let clockSkew: Double?
    /// How wrong `clockSkew` can be, in seconds: servers tell the time in whole seconds, and requests take time.
    public let clockUncertainty: Double
}

extension KubernetesClient {
    /// The server's version and time.
    ///
    /// - Throws: ``KubernetesError``.
    public func serverVersion() async throws -> ServerVersion {
        let request = APIRequest(.get, "/version", headers: [("Accept", "application/json")])
        let start = WallClock.now()
        let response = try await send(request)
        let end = WallClock.now()
        let body = try await response.collect(upTo: 65536)
        guard response.status == 200 else {
            throw KubernetesError(answer: response, body: body, target: target(request))
        }
        guard let version = (try? JSON(parsing: body))?["gitVersion"]?.string else {
            throw KubernetesError(.badResponse, target: target(request), cause: "the answer is no version")
        }
        let date = response.header("Date").flatMap { HTTPDate.seconds($0) }
        return ServerVersion(
            text: version, clockSkew: date.map { $0 + 0.5 - (start + end) / 2 },
            clockUncertainty: 0.5 + (end - start) / 2)
    }
}

/// Times as HTTP writes them: `Wed, 25 Nov 2026 00:48:45 GMT` (RFC 9110, IMF-fixdate).
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970; nil for anything else.
    static func seconds(_ text: String) -> Double? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let number = month + 1
        return RFC3339.seconds("\(words[3])-\(number < 10 ? "0" : "")\(number)-\(words[1])T\(words[4])Z")
    }
}
