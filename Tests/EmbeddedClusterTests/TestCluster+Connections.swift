import NIOCore
import OrderedJSON
import TestScopes

extension TestCluster {
    var port: Int { Int(server.split(separator: ":").last ?? "") ?? 0 }

    /// The head of a request of the administrator, without the empty line at its end.
    func head(_ requestLine: String, _ fields: String...) -> String {
        ([requestLine, "Host: 127.0.0.1", "Authorization: Bearer \(administratorToken)"] + fields)
            .map { "\($0)\r\n" }.joined()
    }

    /// Connects for the time of the body.
    func withConnection<T: Sendable>(
        _ encryption: RawConnection.Encryption = .tls(nil), _ body: (inout RawConnection) async throws -> T
    ) async throws -> T {
        try await RawConnection.with(port: port, encryption, body)
    }

    /// Sends it on a connection of its own.
    ///
    /// - Returns: what came until the server closed the connection.
    func exchange(_ request: String) async throws -> String {
        try await withConnection { connection in
            try await connection.send(request)
            return await connection.receiveAll()
        }
    }

    /// Connections on which nothing is sent; closed by the caller.
    func openIdleConnections(_ count: Int) async throws -> [any Channel] {
        try await RawConnection.idle(count, port: port)
    }

    /// Whether requests are answered, and secrets are as many as before.
    func goesOn(secrets count: Int = 0) async throws -> Bool {
        let answer = try await send("GET", "/api/v1/namespaces/default/secrets")
        return try answer.status == 200 && answer.json["items"]?.array?.count == count
    }
}
