/// What a request is about, in the words of messages: `GET secrets/x in namespace y at https://...`.
enum RequestTarget {
    /// - Parameter server: the cluster's address.
    static func description(of request: APIRequest, at server: String) -> String {
        "\(request.verb.rawValue) \(resource(in: request.path)) at \(server)"
    }

    /// Query values can hold what is nobody's business, so a path is named without its query.
    private static func resource(in path: String) -> String {
        let path = path.prefix { $0 != "?" }
        var parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "api" where parts.count > 2: parts.removeFirst(2)
        case "apis" where parts.count > 3: parts.removeFirst(3)
        default: return String(path)
        }
        guard parts.count > 2, parts[0] == "namespaces" else { return parts.joined(separator: "/") }
        return "\(parts[2...].joined(separator: "/")) in namespace \(parts[1])"
    }
}
