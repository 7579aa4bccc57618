internal import OrderedJSON

extension KubernetesError {
    /// The error that an answer with a status of 400 or more is.
    init(answer response: APIResponse, body: [UInt8], target: String) {
        let status = (try? JSON(parsing: body)).flatMap { Status(json: $0) }
        let cause =
            switch status {
            case let status? where !status.message.isEmpty: status.message
            case _?: "the cluster answered \(response.status) without a message"
            case nil:
                "the server answered \(response.status) without a Kubernetes Status"
                    + (response.header("Content-Type").map { " (\($0.prefix(60)))" } ?? "")
            }
        self.init(
            Self.code(of: response.status, reason: status?.reason), status: status, target: target, cause: cause)
    }

    private static func code(of status: Int, reason: String?) -> Code {
        switch status {
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 409: reason == "AlreadyExists" ? .alreadyExists : .conflict
        case 410: .expired
        case 400, 422: .invalid
        case 413: .tooLarge
        case 429: .tooManyRequests
        case 500...: .server
        default: .badResponse
        }
    }
}
